/* See transfer.h. */
#define _POSIX_C_SOURCE 200809L
#include "http/transfer_private.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/fork.h"
#include "http/sigpipe.h"

struct tn_sockets *tn_transfer_sockets(struct tn_transfer *transfer) {
    return transfer->options.sockets ? transfer->options.sockets : &transfer->own_sockets;
}

/* A child of fork() shares the parent's sockets: closing the handle would send TLS's
 * close_notify on the parent's connection. So the child sets the parent's handle aside, unused,
 * and creates its own. */
static void leave_parents_handle(struct tn_transfer *transfer) {
    unsigned generation = tn_fork_generation();
    if (transfer->generation == generation)
        return;
    if (transfer->easy)
        transfer->foreign = transfer->easy;
    transfer->easy = NULL;
    transfer->own_sockets = (struct tn_sockets){ NULL, 0, 0 }; /* likewise the parent's */
    transfer->generation = generation;
}

/* Prepends the User-Agent line to the shared headers. (With CURLOPT_USERAGENT libcurl formats
 * the line for each request, which costs as much as encoding a form.) */
static struct curl_slist *with_agent_line(struct tn_transfer *transfer,
                                          struct tn_auth_headers *headers) {
    struct curl_slist *lines = tn_auth_headers_lines(headers);
    if (!lines || !transfer->agent.data)
        return lines;
    transfer->agent.next = lines;
    return &transfer->agent;
}

/* libcurl does not copy a list of headers, so the transfer owns it until it sets another. */
static CURLcode set_headers(struct tn_transfer *transfer, struct tn_auth_headers *headers) {
    if (headers == transfer->headers)
        return CURLE_OK;
    CURLcode code = curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER,
                                     with_agent_line(transfer, headers));
    if (code != CURLE_OK) {
        with_agent_line(transfer, transfer->headers);
        return code;
    }
    tn_auth_headers_release(transfer->headers);
    transfer->headers = tn_auth_headers_share(headers);
    return CURLE_OK;
}

/* Keeps the parsed URL from one request to the next: libcurl parses CURLOPT_URL every time. */
static CURLcode set_url(struct tn_transfer *transfer, const char *text) {
    CURL *easy = transfer->easy;
    CURLcode code = CURLE_OK;
    if (transfer->url_text && strcmp(transfer->url_text, text) == 0)
        return code;
    char *kept = strdup(text);
    CURLU *url = curl_url();
    CURLUcode parsed =
        url && kept ? curl_url_set(url, CURLUPART_URL, text, 0) : CURLUE_OUT_OF_MEMORY;
    if (parsed != CURLUE_OK)
        code = parsed == CURLUE_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_URL_MALFORMAT;
    TN_SET(CURLOPT_URL, NULL); /* libcurl would quote the last one in its messages */
    TN_SET(CURLOPT_CURLU, url);
    if (code != CURLE_OK) {
        curl_url_cleanup(url);
        free(kept);
        return code;
    }
    curl_url_cleanup(transfer->url);
    free(transfer->url_text);
    transfer->url = url;
    transfer->url_text = kept;
    return code;
}

void tn_transfer_release_headers(struct tn_transfer *transfer) {
    if (transfer->easy)
        set_headers(transfer, NULL);
}

static CURLcode ready_handle(struct tn_transfer *transfer) {
    leave_parents_handle(transfer);
    if (transfer->easy)
        return CURLE_OK;
    tn_fork_hold();
    CURL *easy = curl_easy_init();
    tn_fork_release();
    if (!easy)
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = tn_easy_configure(easy, &transfer->options, tn_transfer_sockets(transfer),
                                      &transfer->trust);
    if (code == CURLE_OK)
        code = tn_transfer_set_callbacks(easy, transfer);
    if (code == CURLE_OK)
        code = tn_easy_guard_lines(easy, &transfer->lines);
    TN_SET(CURLOPT_HTTPHEADER, with_agent_line(transfer, transfer->headers));
    if (transfer->proxy_agent.data)
        TN_SET(CURLOPT_PROXYHEADER, &transfer->proxy_agent);
    TN_SET(CURLOPT_CURLU, transfer->url);
    if (code != CURLE_OK) {
        curl_easy_cleanup(easy);
        return code;
    }
    transfer->easy = easy;
    return CURLE_OK;
}

/* ---- one request ---- */

static long milliseconds(double seconds) {
    double value = seconds * 1000;
    return value < 1 ? 1 : value > INT32_MAX ? INT32_MAX : (long)value;
}

static CURLcode set_request(struct tn_transfer *transfer) {
    const struct tn_request *request = transfer->request;
    CURL *easy = transfer->easy;
    CURLcode code = set_headers(transfer, request->headers);
    if (code == CURLE_OK)
        code = set_url(transfer, request->url);
    TN_SET(CURLOPT_TIMEOUT_MS, milliseconds(request->timeout));
    TN_SET(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request->connect_timeout));
    TN_SET(CURLOPT_NOPROGRESS, request->interrupted ? 0L : 1L);
    /* Without a body, only a new connection keeps an older libcurl from sending the request
     * again. */
    bool is_bare = request->once && request->method != TN_POST && !transfer->guarded;
    TN_SET(CURLOPT_FRESH_CONNECT, transfer->is_afresh || is_bare ? 1L : 0L);
    TN_SET(CURLOPT_FORBID_REUSE, 0L);
    TN_SET(CURLOPT_CUSTOMREQUEST, request->method == TN_DELETE ? "DELETE" : NULL);
    if (request->method != TN_POST) {
        TN_SET(CURLOPT_HTTPGET, 1L);
        return code;
    }
    TN_SET(CURLOPT_POST, 1L);
    TN_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    TN_SET(CURLOPT_POSTFIELDS, transfer->guarded || !request->once ? request->body : NULL);
    return code;
}

