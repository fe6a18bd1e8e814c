/* One HTTP request and its answer on a libcurl easy handle, and the judgement of what happened:
 * was it sent, was it answered, what did the status line say. Knows no Lua. Used by engine.c
 * and lua_session.c.
 *
 * An exchange belongs to one thread at a time and does one request after another. By itself it
 * keeps a connection; among others in a curl_multi, that keeps them. Three rules of buying are
 * seen to here: libcurl never sends a request twice by itself where `once` is set, a status
 * line that was seen is never forgotten, and a kept connection on which something waits to be
 * read is not used again. */
#ifndef TN_EXCHANGE_H
#define TN_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "answer.h"
#include "headers.h"
#include "outcome.h"

/* Seconds after which an idle connection is not used again. Load balancers close one after 60 s
 * as a rule, and a purchase that meets a closing connection ends as "unknown". */
#define TN_IDLE_CONNECTION_MAX 50

enum tn_http_version {
    TN_HTTP_1_1,
    TN_HTTP_2, /* where the server agrees */
    TN_HTTP_2_PRIOR_KNOWLEDGE,
    TN_HTTP_VERSION_COUNT
};

struct tn_sockets;

/* Everything is copied, but for the sockets. NULL: not set. */
struct tn_exchange_options {
    const char *ca_file; /* the only trust store, if set */
    const char *proxy;   /* if not set, libcurl asks the environment */
    const char *user_agent;
    enum tn_http_version http_version;
    bool plain;     /* http instead of https, and never by a proxy: for loopback */
    bool all_trust; /* the whole trust store from the start: the quick one was not enough */
    struct tn_sockets *sockets; /* of the connections that are shared in a curl_multi */
};

enum tn_method { TN_GET, TN_POST, TN_DELETE, TN_METHOD_COUNT };

struct tn_request {
    enum tn_method method;
    const char *url;
    const char *body; /* the form of a POST, read until the exchange is over; else NULL */
    size_t body_length;
    struct tn_headers *headers;      /* the exchange becomes an owner for as long as it needs */
    double timeout, connect_timeout; /* seconds */
    bool once;                       /* never let libcurl send it a second time */
    /* Asked about once a second; true gives the exchange up. May be NULL. */
    bool (*interrupted)(void *context);
    /* Told when it begins to be sent, perhaps again; at once, before it has a connection, if
     * libcurl cannot ask before it sends (7.80). May be NULL. */
    void (*started)(void *context);
    void *context;
};

#define TN_REASON_MAX 256
struct tn_result {
    enum tn_outcome outcome;
    bool sent;      /* false only when it is certain that no request left */
    bool permanent; /* trying again cannot help: a wrong certificate, a missing file */
    char reason[TN_REASON_MAX]; /* libcurl's words; empty where it has none */
    struct tn_answer answer;    /* also what came before an exchange broke */
};

/* False if there is no memory; either way tn_exchange_options_free() is in order. */
bool tn_exchange_options_copy(struct tn_exchange_options *to,
                              const struct tn_exchange_options *from);
void tn_exchange_options_free(struct tn_exchange_options *options);

/* Sets the words for people. */
void tn_result_explain(struct tn_result *result, const char *reason);

struct tn_exchange;

/* Makes one, without touching the network; NULL if there is no memory. */
struct tn_exchange *tn_exchange_new(const struct tn_exchange_options *options);

/* Between two requests: gives up the headers, with the credentials in them. */
void tn_exchange_rest(struct tn_exchange *exchange);

/* Closes its connection, if it has one; nothing for NULL. */
void tn_exchange_delete(struct tn_exchange *exchange);

/* Does the whole exchange, waiting for its end. */
void tn_exchange_perform(struct tn_exchange *exchange, const struct tn_request *request,
                         struct tn_result *result);

/* The same in steps, for a curl_multi: begin; have the handle performed; with its CURLcode, ask
 * whether to begin and perform once more, else end. Request and result must live until the end.
 * False: end, with nothing performed. */
bool tn_exchange_begin(struct tn_exchange *exchange, const struct tn_request *request,
                       struct tn_result *result);
void *tn_exchange_handle(const struct tn_exchange *exchange); /* a CURL * */
bool tn_exchange_must_repeat(struct tn_exchange *exchange, int curl_code);
bool tn_exchange_trusts_all(const struct tn_exchange *exchange); /* by now */
void tn_exchange_end(struct tn_exchange *exchange, int curl_code);

/* The end of one that was given up; the handle is out of its curl_multi. */
void tn_exchange_end_cancelled(struct tn_exchange *exchange);

/* Prepares libcurl for this process; safe to call from several threads and more than once. */
bool tn_exchange_global_init(void);

const char *tn_http_version_name(enum tn_http_version version);
const char *tn_method_name(enum tn_method method);

#endif
