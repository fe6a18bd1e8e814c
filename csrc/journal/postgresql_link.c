/* See postgresql_link.h. The statements of one message ("simple query") are one transaction,
 * which the server commits or rolls back without another round trip. */
#define _POSIX_C_SOURCE 200809L
#include "journal/postgresql_link.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "io/clock.h"
#include "journal/thread.h"

/* Seconds. Routers and load balancers silently drop idle connections, some after a few minutes.
 */
#define IDLE_MAX 60.0

static const char OUT_OF_TIME[] = "no answer from the server in time";

/* ---- messages ---- */

/* Copies a message of libpq, joining its lines. */
static void copy_message(char *copy, size_t size, const char *text) {
    (void)snprintf(copy, size, "%s", text ? text : "");
    size_t length = strlen(copy);
    while (length > 0 && (copy[length - 1] == '\n' || copy[length - 1] == ' '))
        copy[--length] = '\0';
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = ' ';
}

static void note_warning(void *user, const PGresult *result) {
    struct tn_postgresql_link *link = user;
    const char *severity = link->pq.PQresultErrorField(result, TN_FIELD_SEVERITY);
    if (severity && strcmp(severity, "WARNING") == 0)
        copy_message(link->warning, sizeof link->warning,
                     link->pq.PQresultErrorField(result, TN_FIELD_MESSAGE));
}

#define LOOK_EVERY 0.1 /* seconds */

/* ---- waiting ---- */

/* Waits until the connection's socket is ready; false at the deadline. */
static bool wait_for(struct tn_postgresql_link *link, short events, double deadline) {
    struct pollfd state = { .fd = link->pq.PQsocket(link->connection), .events = events };
    for (;;) {
        double left = (deadline - tn_clock_now()) * 1000;
        if (state.fd < 0 || !(left > 0))
            return false;
        tn_store_leave_library();
        int count = poll(&state, 1, left < INT_MAX - 1 ? (int)left + 1 : INT_MAX);
        int problem = errno;
        tn_store_enter_library();
        if (count > 0)
            return true;
        if (count < 0 && problem != EINTR)
            return false;
    }
}

static bool is_readable(struct tn_postgresql_link *link) {
    struct pollfd state = { .fd = link->pq.PQsocket(link->connection), .events = POLLIN };
    return poll(&state, 1, 0) > 0;
}

/* ---- open and close ---- */

void tn_postgresql_link_close(struct tn_postgresql_link *link) {
    if (link->connection)
        link->pq.PQfinish(link->connection);
    link->connection = NULL;
}

/* Closes the connection at once. PQfinish() alone would try to send the rest of a query. */
static void abandon(struct tn_postgresql_link *link) {
    int fd = link->connection ? link->pq.PQsocket(link->connection) : -1;
    if (fd >= 0)
        (void)shutdown(fd, SHUT_RDWR);
    tn_postgresql_link_close(link);
}

/* Whether a part of the URL contains "@", which shows that the password contains an unescaped
 * "@" or "/": libpq then takes the rest of the password for this part, which its messages
 * quote. */
static bool shows_password(const struct tn_libpq_option *option) {
    static const char *const parts[] = { "host", "hostaddr", "port", "dbname" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(option->keyword, parts[i]) == 0)
            return option->val && strchr(option->val, '@');
    return false;
}

/* Rejects connection strings that libpq's messages would quote. */
static bool check_conninfo(struct tn_postgresql_link *link, const char *conninfo, char *message,
                           size_t size) {
    char *error = NULL;
    bool is_url = strncmp(conninfo, "postgres", 8) == 0, shown = false;
    struct tn_libpq_option *options = link->pq.PQconninfoParse(conninfo, &error);
    link->pq.PQfreemem(error);
    for (struct tn_libpq_option *option = options; option && option->keyword; option++)
        shown = shown || (is_url && shows_password(option));
    bool read = options && !shown;
    link->pq.PQconninfoFree(options);
    if (shown)
        (void)snprintf(
            message, size, "%s",
            "the connection string is ambiguous: in a URL's password write @ as %40, "
            "/ as %2F, % as %25");
    else if (!read)
        (void)snprintf(message, size, "%s",
                       "the connection string cannot be read: write postgresql://HOST/DATABASE "
                       "or host=HOST dbname=DATABASE");
    return read;
}