bool tn_transfer_begin(struct tn_transfer *transfer, const struct tn_request *request,
                       struct tn_result *result) {
    transfer->request = request;
    transfer->result = result;
    transfer->error[0] = '\0';
    transfer->starts = 0;
    transfer->is_lost = false;
    transfer->body_read = 0;
    transfer->was_interrupted = false;
    tn_response_reset(&result->response, request->method == TN_GET ? TN_RESPONSE_PAGE_MAX
                                                                   : TN_RESPONSE_NUMBER_MAX);
    transfer->is_late = tn_send_limit_is_over(&request->limit);
    transfer->unready = transfer->is_late ? CURLE_ABORTED_BY_CALLBACK : ready_handle(transfer);
    if (transfer->unready == CURLE_OK)
        transfer->unready = set_request(transfer);
    if (transfer->is_late)
        return false;
    if (!transfer->guarded && request->started)
        request->started(request->context);
    return transfer->unready == CURLE_OK;
}

void *tn_transfer_handle(const struct tn_transfer *transfer) {
    return transfer->easy;
}

/* A new connection is tried once. The trust store is widened only if nothing was sent: the
 * certificate may belong to a connection on which libcurl tried to send the request again. */
bool tn_transfer_must_repeat(struct tn_transfer *transfer, int curl_code) {
    if (transfer->is_lost && !transfer->is_afresh)
        return transfer->is_afresh = true;
    return curl_code == CURLE_PEER_FAILED_VERIFICATION && transfer->starts == 0 &&
           tn_ca_store_widen(transfer->easy, &transfer->trust);
}

bool tn_transfer_trusts_all(const struct tn_transfer *transfer) {
    return transfer->trust == TN_CA_STORE_COMPLETE;
}

void tn_transfer_end(struct tn_transfer *transfer, int curl_code) {
    CURLcode unready = transfer->unready;
    tn_transfer_set_result(transfer, unready == CURLE_OK ? (CURLcode)curl_code : unready);
    transfer->is_afresh = false;
    transfer->request = NULL;
    transfer->result = NULL;
}

void tn_transfer_end_cancelled(struct tn_transfer *transfer) {
    transfer->was_interrupted = true;
    tn_transfer_end(transfer, CURLE_ABORTED_BY_CALLBACK);
}

void tn_transfer_perform(struct tn_transfer *transfer, const struct tn_request *request,
                         struct tn_result *result) {
    struct tn_sigpipe sigpipe;
    CURLcode code = CURLE_OK;
    if (transfer->may_raise_sigpipe)
        tn_sigpipe_hold(&sigpipe);
    do
        if (tn_transfer_begin(transfer, request, result))
            code = curl_easy_perform(transfer->easy);
    while (tn_transfer_must_repeat(transfer, (int)code));
    if (transfer->may_raise_sigpipe)
        tn_sigpipe_release(&sigpipe);
    tn_transfer_end(transfer, (int)code);
}

/* ---- lifecycle ---- */

static bool make_agent_line(struct tn_transfer *transfer) {
    const char *agent = transfer->options.user_agent;
    char *line = agent ? tn_auth_headers_line("User-Agent", agent) : NULL;
    transfer->agent.data = transfer->proxy_agent.data = line;
    return line || !agent;
}

struct tn_transfer *tn_transfer_new(const struct tn_transfer_options *options) {
    struct tn_transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer)
        return NULL;
    transfer->generation = tn_fork_generation();
    transfer->may_raise_sigpipe = tn_easy_may_raise_sigpipe();
    if (tn_transfer_options_copy(&transfer->options, options) && make_agent_line(transfer))
        return transfer;
    tn_transfer_delete(transfer);
    return NULL;
}

void tn_transfer_delete(struct tn_transfer *transfer) {
    if (!transfer)
        return;
    leave_parents_handle(transfer);
    if (transfer->easy) {
        struct tn_sigpipe sigpipe;
        tn_sigpipe_hold(&sigpipe); /* it sends close_notify */
        curl_easy_cleanup(transfer->easy);
        tn_sigpipe_release(&sigpipe);
    }
    tn_sockets_forget(&transfer->own_sockets);
    curl_url_cleanup(transfer->url);
    free(transfer->url_text);
    free(transfer->agent.data);
    tn_auth_headers_release(transfer->headers);
    tn_transfer_options_free(&transfer->options);
    free(transfer);
}

static struct {
    pthread_mutex_t lock; /* guards this: */
    bool done;
} global = { PTHREAD_MUTEX_INITIALIZER, false };

bool tn_transfer_global_init(void) {
    pthread_mutex_lock(&global.lock);
    global.done = global.done || curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    bool done = global.done;
    pthread_mutex_unlock(&global.lock);
    return done;
}

bool tn_transfer_has_user_timeout(void) {
    return tn_sockets_are_limited();
}

const char *tn_transfer_libcurl_version(void) {
    return curl_version_info(CURLVERSION_NOW)->version;
}
