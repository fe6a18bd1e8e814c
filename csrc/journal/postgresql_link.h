/* A connection to PostgreSQL that never waits beyond a deadline. It runs one query at a time,
 * and is reopened after it breaks. Knows nothing of journals. Used by postgresql.c. */
#ifndef TN_JOURNAL_POSTGRESQL_LINK_H
#define TN_JOURNAL_POSTGRESQL_LINK_H

#include <stdbool.h>

#include "journal/driver.h"
#include "journal/postgresql_library.h"

#pragma GCC visibility push(hidden)

struct tn_postgresql_link {
    struct tn_libpq pq; /* if has_library */
    bool has_library;
    PGconn *connection;                 /* NULL: none */
    double used;                        /* when it last answered */
    bool is_new;                        /* it was opened for this query */
    char warning[TN_STORE_MESSAGE_MAX]; /* the server's warning during this query, or "" */
};

enum tn_postgresql_outcome {
    TN_POSTGRESQL_ANSWERED, /* its transaction is committed */
    TN_POSTGRESQL_REFUSED,  /* the server's error: its transaction is rolled back */
    TN_POSTGRESQL_UNSENT, /* the server cannot have received all of the query, and never will */
    TN_POSTGRESQL_LOST    /* anything else: it may have run, or may yet run */
};

struct tn_postgresql_answer {
    enum tn_postgresql_outcome outcome;
    PGresult *head, *rows;              /* of the first and of the last statement with rows */
    char state[6];                      /* the error's SQLSTATE, or "" */
    char message[TN_STORE_MESSAGE_MAX]; /* without a password */
};

/* Opens a connection unless there is one that works. False with a message. libpq's look-up of a
 * host name is the only step that may exceed the deadline. */
bool tn_postgresql_link_open(struct tn_postgresql_link *link, const char *conninfo,
                             double deadline, char *message, size_t size);

/* Closes the connection in an orderly way. */
void tn_postgresql_link_close(struct tn_postgresql_link *link);

/* Sends a query of one or more statements in one message, which the server runs as one
 * transaction. The link must be open; it is closed if the connection breaks or the deadline
 * passes. The caller must free the answer. */
void tn_postgresql_link_query(struct tn_postgresql_link *link, const char *query,
                              double deadline, struct tn_postgresql_answer *answer);
void tn_postgresql_answer_free(struct tn_postgresql_link *link,
                               struct tn_postgresql_answer *answer);

#pragma GCC visibility pop

#endif