/* Starts a connection: defaults first, then the connection string, which may override them,
 * then the settings that it must not override. With several hosts, libpq picks the one that
 * accepts writes, and gives up on an unreachable one after 10 s. */
static PGconn *start(struct tn_postgresql_link *link, const char *conninfo) {
    const char *const keywords[] = { "fallback_application_name",
                                     "target_session_attrs",
                                     "tcp_user_timeout",
                                     "keepalives_idle",
                                     "keepalives_interval",
                                     "keepalives_count",
                                     "dbname",
                                     "client_encoding",
                                     NULL };
    const char *const values[] = { "twilio-numbers", "read-write", "10000", "20", "5", "3",
                                   conninfo,         "UTF8",       NULL };
    return link->pq.PQconnectStartParams(keywords, values, 1);
}

static bool finish_start(struct tn_postgresql_link *link, double deadline) {
    unsigned state = TN_POLLING_WRITING;
    if (link->pq.PQstatus(link->connection) == TN_CONNECTION_BAD)
        return false;
    while (state == TN_POLLING_READING || state == TN_POLLING_WRITING) {
        if (!wait_for(link, state == TN_POLLING_READING ? POLLIN : POLLOUT, deadline))
            return false;
        state = link->pq.PQconnectPoll(link->connection);
    }
    return state == TN_POLLING_OK && link->pq.PQsetnonblocking(link->connection, 1) == 0;
}

static bool reconnect(struct tn_postgresql_link *link, const char *conninfo, double deadline,
                      char *message, size_t size) {
    if (!check_conninfo(link, conninfo, message, size))
        return false;
    link->connection = start(link, conninfo);
    if (!link->connection) {
        (void)snprintf(message, size, "not enough memory for a connection");
        return false;
    }
    (void)link->pq.PQsetNoticeReceiver(link->connection, note_warning, link);
    if (finish_start(link, deadline)) {
        link->used = tn_clock_now();
        return true;
    }
    if (tn_clock_now() < deadline)
        copy_message(message, size, link->pq.PQerrorMessage(link->connection));
    else
        (void)snprintf(message, size, "%s", OUT_OF_TIME);
    abandon(link);
    return false;
}

/* Whether an idle connection works, as far as this end can know. A server that stopped has
 * closed it; noticing that here saves a query with an unknown outcome. */
static bool is_alive(struct tn_postgresql_link *link) {
    if (tn_clock_now() - link->used > IDLE_MAX)
        return false;
    while (is_readable(link)) {
        if (!link->pq.PQconsumeInput(link->connection))
            return false;
        (void)link->pq.PQisBusy(link->connection); /* parses what libpq has buffered */
    }
    return link->pq.PQstatus(link->connection) == TN_CONNECTION_OK;
}

bool tn_postgresql_link_open(struct tn_postgresql_link *link, const char *conninfo,
                             double deadline, char *message, size_t size) {
    if (!link->has_library && !tn_libpq_open(&link->pq, message, size))
        return false;
    link->has_library = true;
    link->is_new = !link->connection || !is_alive(link);
    if (!link->is_new)
        return true;
    tn_postgresql_link_close(link);
    return reconnect(link, conninfo, deadline, message, size);
}

/* ---- queries ---- */

/* Hands the query to the kernel. Reads meanwhile, since the server may block until its output
 * is read. */
static bool send_all(struct tn_postgresql_link *link, double deadline) {
    int left;
    while ((left = link->pq.PQflush(link->connection)) == 1) {
        if (!wait_for(link, POLLIN | POLLOUT, deadline))
            return false;
        if (is_readable(link) && !link->pq.PQconsumeInput(link->connection))
            return false;
    }
    return left == 0;
}

static void keep(struct tn_postgresql_link *link, struct tn_postgresql_answer *answer,
                 PGresult *result) {
    if (!answer->head) {
        answer->head = result;
        return;
    }
    link->pq.PQclear(answer->rows);
    answer->rows = result;
}

