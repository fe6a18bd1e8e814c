/* The part of SQLite that is used, declared here, so that the build needs no header of SQLite.
 * spec/support/sqlite_types.c, run by tools/lint, compares it with the real one. */
#ifndef TN_JOURNAL_SQLITE_LIBRARY_H
#define TN_JOURNAL_SQLITE_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

#include "journal/library.h"

#pragma GCC visibility push(hidden)

struct sqlite3;
struct sqlite3_stmt;

/* X(return type, name without sqlite3_, types of the arguments) */
#define TN_SQLITE_FUNCTIONS(X)                                                                 \
    X(int, threadsafe, (void))                                                                 \
    X(int, open_v2, (const char *, struct sqlite3 **, int, const char *))                      \
    X(int, close, (struct sqlite3 *))                                                          \
    X(int, extended_result_codes, (struct sqlite3 *, int))                                     \
    X(int, busy_handler, (struct sqlite3 *, int (*)(void *, int), void *))                     \
    X(int, file_control, (struct sqlite3 *, const char *, int, void *))                        \
    X(int, changes, (struct sqlite3 *))                                                        \
    X(int, get_autocommit, (struct sqlite3 *))                                                 \
    X(int, exec,                                                                               \
      (struct sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *,         \
       char **))                                                                               \
    X(int, prepare_v2,                                                                         \
      (struct sqlite3 *, const char *, int, struct sqlite3_stmt **, const char **))            \
    X(int, bind_text, (struct sqlite3_stmt *, int, const char *, int, void (*)(void *)))       \
    X(int, bind_int64, (struct sqlite3_stmt *, int, TN_SQLITE_INT64))                          \
    X(int, step, (struct sqlite3_stmt *))                                                      \
    X(int, reset, (struct sqlite3_stmt *))                                                     \
    X(int, clear_bindings, (struct sqlite3_stmt *))                                            \
    X(int, finalize, (struct sqlite3_stmt *))                                                  \
    X(TN_SQLITE_INT64, column_int64, (struct sqlite3_stmt *, int))                             \
    X(const void *, column_blob, (struct sqlite3_stmt *, int))                                 \
    X(int, column_bytes, (struct sqlite3_stmt *, int))

typedef long long tn_sqlite_int64;
#ifndef TN_SQLITE_INT64
#define TN_SQLITE_INT64 tn_sqlite_int64
#endif

#define TN_SQLITE_FIELD(result, name, arguments) result(*name) arguments;
struct tn_sqlite_functions {
    TN_SQLITE_FUNCTIONS(TN_SQLITE_FIELD)
};

/* SQLite's constants of the same names, without TN_. */
enum {
    TN_SQLITE_OK = 0,
    TN_SQLITE_ERROR = 1,
    TN_SQLITE_PERM = 3,
    TN_SQLITE_BUSY = 5,
    TN_SQLITE_LOCKED = 6,
    TN_SQLITE_NOMEM = 7,
    TN_SQLITE_READONLY = 8,
    TN_SQLITE_IOERR = 10,
    TN_SQLITE_CORRUPT = 11,
    TN_SQLITE_FULL = 13,
    TN_SQLITE_CANTOPEN = 14,
    TN_SQLITE_PROTOCOL = 15,
    TN_SQLITE_NOTADB = 26,
    TN_SQLITE_ROW = 100,
    TN_SQLITE_DONE = 101,

    TN_SQLITE_OPEN_READWRITE = 0x2,
    TN_SQLITE_OPEN_NOMUTEX = 0x8000,
    TN_SQLITE_FCNTL_HAS_MOVED = 20
};

/* The primary result code, which is the low byte of an extended one. */
#define TN_SQLITE_PRIMARY(code) ((code)&0xff)

extern const struct tn_library tn_sqlite_library;

#pragma GCC visibility pop

#endif
