/* Opens the database of a journal, and its statements. See sqlite_private.h. */
#include "journal/sqlite_private.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "journal/boot_clock.h"
#include "journal/sqlite_file.h"
#include "journal/thread.h"

static const char *const sql[TN_SQLITE_STATEMENTS] = {
    [TN_SQLITE_SELECT] = "SELECT version, value FROM journal WHERE key = ?1",
    [TN_SQLITE_SCAN] = "SELECT key, version, value FROM journal WHERE key >= ?1 AND key > ?2"
                       " ORDER BY key LIMIT ?3",
    [TN_SQLITE_SCAN_TO] = "SELECT key, version, value FROM journal WHERE key >= ?1 AND key > ?2"
                          " AND key < ?4 ORDER BY key LIMIT ?3",
    [TN_SQLITE_INSERT] =
        "INSERT OR IGNORE INTO journal (key, version, value) VALUES (?1, 1, ?3)",
    [TN_SQLITE_UPDATE] = "UPDATE journal SET version = version + 1, value = ?3"
                         " WHERE key = ?1 AND version = ?2",
    [TN_SQLITE_DELETE] = "DELETE FROM journal WHERE key = ?1 AND version = ?2",
};

struct sqlite3_stmt *tn_sqlite_prepare(struct tn_sqlite *self, enum tn_sqlite_statement which,
                                       int *code) {
    *code = TN_SQLITE_OK;
    if (!self->statements[which])
        *code = self->call.prepare_v2(self->database, sql[which], -1, &self->statements[which],
                                      NULL);
    return *code == TN_SQLITE_OK ? self->statements[which] : NULL;
}

/* Binds with SQLITE_STATIC, which is NULL: SQLite makes no copy. */
int tn_sqlite_bind(const struct tn_sqlite *self, struct sqlite3_stmt *statement, int place,
                   const struct tn_bytes *bytes) {
    if (bytes->length > INT_MAX)
        return TN_SQLITE_NOMEM;
    return self->call.bind_text(statement, place, bytes->bytes ? bytes->bytes : "",
                                (int)bytes->length, NULL);
}

int tn_sqlite_reset(const struct tn_sqlite *self, struct sqlite3_stmt *statement) {
    int code = self->call.reset(statement);
    self->call.clear_bindings(statement);
    return code;
}

void tn_sqlite_close(struct tn_sqlite *self) {
    for (int i = 0; i < TN_SQLITE_STATEMENTS; i++) {
        if (self->statements[i])
            self->call.finalize(self->statements[i]);
        self->statements[i] = NULL;
    }
    if (self->database)
        self->call.close(self->database);
    self->database = NULL;
}

/* ---- opening ---- */

/* Reads the single value of a pragma, as a number or as text. Returns SQLite's result code. */
static int ask(const struct tn_sqlite *self, const char *pragma, int64_t *number, char *text,
               size_t size) {
    struct sqlite3_stmt *statement = NULL;
    int code = self->call.prepare_v2(self->database, pragma, -1, &statement, NULL);
    if (code != TN_SQLITE_OK)
        return code;
    code = self->call.step(statement);
    *number = code == TN_SQLITE_ROW ? self->call.column_int64(statement, 0) : -1;
    const void *bytes = code == TN_SQLITE_ROW ? self->call.column_blob(statement, 0) : NULL;
    int length = bytes ? self->call.column_bytes(statement, 0) : 0;
    (void)snprintf(text, size, "%.*s", length, length > 0 ? (const char *)bytes : "");
    int end = self->call.finalize(statement);
    return code == TN_SQLITE_ROW || code == TN_SQLITE_DONE ? end : code;
}

/* Checks that the file is a journal of a known format. */
static int check_format(const struct tn_sqlite *self, char *message, size_t size) {
    int64_t application, format;
    char text[20];
    int code = ask(self, "PRAGMA application_id", &application, text, sizeof text);
    if (code == TN_SQLITE_OK)
        code = ask(self, "PRAGMA user_version", &format, text, sizeof text);
    if (code != TN_SQLITE_OK)
        return code;
    if (application != TN_SQLITE_APPLICATION || format < 1)
        (void)snprintf(message, size,
                       "%s is not a journal: it is another file, which is left unchanged",
                       self->name);
    else if (format > TN_SQLITE_FORMAT)
        (void)snprintf(
            message, size,
            "the journal %s has a newer format (%lld) than this twilio-numbers supports:"
            " update it",
            self->name, (long long)format);
    return code;
}

