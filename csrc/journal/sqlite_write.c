/* Writes to a journal in SQLite. All queued writes share one transaction, since each commit
 * waits for the disk several times. Each request has a savepoint, so that one which differs or
 * fails does not affect the others. See sqlite_private.h. */
#include "journal/sqlite_private.h"

#include <math.h> /* only for INFINITY, so no -lm */

#include "io/clock.h"

#define PAUSE 0.001 /* seconds, when SQLite did not wait for a lock itself */

struct group {
    struct tn_store_request *members[TN_SQLITE_GROUP_MAX];
    size_t count;
};

/* ---- one request ---- */

static int step_write(const struct tn_sqlite *self, struct sqlite3_stmt *statement,
                      const struct tn_record *record, bool has_version, bool has_value) {
    int code = tn_sqlite_bind(self, statement, 1, &record->key);
    if (code == TN_SQLITE_OK && has_version)
        code = self->call.bind_int64(statement, 2, record->version);
    if (code == TN_SQLITE_OK && has_value)
        code = tn_sqlite_bind(self, statement, 3, &record->value);
    return code == TN_SQLITE_OK ? self->call.step(statement) : code;
}

/* Writes one record if its version matches. */
static int write_record(struct tn_sqlite *self, const struct tn_record *record, bool *written) {
    bool has_value = record->value.bytes != NULL, is_new = record->version == 0;
    enum tn_sqlite_statement which = !is_new ? has_value ? TN_SQLITE_UPDATE : TN_SQLITE_DELETE
                                     : has_value ? TN_SQLITE_INSERT
                                                 : TN_SQLITE_SELECT;
    int code;
    struct sqlite3_stmt *statement = tn_sqlite_prepare(self, which, &code);
    if (!statement)
        return code;
    code = step_write(self, statement, record, !is_new, has_value);
    /* neither version nor value: the record must be absent, and nothing is written */
    *written = which == TN_SQLITE_SELECT ? code == TN_SQLITE_DONE
                                         : self->call.changes(self->database) == 1;
    int end = tn_sqlite_reset(self, statement);
    return code == TN_SQLITE_DONE || code == TN_SQLITE_ROW ? end : code;
}

static int write_records(struct tn_sqlite *self, const struct tn_store_request *request,
                         bool *written) {
    int code = TN_SQLITE_OK;
    *written = true;
    for (size_t i = 0; i < request->count && *written && code == TN_SQLITE_OK; i++)
        code = write_record(self, &request->records[i], written);
    return code;
}

/* Applies a request within the transaction. Any result but OK: the whole transaction is over,
 * or cannot write because the file was read-only when it was opened. */
static int apply(struct tn_sqlite *self, struct tn_store_request *request) {
    bool written = false;
    int code = tn_sqlite_exec(self, self->database, "SAVEPOINT one");
    if (code == TN_SQLITE_OK)
        code = write_records(self, request, &written);
    if (code == TN_SQLITE_OK)
        request->status = written ? TN_STORE_DONE : TN_STORE_DIFFERS;
    else
        tn_sqlite_refuse(self, request, TN_STORE_FAILED, code);
    if (TN_SQLITE_PRIMARY(code) == TN_SQLITE_READONLY)
        return code;
    if (self->call.get_autocommit(self->database))
        return code != TN_SQLITE_OK ? code : TN_SQLITE_IOERR;
    if (request->status != TN_STORE_DONE)
        code = tn_sqlite_exec(self, self->database, "ROLLBACK TO one");
    return code == TN_SQLITE_OK ? tn_sqlite_exec(self, self->database, "RELEASE one") : code;
}

/* ---- a group ---- */

static void remove_member(struct group *group, size_t i) {
    for (group->count--; i < group->count; i++)
        group->members[i] = group->members[i + 1];
}

/* Ends the requests that have no time left, with the cause `what` if it is known. Returns the
 * earliest deadline of the others. */
static double drop_late(const struct tn_sqlite *self, struct group *group, const char *what) {
    double first = INFINITY;
    for (size_t i = 0; i < group->count;) {
        struct tn_store_request *request = group->members[i];
        if (tn_sqlite_is_late(self, request)) {
            if (what)
                tn_store_fail(request, TN_STORE_FAILED, "%s", what);
            remove_member(group, i);
            continue;
        }
        first = request->deadline < first ? request->deadline : first;
        i++;
    }
    return first;
}

