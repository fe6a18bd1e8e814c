/* See postgresql_sql.h. Of the connection it only uses the encoding. */
#include "journal/postgresql_sql.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE TN_POSTGRESQL_TABLE
#define FORMAT "twilio-numbers journal, format "

const char tn_postgresql_sql_is_missing[] = "SELECT to_regclass('" TABLE "') IS NULL";

/* The lock: two sessions creating the table at once would conflict in the catalogue. */
const char tn_postgresql_sql_create[] =
    "SELECT pg_advisory_xact_lock(hashtext('" TABLE "'));"
    "CREATE TABLE IF NOT EXISTS " TABLE " (key text COLLATE \"C\" PRIMARY KEY,"
    " version bigint NOT NULL, value text NOT NULL,"
    " changed timestamptz NOT NULL DEFAULT now());"
    "COMMENT ON TABLE " TABLE " IS '" FORMAT "1'";

const struct tn_postgresql_problem tn_postgresql_problems[] = {
    { "standby", "the server is a standby: name the primary, or all of them, with "
                 "target_session_attrs=read-write" },
    { "fsync", "the server runs with fsync = off, and a crash loses what it has "
               "confirmed" },
    { "kind", TABLE " is not a permanent table: an unlogged or temporary one, a view or a "
                    "foreign table can lose records, or cannot be checked" },
    { "rows", "row-level security may hide records of " TABLE " from this role" },
    { "format", "the journal was made by a newer version of this module: update it" },
    { NULL, NULL },
};

/* The start of every query, since behind a pooler or after a fail-over the next transaction may
 * run in another session or on another server.
 *
 * An error is raised by casting a non-integer to an integer. The expression must not be
 * constant, or the planner would raise it; hence the subquery, and count(*) below. The era
 * contains the timeline of the log being written; the control file has that of the last
 * checkpoint.
 *
 * synchronous_commit: anything weaker than "on" confirms commits that a crash can lose.
 * client_min_messages: a commit that is cancelled while it waits for its standby is confirmed
 * like any other, except for a warning. */
static const char HEAD[] =
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;"
    "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,"
    " CASE problem WHEN '' THEN (SELECT system_identifier FROM pg_control_system()) || '/' ||"
    " left(pg_walfile_name(pg_current_wal_lsn()), 8)"
    " ELSE ('" TN_POSTGRESQL_MARK "' || problem)::integer::text END,"
    " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true),"
    " set_config('client_min_messages', 'warning', true),"
    " set_config('lock_timeout', '%ld', true),"
    " set_config('statement_timeout', '%ld', true) "
    "FROM (SELECT CASE WHEN pg_is_in_recovery() THEN 'standby'"
    " WHEN current_setting('fsync') <> 'on' THEN 'fsync'"
    " WHEN relkind <> 'r' OR relpersistence <> 'p' THEN 'kind'"
    " WHEN row_security_active(oid) THEN 'rows'"
    " WHEN substring(obj_description(oid, 'pg_class') FROM '" FORMAT "([0-9]+)')::integer > 1"
    " THEN 'format' ELSE '' END AS problem"
    " FROM pg_class WHERE oid = '" TABLE "'::regclass) AS checked;";

/* ---- text ---- */

static void fail(struct tn_postgresql_sql *sql, const char *problem) {
    if (!sql->problem)
        sql->problem = problem;
}

static bool make_room(struct tn_postgresql_sql *sql, size_t length) {
    if (length >= SIZE_MAX / 4 - sql->length)
        return false;
    size_t room = 2 * (sql->length + length + 1);
    if (sql->length + length + 1 <= sql->room)
        return true;
    char *text = realloc(sql->text, room);
    if (!text)
        return false;
    sql->text = text;
    sql->room = room;
    return true;
}

static void add(struct tn_postgresql_sql *sql, const char *text) {
    size_t length = strlen(text);
    if (!make_room(sql, length)) {
        fail(sql, "not enough memory");
        return;
    }
    memcpy(sql->text + sql->length, text, length + 1);
    sql->length += length;
}

static void add_number(struct tn_postgresql_sql *sql, int64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    add(sql, text);
}

/* Seconds as milliseconds for a setting, at least 1, since 0 means no limit. */
static long milliseconds(double seconds) {
    return seconds < 1e6 ? (long)(seconds * 1000) + 1 : 1000000000;
}

/* Makes the server give up shortly before the deadline, and on a lock before that: an error
 * from the server is certain, no answer by the deadline is not. */
static void add_head(struct tn_postgresql_sql *sql, double left) {
    char text[sizeof HEAD + 40];
    double margin = left > 10 ? 1 : left / 10; /* seconds */
    (void)snprintf(text, sizeof text, HEAD, milliseconds(left - margin),
                   milliseconds(left - margin / 2));
    add(sql, text);
}

/* ---- literals ---- */

