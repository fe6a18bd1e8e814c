/* The journal's statements, as text. Each query is one message to the server, and so one
 * transaction of one round trip: no row is locked while the network is waited for, no state is
 * left in the session, and a server's rejection ends the transaction by itself. Therefore the
 * values are literals of libpq's making and not parameters, which need several messages.
 * Used by postgresql.c. */
#ifndef TN_JOURNAL_POSTGRESQL_SQL_H
#define TN_JOURNAL_POSTGRESQL_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "journal/driver.h"
#include "journal/postgresql_library.h"

#pragma GCC visibility push(hidden)

#define TN_POSTGRESQL_TABLE "twilio_numbers_journal"

/* What a query raises, in a message of PostgreSQL's, and a word behind it: "differs" for a
 * write whose version is another, or one of tn_postgresql_problems. */
#define TN_POSTGRESQL_MARK "twilio-numbers: "

struct tn_postgresql_problem {
    const char *word, *explanation;
};
extern const struct tn_postgresql_problem tn_postgresql_problems[]; /* a NULL word ends them */

/* A query that is written. All zero is an empty one; freed by its `text`. */
struct tn_postgresql_sql {
    char *text;
    size_t length, room;
    const char *problem; /* why it cannot be written; NULL */
};

/* Writes what a request asks. Its first result is a row: the server's clock in milliseconds,
 * its era. The last result is what was asked: key, version, value in each row; for a write,
 * rows of no interest. `left`: seconds until its deadline. */
bool tn_postgresql_sql_write(struct tn_postgresql_sql *sql, const struct tn_libpq *pq,
                             PGconn *connection, const struct tn_store_request *request,
                             double left);

/* Whether there is no table: a row with "t" or "f". And makes it. */
extern const char tn_postgresql_sql_is_missing[], tn_postgresql_sql_create[];

#pragma GCC visibility pop

#endif
