/* A journal in PostgreSQL: its driver, see driver.h. Runs requests one by one over one
 * connection, each in a transaction of its own. The statements are in postgresql_sql.c, the
 * connection in postgresql_link.c. */
#include "journal/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "journal/postgresql_link.h"
#include "journal/postgresql_sql.h"
#include "journal/thread.h"
#include "pure/wipe.h"

static const char NO_MEMORY[] = "not enough memory";

struct tn_postgresql {
    struct tn_postgresql_link link;
    char *conninfo; /* a secret */
    bool create;    /* the table, if missing; false once that was checked */
};

void *tn_postgresql_new(const char *conninfo, bool create) {
    struct tn_postgresql *database = calloc(1, sizeof *database);
    size_t size = strlen(conninfo) + 1;
    if (!database)
        return NULL;
    database->create = create;
    database->conninfo = malloc(size);
    if (!database->conninfo) {
        free(database);
        return NULL;
    }
    memcpy(database->conninfo, conninfo, size);
    return database;
}

/* Without a connection it does not enter the library: the host's own thread closes a store that
 * was not used, perhaps from an exit handler, and must not wait there. */
static void postgresql_close(void *user) {
    struct tn_postgresql *database = user;
    if (!database)
        return;
    if (database->link.connection) {
        tn_store_enter_library();
        tn_postgresql_link_close(&database->link);
        tn_store_leave_library();
    }
    tn_wipe_free(database->conninfo);
    free(database);
}

/* ---- errors ---- */

/* SQLSTATEs that get a message of their own instead of PostgreSQL's. */
static const struct tn_postgresql_problem states[] = {
    { "42P01", "there is no table " TN_POSTGRESQL_TABLE " in the search_path of this role: run "
               "`twilio-numbers journal init`" },
    { "42703", TN_POSTGRESQL_TABLE " has other columns than a journal" },
    { "42P10", TN_POSTGRESQL_TABLE " has no primary key on its column key" },
    { NULL, NULL },
};

static const char *explanation_of(const struct tn_postgresql_problem *list, const char *word,
                                  size_t length) {
    for (; list->word; list++)
        if (strlen(list->word) == length && memcmp(list->word, word, length) == 0)
            return list->explanation;
    return NULL;
}

/* Ends a request with an error that rolled the transaction back: one that our statements raise,
 * or the server's. */
static void refuse(struct tn_store_request *request,
                   const struct tn_postgresql_answer *answer) {
    const char *mark = strstr(answer->message, TN_POSTGRESQL_MARK);
    const char *word = mark ? mark + strlen(TN_POSTGRESQL_MARK) : "";
    size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz");
    bool raised = mark && strcmp(answer->state, "22P02") == 0;
    if (raised && length == strlen("differs") && memcmp(word, "differs", length) == 0) {
        request->status = TN_STORE_DIFFERS;
        return;
    }
    const char *explanation =
        raised ? explanation_of(tn_postgresql_problems, word, length)
               : explanation_of(states, answer->state, strlen(answer->state));
    if (explanation)
        tn_store_fail(request, TN_STORE_FAILED, "%s", explanation);
    else
        tn_store_fail(request, TN_STORE_FAILED, "PostgreSQL: %s (%s)", answer->message,
                      answer->state);
}

/* ---- opening ---- */

/* Runs a query on its own, to create the table. False with a message. Unless is_true is NULL,
 * sets it to whether the first result is a row with "t". */
static bool run_alone(struct tn_postgresql *database, const char *query,
                      struct tn_store_request *request, bool *is_true) {
    struct tn_postgresql_link *link = &database->link;
    struct tn_postgresql_answer answer;
    tn_postgresql_link_query(link, query, request->deadline, &answer);
    bool answered = answer.outcome == TN_POSTGRESQL_ANSWERED;
    if (!answered)
        tn_store_fail(request, TN_STORE_FAILED, "PostgreSQL: %s", answer.message);
    else if (is_true)
        *is_true = answer.head && link->pq.PQntuples(answer.head) == 1 &&
                   strcmp(link->pq.PQgetvalue(answer.head, 0, 0), "t") == 0;
    tn_postgresql_answer_free(link, &answer);
    return answered;
}

static bool create_table(struct tn_postgresql *database, struct tn_store_request *request) {
    bool is_missing = false;
    if (!run_alone(database, tn_postgresql_sql_is_missing, request, &is_missing) ||
        (is_missing && !run_alone(database, tn_postgresql_sql_create, request, NULL)))
        return false;
    database->create = false;
    return true;
}

static bool make_ready(struct tn_postgresql *database, struct tn_store_request *request) {
    request->status = TN_STORE_FAILED; /* until it is sent */
    return tn_postgresql_link_open(&database->link, database->conninfo, request->deadline,
                                   request->message, sizeof request->message) &&
           (!database->create || create_table(database, request));
}

/* ---- results ---- */

static int64_t number_at(const struct tn_libpq *pq, const PGresult *rows, int row, int column) {
    return strtoll(pq->PQgetvalue(rows, row, column), NULL, 10);
}

