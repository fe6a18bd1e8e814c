/* One HTTP request and its response on a libcurl easy handle, and the judgement of what
 * happened: was it sent, was it answered, what did the status line say. Knows no Lua. Used by
 * io_thread.c and lua/session.c.
 *
 * A transfer belongs to one thread at a time and does one request after another. By itself it
 * keeps a connection; among others in a curl_multi, that keeps them. Three rules of buying are
 * seen to here: libcurl never sends a request twice by itself where `once` is set, a status
 * line that was seen is never forgotten, and a kept connection on which something waits to be
 * read is not used again. */
#ifndef TN_HTTP_TRANSFER_H
#define TN_HTTP_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "http/auth_headers.h"
#include "pure/method.h"
#include "pure/result.h"

#pragma GCC visibility push(hidden)

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
struct tn_transfer_options {
    const char *ca_file; /* the only trust store, if set */
    const char *proxy;   /* if not set, libcurl asks the environment */
    const char *user_agent;
    enum tn_http_version http_version;
    bool plain;     /* http instead of https, and never by a proxy: for loopback */
    bool all_trust; /* the whole trust store from the start: the quick one was not enough */
    struct tn_sockets *sockets; /* of the connections that are shared in a curl_multi */
};

struct tn_request {
    enum tn_method method;
    const char *url;
    const char *body; /* the form of a POST, read until the transfer is over; else NULL */
    size_t body_length;
    struct tn_auth_headers *headers; /* the transfer becomes an owner for as long as it needs */
    double timeout, connect_timeout; /* seconds */
    bool once;                       /* never let libcurl send it a second time */
    /* Asked about once a second; true gives the transfer up. May be NULL. */
    bool (*interrupted)(void *context);
    /* Told when it begins to be sent, perhaps again; at once, before it has a connection, if
     * libcurl cannot ask before it sends (7.80). May be NULL. */
    void (*started)(void *context);
    void *context;
};

/* False if there is no memory; either way tn_transfer_options_free() is in order. */
bool tn_transfer_options_copy(struct tn_transfer_options *to,
                              const struct tn_transfer_options *from);
void tn_transfer_options_free(struct tn_transfer_options *options);

struct tn_transfer;

/* Makes one, without touching the network; NULL if there is no memory. */
struct tn_transfer *tn_transfer_new(const struct tn_transfer_options *options);

/* Between two requests: gives up the headers, with the credentials in them. */
void tn_transfer_rest(struct tn_transfer *transfer);

/* Closes its connection, if it has one; nothing for NULL. */
void tn_transfer_delete(struct tn_transfer *transfer);

/* Does the whole transfer, waiting for its end. */
void tn_transfer_perform(struct tn_transfer *transfer, const struct tn_request *request,
                         struct tn_result *result);

/* The same in steps, for a curl_multi: begin; have the handle performed; with its CURLcode, ask
 * whether to begin and perform once more, else end. Request and result must live until the end.
 * False: end, with nothing performed. */
bool tn_transfer_begin(struct tn_transfer *transfer, const struct tn_request *request,
                       struct tn_result *result);
void *tn_transfer_handle(const struct tn_transfer *transfer); /* a CURL * */
bool tn_transfer_must_repeat(struct tn_transfer *transfer, int curl_code);
bool tn_transfer_trusts_all(const struct tn_transfer *transfer); /* by now */
void tn_transfer_end(struct tn_transfer *transfer, int curl_code);

/* The end of one that was given up; the handle is out of its curl_multi. */
void tn_transfer_end_cancelled(struct tn_transfer *transfer);

/* Prepares libcurl for this process; safe to call from several threads and more than once. */
bool tn_transfer_global_init(void);

/* Such as "7.88.1": of the libcurl that runs. */
const char *tn_transfer_libcurl_version(void);

const char *tn_http_version_name(enum tn_http_version version);

#pragma GCC visibility pop

#endif
