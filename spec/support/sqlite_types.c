/* Compares what csrc/journal/sqlite_library.h declares with SQLite's own header. tools/lint compiles
 * it, which fails if they differ; nothing runs it. */
#include <sqlite3.h>

/* The journal's code has a name of its own for the same integer. */
#define TN_SQLITE_INT64 sqlite3_int64
#include "journal/sqlite_library.h"

extern const struct tn_sqlite_functions tn_sqlite_compared;
const struct tn_sqlite_functions tn_sqlite_compared = {
#define COMPARE(result, name, arguments) .name = sqlite3_##name,
    TN_SQLITE_FUNCTIONS(COMPARE)
#undef COMPARE
};

#define SAME(name) _Static_assert((int)TN_##name == (int)(name), #name)

_Static_assert(sizeof(tn_sqlite_int64) == sizeof(sqlite3_int64), "sqlite3_int64");
SAME(SQLITE_OK);
SAME(SQLITE_PERM);
SAME(SQLITE_BUSY);
SAME(SQLITE_LOCKED);
SAME(SQLITE_NOMEM);
SAME(SQLITE_READONLY);
SAME(SQLITE_IOERR);
SAME(SQLITE_CORRUPT);
SAME(SQLITE_FULL);
SAME(SQLITE_CANTOPEN);
SAME(SQLITE_PROTOCOL);
SAME(SQLITE_NOTADB);
SAME(SQLITE_ROW);
SAME(SQLITE_DONE);
SAME(SQLITE_OPEN_READWRITE);
SAME(SQLITE_OPEN_NOMUTEX);
SAME(SQLITE_FCNTL_HAS_MOVED);