/* Stores an error. False if the connection is broken, for which there is an error too, from
 * libpq or from the server before it closed. */
static bool note_error(struct tn_postgresql_link *link, struct tn_postgresql_answer *answer,
                       const PGresult *result) {
    const char *state = link->pq.PQresultErrorField(result, TN_FIELD_STATE);
    const char *severity = link->pq.PQresultErrorField(result, TN_FIELD_SEVERITY);
    const char *message = link->pq.PQresultErrorField(result, TN_FIELD_MESSAGE);
    if (!message)
        message = link->pq.PQerrorMessage(link->connection);
    copy_message(answer->message, sizeof answer->message, message);
    (void)snprintf(answer->state, sizeof answer->state, "%s", state ? state : "");
    return severity && strcmp(severity, "ERROR") == 0;
}

/* Waits until PQgetResult() has a result; false at the deadline. Over TLS, bytes may already
 * have left the socket without being parsed, which poll() does not show. */
static bool wait_for_result(struct tn_postgresql_link *link, double deadline) {
    while (link->pq.PQisBusy(link->connection)) {
        double look = tn_clock_now() + LOOK_EVERY;
        if (!wait_for(link, POLLIN, look < deadline ? look : deadline) &&
            tn_clock_now() >= deadline)
            return false;
        if (!link->pq.PQconsumeInput(link->connection))
            /* If the connection is broken, PQgetResult() reports that; without memory it would
             * block. */
            return link->pq.PQsocket(link->connection) < 0;
    }
    return true;
}

/* Whether the server has reported the end of the transaction. */
static bool is_idle(struct tn_postgresql_link *link) {
    return link->pq.PQstatus(link->connection) == TN_CONNECTION_OK &&
           link->pq.PQtransactionStatus(link->connection) == TN_TRANSACTION_IDLE;
}

/* Reads all results, and sets how the query ended if that is known by the deadline. */
static void receive(struct tn_postgresql_link *link, double deadline,
                    struct tn_postgresql_answer *answer) {
    enum tn_postgresql_outcome outcome = TN_POSTGRESQL_ANSWERED;
    for (;;) {
        if (!wait_for_result(link, deadline))
            return;
        PGresult *result = link->pq.PQgetResult(link->connection);
        if (!result)
            break;
        unsigned status = link->pq.PQresultStatus(result);
        if (status == TN_RESULT_ROWS) {
            keep(link, answer, result);
            continue;
        }
        if (status != TN_RESULT_COMMAND)
            outcome =
                note_error(link, answer, result) ? TN_POSTGRESQL_REFUSED : TN_POSTGRESQL_LOST;
        link->pq.PQclear(result);
    }
    if (is_idle(link))
        answer->outcome = outcome;
}

void tn_postgresql_link_query(struct tn_postgresql_link *link, const char *query,
                              double deadline, struct tn_postgresql_answer *answer) {
    *answer = (struct tn_postgresql_answer){ .outcome = TN_POSTGRESQL_LOST };
    link->warning[0] = '\0';
    if (link->pq.PQsendQuery(link->connection, query)) {
        if (send_all(link, deadline))
            receive(link, deadline, answer);
        else if (link->pq.PQflush(link->connection) == 1)
            answer->outcome = TN_POSTGRESQL_UNSENT;
    }
    link->used = tn_clock_now();
    if (answer->outcome == TN_POSTGRESQL_ANSWERED || answer->outcome == TN_POSTGRESQL_REFUSED)
        return;
    if (!answer->message[0] && tn_clock_now() < deadline)
        copy_message(answer->message, sizeof answer->message,
                     link->pq.PQerrorMessage(link->connection));
    if (!answer->message[0])
        (void)snprintf(answer->message, sizeof answer->message, "%s", OUT_OF_TIME);
    abandon(link);
}

void tn_postgresql_answer_free(struct tn_postgresql_link *link,
                               struct tn_postgresql_answer *answer) {
    link->pq.PQclear(answer->head);
    link->pq.PQclear(answer->rows);
    answer->head = answer->rows = NULL;
}
