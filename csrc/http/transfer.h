/* One HTTP request and its response on a libcurl easy handle, with a result that says whether
 * the request was sent, whether it was answered, and with which status. Knows no Lua. Used by
 * io/multi.c and lua/session.c.
 *
 * A transfer belongs to one thread at a time and performs one request after another. Its handle
 * keeps a connection open between them; within a curl_multi, that keeps the connections. Three
 * rules of buying are enforced here: libcurl never sends a request with `once` set twice by
 * itself; a status line that was received is never lost; and a kept connection with unread
 * bytes is not reused. A fourth rule serves the journal: nothing is sent after a request's
 * limit, which is checked immediately before the first byte. */
#ifndef TN_HTTP_TRANSFER_H
#define TN_HTTP_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "http/auth_headers.h"
#include "http/send_limit.h"
#include "http/transfer_options.h"
#include "pure/method.h"
#include "pure/result.h"

#pragma GCC visibility push(hidden)

/* Seconds after which an idle connection is not reused. Load balancers usually close one after
 * 60 s, and a purchase on a connection that is being closed ends as "unknown". */
#define TN_IDLE_CONNECTION_MAX 50

struct tn_request {
    enum tn_method method;
    const char *url;
    const char *body; /* the form of a POST, read until the transfer ends; else NULL */
    size_t body_length;
    struct tn_auth_headers *headers; /* the transfer takes a reference while it uses them */
    double timeout, connect_timeout; /* seconds */
    bool once;                       /* libcurl must not send it twice by itself */
    struct tn_send_limit limit;      /* no byte of it is sent from then on */
    /* Called about once a second; true aborts the transfer. May be NULL. */
    bool (*interrupted)(void *context);
    /* Called when libcurl starts to send it, the second time too; before libcurl 7.80, before
     * there is a connection. May be NULL. */
    void (*started)(void *context);
    void *context;
};

struct tn_transfer;

/* Copies the options; opens no connection. NULL if there is no memory. */
struct tn_transfer *tn_transfer_new(const struct tn_transfer_options *options);

/* Releases the headers, with the credentials in them, between two requests. */
void tn_transfer_release_headers(struct tn_transfer *transfer);

/* Closes its connection, if it has one. NULL is allowed. */
void tn_transfer_delete(struct tn_transfer *transfer);

/* Performs a request, and blocks until it ends. */
void tn_transfer_perform(struct tn_transfer *transfer, const struct tn_request *request,
                         struct tn_result *result);

/* The same in steps, for a curl_multi: begin; let the curl_multi perform the handle; with its
 * CURLcode, begin and perform again if tn_transfer_must_repeat(), else end. Request and result
 * must live until the end. If it returns false, end the transfer without performing it. */
bool tn_transfer_begin(struct tn_transfer *transfer, const struct tn_request *request,
                       struct tn_result *result);
void *tn_transfer_handle(const struct tn_transfer *transfer); /* a CURL * */
bool tn_transfer_must_repeat(struct tn_transfer *transfer, int curl_code);
bool tn_transfer_trusts_all(const struct tn_transfer *transfer); /* after a retry */
void tn_transfer_end(struct tn_transfer *transfer, int curl_code);

/* Ends a cancelled transfer, after its handle was removed from its curl_multi. */
void tn_transfer_end_cancelled(struct tn_transfer *transfer);

/* Initializes libcurl. May be called from several threads, and more than once. */
bool tn_transfer_global_init(void);

/* Whether the system limits how long it sends a dead process's request, see http/sockets.h. */
bool tn_transfer_has_user_timeout(void);

/* The version of libcurl at run time, such as "7.88.1". */
const char *tn_transfer_libcurl_version(void);

#pragma GCC visibility pop

#endif
