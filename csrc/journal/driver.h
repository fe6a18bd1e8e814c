/* The interface to a journal's database: read records, write several atomically if none has
 * changed, list them. The thread of journal/thread.h calls a driver: sqlite.c or postgresql.c.
 * Knows no Lua.
 *
 * A record is a key, a version that starts at 1 and grows by 1 with each write, and a value. */
#ifndef TN_JOURNAL_DRIVER_H
#define TN_JOURNAL_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

#define TN_STORE_MESSAGE_MAX 300 /* bytes, including the NUL; a message contains no secret */
#define TN_STORE_ERA_MAX 80

enum tn_store_operation { TN_STORE_READ, TN_STORE_APPLY, TN_STORE_SCAN };

enum tn_store_status {
    TN_STORE_DONE,    /* read; or written, and durable */
    TN_STORE_DIFFERS, /* apply: a version differs, and nothing was written */
    TN_STORE_FAILED,  /* nothing was written, and nothing will be */
    TN_STORE_UNHEARD  /* it may have been written, or may be yet */
};

/* Bytes, followed by a NUL that `length` does not count. */
struct tn_bytes {
    char *bytes; /* NULL: none */
    size_t length;
};

struct tn_record {
    struct tn_bytes key;
    int64_t version;       /* apply: the one to replace, 0: none yet; read: 0: no record */
    struct tn_bytes value; /* apply: NULL: delete the record */
};

/* One request, and its result. The owner of a request owns all that it points to. */
struct tn_store_request {
    enum tn_store_operation operation;
    unsigned tag;
    double deadline; /* on tn_clock_now()'s clock; the driver waits no longer */

    /* read: the keys; apply: what to write, sorted by key; scan: the result */
    struct tn_record *records;
    size_t count, room;

    /* scan: at most `limit` keys with this prefix, in byte order, after `after` */
    struct tn_bytes prefix, after;
    size_t limit;

    enum tn_store_status status;
    char message[TN_STORE_MESSAGE_MAX]; /* if it failed or is unheard */
    int64_t now; /* read: milliseconds of the store's clock, in its era */
    char era[TN_STORE_ERA_MAX];

    struct tn_store_request *next;
};

/* A kind of database. Only the journal's thread calls these functions. */
struct tn_store_driver {
    /* Runs a list of requests, in any order, and fills in their results. Opens or reopens the
     * database if needed. May write several requests in one transaction, provided that one
     * which differs or fails does not affect the others. */
    void (*run)(void *database, struct tn_store_request *first);
    void (*close)(void *database); /* frees it too; NULL is allowed */

    /* The most requests that run() is given at once; either all of them apply writes or none
     * does. Their results are reported together, when run() returns. */
    size_t most;
};

/* Create a database, and copy the strings. NULL if there is no memory. */
void *tn_sqlite_new(const char *path, bool create);
void *tn_postgresql_new(const char *conninfo, bool create);
extern const struct tn_store_driver tn_sqlite_driver, tn_postgresql_driver;

/* Appends a copy of a record to the result of a scan; false if there is no memory. */
bool tn_store_add_record(struct tn_store_request *request, const char *key, size_t key_length,
                         int64_t version, const char *value, size_t value_length);

/* Replaces the value of a record by a copy; false if there is no memory. */
bool tn_store_set_value(struct tn_record *record, const char *value, size_t length);

/* Sets the status and a printf-style message, truncated to its size. */
void tn_store_fail(struct tn_store_request *request, enum tn_store_status status,
                   const char *format, ...) __attribute__((format(printf, 3, 4)));

#pragma GCC visibility pop

#endif
