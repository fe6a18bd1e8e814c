/* What libcurl calls during a transfer: to store the response, to read the body of a request,
 * and to ask whether a request may be sent or must be aborted. See transfer_private.h. */
#define _POSIX_C_SOURCE 200809L
#include "http/transfer_private.h"

#include <string.h>
#include <strings.h>

/* libcurl 7.80 and newer call a function before they send a request. TN_WITHOUT_PREREQ builds
 * as for older ones, for tests. */
#if LIBCURL_VERSION_NUM >= 0x075000 && !defined(TN_WITHOUT_PREREQ)
#define TN_HAS_PREREQ 1
#else
#define TN_HAS_PREREQ 0
#endif

static void note_status(struct tn_transfer *transfer, const char *line, size_t length) {
    tn_easy_expect_lines(transfer->easy, &transfer->lines);
    if (transfer->starts > 0 && length > 6 && strncasecmp(line, "HTTP/1", 6) == 0)
        tn_sockets_note_http_1(tn_transfer_sockets(transfer), transfer->local_port);
}

static size_t on_head(char *line, size_t size, size_t count, void *user) {
    struct tn_transfer *transfer = user;
    size_t length = size * count;
    if (tn_easy_is_status_line(line, length))
        note_status(transfer, line, length);
    return tn_response_add_head(&transfer->result->response, line, length) ? length : 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
    struct tn_transfer *transfer = user;
    size_t length = size * count;
    return tn_response_add_body(&transfer->result->response, bytes, length) ? length : 0;
}

static void note_start(struct tn_transfer *transfer, unsigned starts) {
    const struct tn_request *request = transfer->request;
    if (transfer->starts == 0 && request->started)
        request->started(request->context);
    transfer->starts = starts;
}

/* Whether the request's limit passed before anything of it was sent. */
static bool is_late(struct tn_transfer *transfer) {
    transfer->is_late |=
        transfer->starts == 0 && tn_send_limit_is_over(&transfer->request->limit);
    return transfer->is_late;
}

/* Supplies the body of a request to a libcurl that has no CURLOPT_PREREQFUNCTION. A body that
 * is read by a callback cannot be rewound, so libcurl fails with CURLE_SEND_FAIL_REWIND instead
 * of sending it a second time. By then the head of the request was sent, which has no effect
 * without the announced body. */
static size_t on_read(char *room, size_t size, size_t count, void *user) {
    struct tn_transfer *transfer = user;
    if (is_late(transfer))
        return CURL_READFUNC_ABORT;
    size_t left = transfer->request->body_length - transfer->body_read;
    size_t length = size * count < left ? size * count : left;
    note_start(transfer, 1);
    memcpy(room, transfer->request->body + transfer->body_read, length);
    transfer->body_read += length;
    return length;
}

#if TN_HAS_PREREQ
/* Whether libcurl is about to send on a kept connection that must not be used. libcurl 7.88
 * reuses a connection with unread bytes, which become the response to this request; from 8.22
 * it reuses one that the server closed less than a second ago, and the request is lost. (Before
 * 7.80 it takes any readable connection for dead.) */
static bool is_connection_lost(struct tn_transfer *transfer) {
    long connects = 0;
    transfer->is_lost =
        transfer->starts == 0 &&
        curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK &&
        connects == 0 &&
        tn_sockets_is_lost(tn_transfer_sockets(transfer), transfer->local_port);
    if (transfer->is_lost) /* close it once no other request uses it */
        curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, 1L);
    return transfer->is_lost;
}

/* CURLOPT_PREREQFUNCTION. When a kept connection dies before the first byte of a response,
 * libcurl sends the request again on a new one (measured on 7.88.1; curl pull request 18417
 * asks for a switch). That is refused for a request with `once` set: a purchase, or a release,
 * whose second response would be 404. */
static int on_start(void *user, char *remote_ip, char *local_ip, int remote_port,
                    int local_port) {
    struct tn_transfer *transfer = user;
    (void)remote_ip, (void)local_ip, (void)remote_port;
    transfer->local_port = local_port;
    if (is_connection_lost(transfer) || is_late(transfer))
        return CURL_PREREQFUNC_ABORT;
    note_start(transfer, transfer->starts + 1);
    return transfer->request->once && transfer->starts > 1 ? CURL_PREREQFUNC_ABORT
                                                           : CURL_PREREQFUNC_OK;
}
#endif

static int on_progress(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up) {
    struct tn_transfer *transfer = user;
    const struct tn_request *request = transfer->request;
    (void)down_total, (void)down, (void)up_total, (void)up;
    /* sticky: libcurl may call again before it returns */
    transfer->was_interrupted |= request->interrupted && request->interrupted(request->context);
    return transfer->was_interrupted;
}

CURLcode tn_transfer_set_callbacks(CURL *easy, struct tn_transfer *transfer) {
    CURLcode code = CURLE_OK;
    TN_SET(CURLOPT_HEADERFUNCTION, on_head);
    TN_SET(CURLOPT_HEADERDATA, transfer);
    TN_SET(CURLOPT_WRITEFUNCTION, on_body);
    TN_SET(CURLOPT_WRITEDATA, transfer);
    TN_SET(CURLOPT_READFUNCTION, on_read);
    TN_SET(CURLOPT_READDATA, transfer);
    TN_SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    TN_SET(CURLOPT_XFERINFODATA, transfer);
    TN_SET(CURLOPT_ERRORBUFFER, transfer->error);
    transfer->guarded = false;
#if TN_HAS_PREREQ
    /* The libcurl at run time may be older than its headers at build time. The data is set
     * before the function that needs it. */
    transfer->guarded = code == CURLE_OK &&
                        curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer) == CURLE_OK &&
                        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_start) == CURLE_OK;
#endif
    return code;
}
