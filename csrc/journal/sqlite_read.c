/* Reads of a journal in SQLite. See sqlite_private.h. */
#include "journal/sqlite_private.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal/boot_clock.h"
#include "journal/request.h"

/* The bytes of a column. */
static const char *column(const struct tn_sqlite *self, struct sqlite3_stmt *row, int place,
                          size_t *length) {
    const char *bytes = self->call.column_blob(row, place);
    int count = self->call.column_bytes(row, place);
    *length = bytes && count > 0 ? (size_t)count : 0;
    return bytes ? bytes : "";
}

static int read_record(struct tn_sqlite *self, struct tn_record *record) {
    int code, end;
    size_t length;
    struct sqlite3_stmt *select = tn_sqlite_prepare(self, TN_SQLITE_SELECT, &code);
    if (!select)
        return code;
    record->version = 0;
    code = tn_sqlite_bind(self, select, 1, &record->key);
    if (code == TN_SQLITE_OK)
        code = self->call.step(select);
    if (code == TN_SQLITE_ROW) {
        record->version = self->call.column_int64(select, 0);
        const char *value = column(self, select, 1, &length);
        code = tn_store_set_value(record, value, length) ? TN_SQLITE_DONE : TN_SQLITE_NOMEM;
    }
    end = tn_sqlite_reset(self, select);
    return code == TN_SQLITE_DONE ? end : code;
}

/* Ends a read or a scan. The transaction wrote nothing, so it does not matter how it ends. */
static void finish(struct tn_sqlite *self, struct tn_store_request *request, int code) {
    if (!self->call.get_autocommit(self->database))
        (void)tn_sqlite_exec(self, self->database, "ROLLBACK");
    if (code == TN_SQLITE_OK) {
        request->status = TN_STORE_DONE;
        return;
    }
    tn_sqlite_refuse(self, request, TN_STORE_FAILED, code);
    tn_sqlite_note_error(self, code);
}

/* Reads all records in one transaction. The time is read before them, so that a record which
 * has expired by that time really has. */
void tn_sqlite_read(struct tn_sqlite *self, struct tn_store_request *request) {
    tn_sqlite_wait_until(self, request->deadline);
    request->now = tn_boot_clock_now();
    (void)snprintf(request->era, sizeof request->era, "%s", self->era);
    int code = tn_sqlite_exec(self, self->database, "BEGIN");
    for (size_t i = 0; i < request->count && code == TN_SQLITE_OK; i++)
        code = read_record(self, &request->records[i]);
    finish(self, request, code);
}

/* Sets `end` to the first key after all keys with that prefix, if there is one. False if there
 * is no memory. */
static bool prefix_end(const struct tn_bytes *prefix, struct tn_bytes *end) {
    *end = (struct tn_bytes){ NULL, 0 };
    size_t length = prefix->length;
    while (length > 0 && (unsigned char)prefix->bytes[length - 1] == UCHAR_MAX)
        length--;
    if (length == 0)
        return true;
    if (!tn_bytes_copy(end, prefix->bytes, length))
        return false;
    end->bytes[length - 1] = (char)((unsigned char)end->bytes[length - 1] + 1);
    return true;
}

static int bind_scan(const struct tn_sqlite *self, struct sqlite3_stmt *scan,
                     const struct tn_store_request *request, const struct tn_bytes *end) {
    size_t limit = request->limit < INT_MAX ? request->limit : INT_MAX;
    int code = tn_sqlite_bind(self, scan, 1, &request->prefix);
    if (code == TN_SQLITE_OK)
        code = tn_sqlite_bind(self, scan, 2, &request->after);
    if (code == TN_SQLITE_OK)
        code = self->call.bind_int64(scan, 3, (tn_sqlite_int64)limit);
    if (code == TN_SQLITE_OK && end->bytes)
        code = tn_sqlite_bind(self, scan, 4, end);
    return code;
}

static int add_row(const struct tn_sqlite *self, struct sqlite3_stmt *row,
                   struct tn_store_request *request) {
    size_t key_length, value_length;
    const char *key = column(self, row, 0, &key_length);
    const char *value = column(self, row, 2, &value_length);
    return tn_store_add_record(request, key, key_length, self->call.column_int64(row, 1), value,
                               value_length)
               ? TN_SQLITE_ROW
               : TN_SQLITE_NOMEM;
}

void tn_sqlite_scan(struct tn_sqlite *self, struct tn_store_request *request) {
    struct tn_bytes end;
    int code = prefix_end(&request->prefix, &end) ? TN_SQLITE_OK : TN_SQLITE_NOMEM;
    tn_sqlite_wait_until(self, request->deadline);
    struct sqlite3_stmt *scan = NULL;
    if (code == TN_SQLITE_OK)
        scan = tn_sqlite_prepare(self, end.bytes ? TN_SQLITE_SCAN_TO : TN_SQLITE_SCAN, &code);
    if (scan) {
        code = bind_scan(self, scan, request, &end);
        if (code == TN_SQLITE_OK)
            code = TN_SQLITE_ROW;
        while (code == TN_SQLITE_ROW && (code = self->call.step(scan)) == TN_SQLITE_ROW)
            code = add_row(self, scan, request);
        int last = tn_sqlite_reset(self, scan);
        code = code == TN_SQLITE_DONE ? last : code;
    }
    free(end.bytes);
    finish(self, request, code);
}