/* Copies a row to each record that was requested by its key. */
static bool set_record(struct tn_store_request *request, const struct tn_libpq *pq,
                       const PGresult *rows, int row) {
    const char *key = pq->PQgetvalue(rows, row, 0), *value = pq->PQgetvalue(rows, row, 2);
    size_t length = (size_t)pq->PQgetlength(rows, row, 0);
    for (size_t i = 0; i < request->count; i++) {
        struct tn_record *record = &request->records[i];
        if (record->key.length != length || memcmp(record->key.bytes, key, length) != 0)
            continue;
        record->version = number_at(pq, rows, row, 1);
        if (!tn_store_set_value(record, value, (size_t)pq->PQgetlength(rows, row, 2)))
            return false;
    }
    return true;
}

static bool add_record(struct tn_store_request *request, const struct tn_libpq *pq,
                       const PGresult *rows, int row) {
    return tn_store_add_record(request, pq->PQgetvalue(rows, row, 0),
                               (size_t)pq->PQgetlength(rows, row, 0),
                               number_at(pq, rows, row, 1), pq->PQgetvalue(rows, row, 2),
                               (size_t)pq->PQgetlength(rows, row, 2));
}

/* Copies the results out of the answer of a committed transaction. */
static void take(struct tn_store_request *request, const struct tn_libpq *pq,
                 const struct tn_postgresql_answer *answer) {
    bool reads = request->operation == TN_STORE_READ;
    int count = answer->rows ? pq->PQntuples(answer->rows) : 0;
    if (!answer->head || !answer->rows || pq->PQntuples(answer->head) != 1 ||
        pq->PQnfields(answer->head) < 2 || pq->PQnfields(answer->rows) != 3) {
        tn_store_fail(request, TN_STORE_FAILED, "the server's response is not PostgreSQL's");
        return;
    }
    for (int row = 0; row < count; row++)
        if (!(reads ? set_record : add_record)(request, pq, answer->rows, row)) {
            tn_store_fail(request, TN_STORE_FAILED, "%s", NO_MEMORY);
            return;
        }
    request->now = number_at(pq, answer->head, 0, 0);
    (void)snprintf(request->era, sizeof request->era, "%s", pq->PQgetvalue(answer->head, 0, 1));
    request->status = TN_STORE_DONE;
}

/* Whether an error implies that the transaction may have been committed: class 08 (connections,
 * including a pooler's to its server) and statement_completion_unknown. */
static bool is_doubtful(const char *state) {
    return strncmp(state, "08", 2) == 0 || strcmp(state, "40003") == 0;
}

/* Sets the status of a request. A warning during a write may mean that a commit was cancelled
 * while it waited for the standby: it is on this server, but perhaps not there. */
static void set_status(struct tn_postgresql *database, struct tn_store_request *request,
                       const struct tn_postgresql_answer *answer) {
    bool writes = request->operation == TN_STORE_APPLY;
    if (answer->outcome == TN_POSTGRESQL_REFUSED && !(writes && is_doubtful(answer->state)))
        refuse(request, answer);
    else if (answer->outcome == TN_POSTGRESQL_UNSENT ||
             (answer->outcome == TN_POSTGRESQL_LOST && !writes))
        tn_store_fail(request, TN_STORE_FAILED, "PostgreSQL: %s", answer->message);
    else if (answer->outcome != TN_POSTGRESQL_ANSWERED)
        tn_store_fail(request, TN_STORE_UNHEARD, "PostgreSQL: %s", answer->message);
    else if (!writes)
        take(request, &database->link.pq, answer);
    else if (database->link.warning[0])
        tn_store_fail(request, TN_STORE_UNHEARD, "PostgreSQL warns: %s",
                      database->link.warning);
    else
        request->status = TN_STORE_DONE;
}

/* ---- running ---- */

/* Clears a request, so that nothing the driver leaves unset passes for a result. */
static void reset(struct tn_store_request *request) {
    request->message[0] = request->era[0] = '\0';
    request->now = 0;
    for (size_t i = 0; request->operation == TN_STORE_READ && i < request->count; i++)
        request->records[i].version = 0;
}

/* Runs a request once. False if an idle connection turned out broken and nothing can have been
 * written: the caller may try again. */
static bool run_once(struct tn_postgresql *database, struct tn_store_request *request) {
    struct tn_postgresql_sql sql = { .text = NULL };
    struct tn_postgresql_answer answer;
    if (!make_ready(database, request))
        return true;
    double left = request->deadline - tn_clock_now();
    if (!(left > 0)) {
        tn_store_fail(request, TN_STORE_FAILED, "no time was left");
    } else if (tn_postgresql_sql_write(&sql, &database->link.pq, database->link.connection,
                                       request, left)) {
        tn_postgresql_link_query(&database->link, sql.text, request->deadline, &answer);
        set_status(database, request, &answer);
        tn_postgresql_answer_free(&database->link, &answer);
    } else {
        tn_store_fail(request, TN_STORE_FAILED, "%s", sql.problem);
    }
    free(sql.text);
    return database->link.is_new || database->link.connection ||
           request->status != TN_STORE_FAILED;
}

static void postgresql_run(void *user, struct tn_store_request *first) {
    struct tn_postgresql *database = user;
    tn_store_enter_library();
    for (struct tn_store_request *request = first; request; request = request->next) {
        reset(request);
        if (!run_once(database, request) && tn_clock_now() < request->deadline)
            (void)run_once(database, request);
    }
    tn_store_leave_library();
}

const struct tn_store_driver tn_postgresql_driver = { postgresql_run, postgresql_close, 1 };