struct encoder {
    const struct tn_libpq *pq;
    PGconn *connection;
};

static void add_literal(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                        const struct tn_bytes *bytes) {
    const char *text = bytes->bytes ? bytes->bytes : "";
    char *literal =
        memchr(text, '\0', bytes->length)
            ? NULL
            : encoder->pq->PQescapeLiteral(encoder->connection, text, bytes->length);
    if (literal)
        add(sql, literal);
    else
        fail(sql,
             "PostgreSQL cannot keep this key or value: it has a NUL byte, or is not UTF-8");
    encoder->pq->PQfreemem(literal);
}

/* A LIKE pattern for keys with a prefix. */
static void add_pattern(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                        const struct tn_bytes *prefix) {
    struct tn_bytes pattern = { .bytes = malloc(2 * prefix->length + 1) };
    if (!pattern.bytes) {
        fail(sql, "not enough memory");
        return;
    }
    for (size_t i = 0; i < prefix->length; i++) {
        char byte = prefix->bytes[i];
        if (byte == '%' || byte == '_' || byte == '\\')
            pattern.bytes[pattern.length++] = '\\';
        pattern.bytes[pattern.length++] = byte;
    }
    pattern.bytes[pattern.length++] = '%';
    add_literal(sql, encoder, &pattern);
    free(pattern.bytes);
}

/* ---- statements ---- */

static void add_read(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                     const struct tn_store_request *request) {
    add(sql, "SELECT key, version, value FROM " TABLE " WHERE key IN (NULL");
    for (size_t i = 0; i < request->count; i++) {
        add(sql, ",");
        add_literal(sql, encoder, &request->records[i].key);
    }
    add(sql, ")");
}

static void add_scan(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                     const struct tn_store_request *request) {
    add(sql, "SELECT key, version, value FROM " TABLE " WHERE key LIKE ");
    add_pattern(sql, encoder, &request->prefix);
    if (request->after.bytes) {
        add(sql, " AND key COLLATE \"C\" > ");
        add_literal(sql, encoder, &request->after);
    }
    add(sql, " ORDER BY key COLLATE \"C\" LIMIT ");
    add_number(sql, request->limit < INT32_MAX ? (int64_t)request->limit : INT32_MAX);
}

static void add_condition(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                          const struct tn_record *record) {
    add(sql, " WHERE key = ");
    add_literal(sql, encoder, &record->key);
    add(sql, " AND version = ");
    add_number(sql, record->version);
}

static void add_update(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                       const struct tn_record *record) {
    add(sql, "UPDATE " TABLE " SET version = version + 1, changed = now(), value = ");
    add_literal(sql, encoder, &record->value);
    add_condition(sql, encoder, record);
}

static void add_insert(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                       const struct tn_record *record) {
    add(sql, "INSERT INTO " TABLE " (key, version, value) VALUES (");
    add_literal(sql, encoder, &record->key);
    add(sql, ", 1, ");
    add_literal(sql, encoder, &record->value);
    add(sql, ") ON CONFLICT (key) DO NOTHING");
}

static void add_delete(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                       const struct tn_record *record) {
    add(sql, "DELETE FROM " TABLE);
    add_condition(sql, encoder, record);
}

typedef void statement(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                       const struct tn_record *record);

/* A statement that must change one row; otherwise it raises, which ends the transaction. */
static void add_write(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                      const struct tn_record *record, statement *add_statement) {
    add(sql, "WITH written AS (");
    add_statement(sql, encoder, record);
    add(sql, " RETURNING 1) SELECT CASE count(*) WHEN 1 THEN 1 ELSE ('" TN_POSTGRESQL_MARK
             "differs ' || count(*))::integer END FROM written;");
}

/* Writes in key order, so that two transactions never deadlock. Inserting and deleting a record
 * proves that it is absent, and keeps it absent until the commit. */
static void add_apply(struct tn_postgresql_sql *sql, const struct encoder *encoder,
                      const struct tn_store_request *request) {
    for (size_t i = 0; i < request->count; i++) {
        struct tn_record record = request->records[i];
        bool deletes = !record.value.bytes;
        if (record.version == 0)
            add_write(sql, encoder, &record, add_insert);
        else if (!deletes)
            add_write(sql, encoder, &record, add_update);
        record.version += record.version == 0;
        if (deletes)
            add_write(sql, encoder, &record, add_delete);
    }
}

bool tn_postgresql_sql_write(struct tn_postgresql_sql *sql, const struct tn_libpq *pq,
                             PGconn *connection, const struct tn_store_request *request,
                             double left) {
    const struct encoder encoder = { pq, connection };
    add_head(sql, left);
    if (request->operation == TN_STORE_READ)
        add_read(sql, &encoder, request);
    else if (request->operation == TN_STORE_SCAN)
        add_scan(sql, &encoder, request);
    else
        add_apply(sql, &encoder, request);
    return !sql->problem;
}
