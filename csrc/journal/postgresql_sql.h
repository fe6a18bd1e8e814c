/* The journal's statements, as text. Each query is one message to the server, and so one
 * transaction of one round trip: no row stays locked during a round trip, no state is left in
 * the session, and an error ends the transaction by itself. Therefore values are literals
 * escaped by libpq, not parameters, which need several messages. Used by postgresql.c. */
#ifndef TN_JOURNAL_POSTGRESQL_SQL_H
#define TN_JOURNAL_POSTGRESQL_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "journal/driver.h"
#include "journal/postgresql_library.h"

#pragma GCC visibility push(hidden)

#define TN_POSTGRESQL_TABLE "twilio_numbers_journal"

/* The mark of an error that a query raises itself, within PostgreSQL's message. A word follows:
 * "differs" for a write whose version differs, or one of tn_postgresql_problems. */
#define TN_POSTGRESQL_MARK "twilio-numbers: "

struct tn_postgresql_problem {
    const char *word, *explanation;
};
extern const struct tn_postgresql_problem tn_postgresql_problems[]; /* ended by a NULL word */

/* A query being written. A zeroed struct is empty; the owner frees `text`. */
struct tn_postgresql_sql {
    char *text;
    size_t length, room;
    const char *problem; /* why it cannot be written, or NULL */
};

/* Writes the query of a request. Its first result is one row: the server's clock in
 * milliseconds and its era. The last result has a row of key, version and value for each
 * record; for a write, its rows mean nothing. `left`: seconds until the deadline. */
bool tn_postgresql_sql_write(struct tn_postgresql_sql *sql, const struct tn_libpq *pq,
                             PGconn *connection, const struct tn_store_request *request,
                             double left);

/* Whether the table is missing: a row with "t" or "f". And creates it. */
extern const char tn_postgresql_sql_is_missing[], tn_postgresql_sql_create[];

#pragma GCC visibility pop

#endif