/* Checks that no page is cut short: SQLite would read zeros in place of what is missing, and
 * find no record there. Other processes only make the file longer. With a log of SQLite's (WAL)
 * it may be shorter, but set_up() has ended that. */
static int check_size(const struct tn_sqlite *self) {
    int64_t pages, page_size;
    char text[20];
    int code = ask(self, "PRAGMA page_count", &pages, text, sizeof text);
    if (code == TN_SQLITE_OK)
        code = ask(self, "PRAGMA page_size", &page_size, text, sizeof text);
    if (code == TN_SQLITE_OK && !tn_sqlite_file_has(self->path, pages * page_size))
        code = TN_SQLITE_CORRUPT;
    return code;
}

/* Makes commits durable; reads each setting back. */
static int set_up(const struct tn_sqlite *self, char *message, size_t size) {
    int64_t number;
    char text[20];
    int code = ask(self, "PRAGMA journal_mode = TRUNCATE", &number, text, sizeof text);
    if (code == TN_SQLITE_OK && strcmp(text, "truncate") != 0)
        (void)snprintf(message, size, "the journal %s cannot leave the mode \"%s\"", self->name,
                       text);
    if (code == TN_SQLITE_OK)
        code = tn_sqlite_exec(self, self->database,
                              "PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON;"
                              "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
    if (code == TN_SQLITE_OK)
        code = ask(self, "PRAGMA synchronous", &number, text, sizeof text);
    if (code == TN_SQLITE_OK && number != 3)
        (void)snprintf(message, size,
                       "SQLite is too old for durable commits: install libsqlite3-0 3.12 or"
                       " newer");
    return code;
}

static bool load(struct tn_sqlite *self, char *message, size_t size) {
    if (!self->has_library)
        self->has_library = tn_library_open(&tn_sqlite_library, &self->call, message, size);
    if (self->has_library && self->call.threadsafe() == 0) {
        (void)snprintf(message, size,
                       "this SQLite was built without threads: install"
                       " libsqlite3-0");
        return false;
    }
    return self->has_library;
}

/* Creates the file if it is missing and `create` is set. True if there is a file to open, as
 * far as stat() can tell; false with a message. */
static bool find_file(struct tn_sqlite *self, char *message, size_t size) {
    enum tn_sqlite_file file = tn_sqlite_file_check(self->path, message, size);
    if (file == TN_SQLITE_FILE_MISSING && self->create)
        return tn_sqlite_create(self, message, size);
    return file == TN_SQLITE_FILE_GOOD;
}

/* Closes the database if its file was moved or deleted, since no other process would see the
 * writes. */
static void close_if_moved(struct tn_sqlite *self) {
    int has_moved = 0;
    if (self->database &&
        self->call.file_control(self->database, "main", TN_SQLITE_FCNTL_HAS_MOVED,
                                &has_moved) == TN_SQLITE_OK &&
        has_moved)
        tn_sqlite_close(self);
}

bool tn_sqlite_open(struct tn_sqlite *self, double deadline, char *message, size_t size) {
    message[0] = '\0';
    close_if_moved(self);
    if (self->database)
        return true;
    if (tn_store_was_forked_at_work()) {
        (void)snprintf(message, size,
                       "this process was forked while a journal was being written: use the"
                       " journal %s in another process",
                       self->name);
        return false;
    }
    if (!load(self, message, size) || !find_file(self, message, size))
        return false;
    message[0] = '\0'; /* drops what find_file() says if another process created the file */
    if (!tn_boot_clock_era(self->era)) {
        (void)snprintf(message, size, "the boot ID of the system cannot be read");
        return false;
    }
    int code = self->call.open_v2(self->path, &self->database,
                                  TN_SQLITE_OPEN_READWRITE | TN_SQLITE_OPEN_NOMUTEX, NULL);
    if (code == TN_SQLITE_OK) {
        self->call.extended_result_codes(self->database, 1);
        tn_sqlite_wait_until(self, deadline);
        code = check_format(self, message, size);
    }
    if (code == TN_SQLITE_OK && message[0] == '\0')
        code = set_up(self, message, size);
    if (code == TN_SQLITE_OK && message[0] == '\0')
        code = check_size(self);
    if (code != TN_SQLITE_OK)
        tn_sqlite_explain(self, code, message, size);
    if (message[0] != '\0')
        tn_sqlite_close(self);
    else
        self->create = false; /* if it is missing later, it has been lost */
    return self->database != NULL;
}
