/* The part of libpq that the PostgreSQL driver uses, declared here, so that the build needs no
 * header of PostgreSQL; the library is opened at run time. spec/support/libpq_types.c compares
 * this with the real libpq-fe.h. */
#ifndef TN_JOURNAL_POSTGRESQL_LIBRARY_H
#define TN_JOURNAL_POSTGRESQL_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* libpq's opaque types; C11 allows to repeat a typedef. */
typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

/* libpq's PQconninfoOption. */
#define TN_LIBPQ_OPTION_FIELDS                                                                 \
    char *keyword, *envvar, *compiled, *val, *label, *dispchar;                                \
    int dispsize;
#ifndef tn_libpq_option
struct tn_libpq_option {
    TN_LIBPQ_OPTION_FIELDS
};
#endif

typedef void (*tn_libpq_notice_receiver)(void *user, const PGresult *result);

/* Values of libpq's enums, which all supported compilers store as unsigned int, and its field
 * codes. */
enum {
    TN_CONNECTION_OK = 0,
    TN_CONNECTION_BAD = 1,
    TN_POLLING_FAILED = 0,
    TN_POLLING_READING = 1,
    TN_POLLING_WRITING = 2,
    TN_POLLING_OK = 3,
    TN_RESULT_COMMAND = 1,
    TN_RESULT_ROWS = 2,
    TN_TRANSACTION_IDLE = 0,
    TN_FIELD_SEVERITY = 'V', /* of errors and warnings, not localized */
    TN_FIELD_STATE = 'C',
    TN_FIELD_MESSAGE = 'M'
};

/* X(return type, name, arguments) */
#define TN_LIBPQ_FUNCTIONS(X)                                                                  \
    X(int, PQisthreadsafe, (void))                                                             \
    X(struct tn_libpq_option *, PQconninfoParse, (const char *conninfo, char **error))         \
    X(void, PQconninfoFree, (struct tn_libpq_option * options))                                \
    X(PGconn *, PQconnectStartParams,                                                          \
      (const char *const *keywords, const char *const *values, int expand_dbname))             \
    X(unsigned, PQconnectPoll, (PGconn * connection))                                          \
    X(void, PQfinish, (PGconn * connection))                                                   \
    X(unsigned, PQstatus, (const PGconn *connection))                                          \
    X(unsigned, PQtransactionStatus, (const PGconn *connection))                               \
    X(int, PQsocket, (const PGconn *connection))                                               \
    X(char *, PQerrorMessage, (const PGconn *connection))                                      \
    X(tn_libpq_notice_receiver, PQsetNoticeReceiver,                                           \
      (PGconn * connection, tn_libpq_notice_receiver receiver, void *user))                    \
    X(int, PQsetnonblocking, (PGconn * connection, int is_nonblocking))                        \
    X(int, PQsendQuery, (PGconn * connection, const char *query))                              \
    X(int, PQflush, (PGconn * connection))                                                     \
    X(int, PQconsumeInput, (PGconn * connection))                                              \
    X(int, PQisBusy, (PGconn * connection))                                                    \
    X(PGresult *, PQgetResult, (PGconn * connection))                                          \
    X(void, PQclear, (PGresult * result))                                                      \
    X(unsigned, PQresultStatus, (const PGresult *result))                                      \
    X(char *, PQresultErrorField, (const PGresult *result, int field))                         \
    X(int, PQntuples, (const PGresult *result))                                                \
    X(int, PQnfields, (const PGresult *result))                                                \
    X(int, PQgetlength, (const PGresult *result, int row, int column))                         \
    X(char *, PQgetvalue, (const PGresult *result, int row, int column))                       \
    X(char *, PQescapeLiteral, (PGconn * connection, const char *text, size_t length))         \
    X(void, PQfreemem, (void *memory))

struct tn_libpq {
#define TN_LIBPQ_FIELD(type, name, arguments) type(*name) arguments;
    TN_LIBPQ_FUNCTIONS(TN_LIBPQ_FIELD)
#undef TN_LIBPQ_FIELD
};

/* Opens libpq. False with a message if it is missing or not thread-safe. */
bool tn_libpq_open(struct tn_libpq *pq, char *message, size_t size);

#pragma GCC visibility pop

#endif
