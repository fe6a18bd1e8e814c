/* See sqlite_library.h. */
#include "journal/sqlite_library.h"

/* Declares the dependency to packaging tools, which cannot see it through the linker:
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
#if defined(__ELF__) && defined(__GNUC__)
#define NOTE                                                                                   \
    "[{\"soname\":[\"libsqlite3.so.0\"],\"feature\":\"sqlite\","                               \
    "\"description\":\"Journals of purchases in a file\",\"priority\":\"recommended\"}]"

__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {
    uint32_t name_size, size, type;
    char name[4];
    char text[sizeof NOTE];
} note = { sizeof "FDO", sizeof NOTE, 0x407c0c0a, "FDO", NOTE };
#endif

#define SYMBOL(result, name, arguments)                                                        \
    { "sqlite3_" #name, offsetof(struct tn_sqlite_functions, name) },
static const struct tn_library_symbol symbols[] = { TN_SQLITE_FUNCTIONS(SYMBOL) };

/* The first has been SQLite 3's name since 2004. */
static const char *const files[] = { "libsqlite3.so.0", "libsqlite3.dylib",
                                     "/usr/lib/libsqlite3.dylib", NULL };

const struct tn_library tn_sqlite_library = { "SQLite", "libsqlite3-0", files, symbols,
                                              sizeof symbols / sizeof *symbols };