static void refuse_all(const struct tn_sqlite *self, const struct group *group, int code) {
    for (size_t i = 0; i < group->count; i++)
        tn_sqlite_refuse(self, group->members[i], TN_STORE_FAILED, code);
}

static void roll_back(const struct tn_sqlite *self) {
    if (!self->call.get_autocommit(self->database))
        (void)tn_sqlite_exec(self, self->database, "ROLLBACK");
}

/* Ends a group whose COMMIT failed. Nothing was written if SQLite has rolled back and can still
 * read; after a disk error, SQLite itself may not know what the file will contain. */
static void fail_commit(struct tn_sqlite *self, const struct group *group, int code) {
    roll_back(self);
    bool is_certain =
        TN_SQLITE_PRIMARY(code) != TN_SQLITE_IOERR &&
        self->call.get_autocommit(self->database) &&
        tn_sqlite_exec(self, self->database, "SELECT 1 FROM journal LIMIT 1") == TN_SQLITE_OK;
    for (size_t i = 0; i < group->count; i++) {
        struct tn_store_request *request = group->members[i];
        bool is_unheard = request->status == TN_STORE_DONE && !is_certain;
        tn_sqlite_refuse(self, request, is_unheard ? TN_STORE_UNHEARD : TN_STORE_FAILED, code);
    }
    tn_sqlite_note_error(self, code);
}

static void write_group(struct tn_sqlite *self, struct group *group);

/* Runs each request in a transaction of its own, after one of them ended the shared one. */
static void write_separately(struct tn_sqlite *self, const struct group *group) {
    for (size_t i = 0; i < group->count; i++) {
        struct group alone = { { group->members[i] }, 1 };
        write_group(self, &alone);
    }
}

/* Runs the group in one transaction. True if all of its requests have a result; otherwise
 * another process holds a lock, and there may be time to try again. */
static bool write_once(struct tn_sqlite *self, struct group *group) {
    int code = tn_sqlite_exec(self, self->database, "BEGIN IMMEDIATE");
    if (TN_SQLITE_PRIMARY(code) == TN_SQLITE_BUSY)
        return false;
    if (code != TN_SQLITE_OK) {
        refuse_all(self, group, code);
        tn_sqlite_note_error(self, code);
        return true;
    }
    for (size_t i = 0; i < group->count && code == TN_SQLITE_OK; i++)
        code = apply(self, group->members[i]);
    if (code != TN_SQLITE_OK) {
        roll_back(self);
        refuse_all(self, group, code);
        tn_sqlite_note_error(self, code);
        if (group->count > 1)
            write_separately(self, group);
        return true;
    }
    code = tn_sqlite_exec(self, self->database, "COMMIT");
    if (TN_SQLITE_PRIMARY(code) == TN_SQLITE_BUSY) {
        roll_back(self);
        return false;
    }
    if (code != TN_SQLITE_OK)
        fail_commit(self, group, code);
    return true;
}

static void write_group(struct tn_sqlite *self, struct group *group) {
    char message[TN_STORE_MESSAGE_MAX];
    double deadline = drop_late(self, group, NULL);
    while (group->count > 0) {
        if (tn_sqlite_open(self, deadline, message, sizeof message)) {
            tn_sqlite_wait_until(self, deadline);
            if (write_once(self, group))
                return;
            tn_clock_sleep(PAUSE);
            tn_sqlite_explain(self, TN_SQLITE_BUSY, message, sizeof message);
        } else if (tn_clock_now() < deadline) {
            for (size_t i = 0; i < group->count; i++)
                tn_store_fail(group->members[i], TN_STORE_FAILED, "%s", message);
            return;
        }
        deadline = drop_late(self, group, message);
    }
}

void tn_sqlite_write(struct tn_sqlite *self, struct tn_store_request *first) {
    while (first) {
        struct group group = { { NULL }, 0 };
        for (; first && group.count < TN_SQLITE_GROUP_MAX; first = first->next)
            if (first->operation == TN_STORE_APPLY)
                group.members[group.count++] = first;
        write_group(self, &group);
    }
}
