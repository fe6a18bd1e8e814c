/* The transfer's struct, shared by transfer.c, transfer_callbacks.c and transfer_result.c. */
#ifndef TN_HTTP_TRANSFER_PRIVATE_H
#define TN_HTTP_TRANSFER_PRIVATE_H

#include "http/easy.h"
#include "http/libcurl.h"
#include "http/transfer.h"

#pragma GCC visibility push(hidden)

struct tn_transfer {
    CURL *easy;          /* NULL until the first request, and again after a fork */
    CURL *foreign;       /* the parent's, after a fork: kept, never used */
    unsigned generation; /* of the process that it belongs to, see http/fork.h */
    CURLU *url;          /* what the handle reads, parsed from url_text */
    char *url_text;
    struct tn_auth_headers *headers;      /* those that the handle reads, shared */
    struct curl_slist agent, proxy_agent; /* the User-Agent line; data may be NULL */
    struct tn_transfer_options options;   /* a copy */
    struct tn_sockets own_sockets;        /* used unless the options name others */
    enum tn_ca_store trust;
    bool may_raise_sigpipe;
    bool guarded; /* libcurl calls on_start() before it sends (7.80 and newer) */

    const struct tn_request *request; /* while one is in progress */
    struct tn_result *result;
    CURLcode unready; /* the error of setting up the request, or CURLE_OK */
    size_t body_read;
    struct tn_line_guard lines;
    unsigned starts; /* how many times libcurl started to send the request */
    int local_port;  /* of the last start */
    bool is_lost;    /* not sent: the kept connection was dead */
    bool is_afresh;  /* the retry after that, on a new connection */
    bool is_late;    /* refused, since its limit had passed */
    bool was_interrupted;
    char error[CURL_ERROR_SIZE];
};

/* The sockets in the options, or else the transfer's own. */
struct tn_sockets *tn_transfer_sockets(struct tn_transfer *transfer);

/* transfer_callbacks.c: sets the functions that libcurl calls during a transfer, and whether
 * the transfer is guarded. */
CURLcode tn_transfer_set_callbacks(CURL *easy, struct tn_transfer *transfer);

/* transfer_result.c: fills the result from what was received and libcurl's code. */
void tn_transfer_set_result(struct tn_transfer *transfer, CURLcode code);

#pragma GCC visibility pop

#endif
