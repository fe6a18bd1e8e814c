/* One HTTP request and its answer on a libcurl easy handle, and the judgement of what happened:
 * was it sent, was it answered, what did the status line say. Knows no Lua; with trust.c the
 * only part that includes curl.h. Used by lua_curl.c.
 *
 * An exchange belongs to one thread at a time and does one request after another on a
 * connection that it keeps. Two rules of buying are seen to here: libcurl never sends a request
 * twice by itself where `once` is set, and a status line that was seen is never forgotten. */
#ifndef TN_EXCHANGE_H
#define TN_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "answer.h"
#include "outcome.h"

enum tn_http_version {
    TN_HTTP_1_1,
    TN_HTTP_2, /* where the server agrees */
    TN_HTTP_2_PRIOR_KNOWLEDGE,
    TN_HTTP_VERSION_COUNT
};

/* Everything is copied. NULL: not set. */
struct tn_exchange_options {
    const char *ca_file; /* the only trust store, if set */
    const char *proxy;   /* if not set, libcurl asks the environment */
    const char *user_agent;
    enum tn_http_version http_version;
    bool plain; /* http instead of https, and never by a proxy: for loopback */
};

struct tn_request {
    const char *url;
    const char
        *body; /* NULL: a GET; else a POST of this form. Read until the exchange is over. */
    size_t body_length;
    double timeout, connect_timeout; /* seconds */
    bool once;                       /* never let libcurl send it a second time */
    /* Asked about once a second; true gives the exchange up. May be NULL. */
    bool (*interrupted)(void *context);
    void *interrupted_context;
};

#define TN_REASON_MAX 256
struct tn_result {
    enum tn_outcome outcome;
    bool sent;      /* false only when it is certain that no request left */
    bool permanent; /* trying again cannot help: a wrong certificate, a missing file */
    char reason[TN_REASON_MAX]; /* libcurl's words; empty where it has none */
    struct tn_answer answer;    /* also what came before an exchange broke */
};

struct tn_exchange;

/* Makes one, without touching the network; NULL if there is no memory. */
struct tn_exchange *tn_exchange_new(const struct tn_exchange_options *options);

/* Closes the connection and wipes the secrets; nothing for NULL. */
void tn_exchange_delete(struct tn_exchange *exchange);

/* Sets the value of the Authorization header for the requests to come and wipes the last one;
 * false if there is no memory. */
bool tn_exchange_authorize(struct tn_exchange *exchange, const char *value);

/* Does the whole exchange, waiting for its end. The result is the exchange's, until the next.
 */
const struct tn_result *tn_exchange_perform(struct tn_exchange *exchange,
                                            const struct tn_request *request);

/* Prepares libcurl for this process; safe to call from several threads and more than once. */
bool tn_exchange_global_init(void);

const char *tn_http_version_name(enum tn_http_version version);

#endif
