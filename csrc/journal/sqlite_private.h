/* The struct of the SQLite driver, for sqlite.c, sqlite_open.c, sqlite_create.c, sqlite_read.c
 * and sqlite_write.c. All of it belongs to the journal's thread. */
#ifndef TN_JOURNAL_SQLITE_PRIVATE_H
#define TN_JOURNAL_SQLITE_PRIVATE_H

#include "journal/driver.h"
#include "journal/sqlite_library.h"

#pragma GCC visibility push(hidden)

/* The prepared statements. */
enum tn_sqlite_statement {
    TN_SQLITE_SELECT,
    TN_SQLITE_SCAN,
    TN_SQLITE_SCAN_TO, /* with an end */
    TN_SQLITE_INSERT,
    TN_SQLITE_UPDATE,
    TN_SQLITE_DELETE,
    TN_SQLITE_STATEMENTS /* how many */
};

/* The most write requests that share a transaction. */
#define TN_SQLITE_GROUP_MAX 64

struct tn_sqlite {
    struct tn_sqlite_functions call;
    bool has_library;
    bool create;
    char *path;               /* absolute, so that chdir() does not move it */
    const char *name;         /* the end of the path, for messages */
    struct sqlite3 *database; /* NULL: not open */
    struct sqlite3_stmt *statements[TN_SQLITE_STATEMENTS];
    char era[TN_STORE_ERA_MAX];
    double deadline; /* until when SQLite waits for locks */
};

/* The application ID and user version that mark a file as a journal, in SQLite's header. */
#define TN_SQLITE_APPLICATION 0x546e756d /* "Tnum" */
#define TN_SQLITE_FORMAT 1

/* ---- sqlite.c ---- */

/* Runs SQL that returns no row. Returns SQLite's result code. */
int tn_sqlite_exec(const struct tn_sqlite *self, struct sqlite3 *database, const char *sql);

/* Writes what a result code means, with the journal's name. */
void tn_sqlite_explain(const struct tn_sqlite *self, int code, char *message, size_t size);

/* Ends a request with the meaning of a result code. */
void tn_sqlite_refuse(const struct tn_sqlite *self, struct tn_store_request *request,
                      enum tn_store_status status, int code);

/* Makes SQLite wait for locks until that time, and no longer. */
void tn_sqlite_wait_until(struct tn_sqlite *self, double deadline);

/* Closes the database after an error that may be due to this connection, so that the next use
 * reopens it. Other processes' locks are not such an error. */
void tn_sqlite_note_error(struct tn_sqlite *self, int code);

/* Ends a request if its deadline has passed; returns whether it has. */
bool tn_sqlite_is_late(const struct tn_sqlite *self, struct tn_store_request *request);

/* ---- sqlite_open.c ---- */

/* Opens the database unless it is open. False with a message. */
bool tn_sqlite_open(struct tn_sqlite *self, double deadline, char *message, size_t size);

/* Safe to call if it is not open. */
void tn_sqlite_close(struct tn_sqlite *self);

/* Returns a prepared statement; NULL, with SQLite's result code, if preparing it failed. */
struct sqlite3_stmt *tn_sqlite_prepare(struct tn_sqlite *self, enum tn_sqlite_statement which,
                                       int *code);

/* Binds bytes; the statement uses them until it is reset. */
int tn_sqlite_bind(const struct tn_sqlite *self, struct sqlite3_stmt *statement, int place,
                   const struct tn_bytes *bytes);

/* Resets a statement for its next use; returns the result code of its last one. */
int tn_sqlite_reset(const struct tn_sqlite *self, struct sqlite3_stmt *statement);

/* ---- sqlite_create.c ---- */

/* Creates the journal, completely or not at all. True if there is one, even if another process
 * created it meanwhile. */
bool tn_sqlite_create(const struct tn_sqlite *self, char *message, size_t size);

/* ---- sqlite_read.c ---- */

void tn_sqlite_read(struct tn_sqlite *self, struct tn_store_request *request);
void tn_sqlite_scan(struct tn_sqlite *self, struct tn_store_request *request);

/* ---- sqlite_write.c ---- */

/* Runs the requests of the list that apply writes. */
void tn_sqlite_write(struct tn_sqlite *self, struct tn_store_request *first);

#pragma GCC visibility pop

#endif
