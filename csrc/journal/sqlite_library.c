/* See sqlite_library.h. */
#include "journal/sqlite_library.h"

#define SYMBOL(result, name, arguments)                                                        \
    { "sqlite3_" #name, offsetof(struct tn_sqlite_functions, name) },
static const struct tn_library_symbol symbols[] = { TN_SQLITE_FUNCTIONS(SYMBOL) };

/* The first is SQLite 3's name since 2004. */
static const char *const files[] = { "libsqlite3.so.0", "libsqlite3.dylib",
                                     "/usr/lib/libsqlite3.dylib", NULL };

const struct tn_library tn_sqlite_library = { "SQLite", "libsqlite3-0", files, symbols,
                                              sizeof symbols / sizeof *symbols };
