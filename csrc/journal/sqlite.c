/* The SQLite driver: a journal in a file, for the processes of one machine. See driver.h.
 *
 * Rollback journal, journal_mode=TRUNCATE and synchronous=EXTRA: an acknowledged commit
 * survives a power cut. Not WAL: SQLite 3.7.0 to 3.51.2 may corrupt a file in that mode when
 * two connections checkpoint while a third one commits. */
#define _GNU_SOURCE
#include "journal/sqlite_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "journal/sqlite_file.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* Seconds between attempts at another process's lock: LOCK_FIRST, doubled LOCK_DOUBLINGS times.
 */
#define LOCK_FIRST 0.0005
#define LOCK_DOUBLINGS 5
#define LOCK_LAST 0.016

/* ---- errors ---- */

static const struct {
    int code;
    const char *words;
} meanings[] = {
    { TN_SQLITE_PERM, "cannot be used: permission denied" },
    { TN_SQLITE_BUSY, "is locked by another process, for longer than the deadline allows" },
    { TN_SQLITE_LOCKED, "is locked by another process, for longer than the deadline allows" },
    { TN_SQLITE_NOMEM, "cannot be used: not enough memory" },
    { TN_SQLITE_READONLY, "cannot be written: it or its folder is read-only" },
    { TN_SQLITE_IOERR, "cannot be used: the disk reports an error" },
    { TN_SQLITE_CORRUPT, "is corrupt: stop the processes that use it, then restore it" },
    { TN_SQLITE_FULL, "cannot be written: the disk is full" },
    { TN_SQLITE_CANTOPEN, "cannot be opened: check the permissions of it and of its folder" },
    { TN_SQLITE_PROTOCOL, "cannot be locked" },
    { TN_SQLITE_NOTADB, "is not a journal: it is not an SQLite database" },
};

void tn_sqlite_explain(const struct tn_sqlite *self, int code, char *message, size_t size) {
    const char *words = "cannot be used";
    /* our statements fail so only without their table, or where it is being created */
    if (TN_SQLITE_PRIMARY(code) == TN_SQLITE_ERROR && self->database)
        words = "has lost its table: stop the processes that use it, then restore it";
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == TN_SQLITE_PRIMARY(code))
            words = meanings[i].words;
    (void)snprintf(message, size, "the journal %s %s (SQLite error %d)", self->name, words,
                   code);
}

void tn_sqlite_refuse(const struct tn_sqlite *self, struct tn_store_request *request,
                      enum tn_store_status status, int code) {
    request->status = status;
    tn_sqlite_explain(self, code, request->message, sizeof request->message);
}

void tn_sqlite_note_error(struct tn_sqlite *self, int code) {
    int primary = TN_SQLITE_PRIMARY(code);
    if (primary != TN_SQLITE_OK && primary != TN_SQLITE_BUSY && primary != TN_SQLITE_LOCKED)
        tn_sqlite_close(self);
}

bool tn_sqlite_is_late(const struct tn_sqlite *self, struct tn_store_request *request) {
    bool is_late = tn_clock_now() >= request->deadline;
    if (is_late)
        tn_store_fail(request, TN_STORE_FAILED, "the journal %s was not used: no time was left",
                      self->name);
    return is_late;
}

int tn_sqlite_exec(const struct tn_sqlite *self, struct sqlite3 *database, const char *sql) {
    return self->call.exec(database, sql, NULL, NULL, NULL);
}

/* SQLite's busy handler, called while another process holds a lock; 0 ends the wait. SQLite's
 * own handler counts the time that it asked to sleep, so it ends late on a busy machine. */
static int wait_for_lock(void *user, int times) {
    const struct tn_sqlite *self = user;
    double left = self->deadline - tn_clock_now();
    double pause = times < LOCK_DOUBLINGS ? LOCK_FIRST * (1 << times) : LOCK_LAST;
    if (!(left > 0))
        return 0;
    tn_clock_sleep(pause < left ? pause : left);
    return 1;
}

void tn_sqlite_wait_until(struct tn_sqlite *self, double deadline) {
    self->deadline = deadline;
    self->call.busy_handler(self->database, wait_for_lock, self);
}

/* ---- the driver ---- */

/* Makes a path absolute. NULL if there is no memory or no such folder. */
static char *absolute(const char *path) {
    char folder[PATH_MAX];
    if (path[0] == '/')
        return strdup(path);
    if (!getcwd(folder, sizeof folder))
        return NULL;
    size_t size = strlen(folder) + 1 + strlen(path) + 1;
    char *whole = malloc(size);
    if (whole)
        (void)snprintf(whole, size, "%s/%s", folder, path);
    return whole;
}

void *tn_sqlite_new(const char *path, bool create) {
    struct tn_sqlite *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->create = create;
    self->path = absolute(path);
    if (self->path) {
        self->name = tn_sqlite_file_name(self->path);
        return self;
    }
    free(self);
    return NULL;
}

static void close_and_free(void *database) {
    struct tn_sqlite *self = database;
    if (!self)
        return;
    tn_sqlite_close(self);
    free(self->path);
    free(self);
}

/* Opens the database for a request, waiting until its deadline. If that fails, fails the
 * request and returns false. */
static bool open_for(struct tn_sqlite *self, struct tn_store_request *request) {
    char message[TN_STORE_MESSAGE_MAX];
    if (tn_sqlite_open(self, request->deadline, message, sizeof message))
        return true;
    tn_store_fail(request, TN_STORE_FAILED, "%s", message);
    return false;
}

static void run(void *database, struct tn_store_request *first) {
    struct tn_sqlite *self = database;
    for (struct tn_store_request *request = first; request; request = request->next) {
        if (request->operation == TN_STORE_APPLY || tn_sqlite_is_late(self, request) ||
            !open_for(self, request))
            continue;
        if (request->operation == TN_STORE_READ)
            tn_sqlite_read(self, request);
        else
            tn_sqlite_scan(self, request);
    }
    tn_sqlite_write(self, first);
}

const struct tn_store_driver tn_sqlite_driver = { run, close_and_free, TN_SQLITE_GROUP_MAX };
