/* See transfer.h. */
#define _POSIX_C_SOURCE 200809L
#include "http/transfer.h"

#include "http/curl_outcome.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/libcurl.h"
#include "http/fork.h"
#include "http/easy.h"
#include "http/sigpipe.h"
#include "pure/wipe.h"

/* Since 7.80 libcurl can ask before it sends. TN_WITHOUT_PREREQ tests the way of older ones. */
#if LIBCURL_VERSION_NUM >= 0x075000 && !defined(TN_WITHOUT_PREREQ)
#define TN_ASKS_BEFORE_SENDING 1
#else
#define TN_ASKS_BEFORE_SENDING 0
#endif

struct tn_transfer {
    CURL *easy;          /* NULL until the first request, and again after a fork */
    CURL *foreign;       /* made before a fork, the parent's: kept, never touched */
    unsigned generation; /* of the process that it is for, see http/fork.h */
    CURLU *url;          /* what the handle reads, made of this: */
    char *url_text;
    struct tn_auth_headers *headers;      /* those that the handle reads */
    struct curl_slist agent, proxy_agent; /* the line that goes before them, if there is one */
    struct tn_transfer_options options;   /* with copies of its strings */
    struct tn_sockets own_sockets;        /* unless the options name others */
    enum tn_ca_store trust;
    bool guarded; /* libcurl asks before it sends (7.80) */

    const struct tn_request *request; /* while it runs */
    struct tn_result *result;
    CURLcode unready; /* why it could not begin */
    size_t body_read;
    struct tn_line_guard lines;
    unsigned starts; /* how often libcurl began to send the request */
    int local_port;  /* from which it did so last */
    bool is_lost;    /* it did not: the kept connection could not carry the request */
    bool is_afresh;  /* and so it gets a new one */
    bool was_interrupted;
    char error[CURL_ERROR_SIZE];
};

static struct tn_sockets *sockets_of(struct tn_transfer *transfer) {
    return transfer->options.sockets ? transfer->options.sockets : &transfer->own_sockets;
}

/* ---- libcurl's callbacks: none of them knows Lua ---- */

static size_t on_head(char *line, size_t size, size_t count, void *user) {
    struct tn_transfer *transfer = user;
    size_t length = size * count;
    if (transfer->starts > 0 && length > 6 && strncasecmp(line, "HTTP/1", 6) == 0)
        tn_sockets_note_http_1(sockets_of(transfer), transfer->local_port);
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

/* The body of a request for a libcurl that does not ask before it sends: read from here, it
 * cannot be rewound, so that libcurl cannot send it a second time (error 65). */
static size_t on_read(char *room, size_t size, size_t count, void *user) {
    struct tn_transfer *transfer = user;
    size_t left = transfer->request->body_length - transfer->body_read;
    size_t length = size * count < left ? size * count : left;
    note_start(transfer, 1);
    memcpy(room, transfer->request->body + transfer->body_read, length);
    transfer->body_read += length;
    return length;
}

#if TN_ASKS_BEFORE_SENDING
/* libcurl 7.88 uses a kept connection again on which bytes wait: they become the response to
 * another request. From 8.22 it uses one that the server has closed less than a second ago: the
 * request is lost. (Those that do not ask, before 7.80, take any readable one for dead.) */
static bool meets_lost_connection(struct tn_transfer *transfer) {
    long connects = 0;
    transfer->is_lost =
        transfer->starts == 0 &&
        curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK &&
        connects == 0 && tn_sockets_is_lost(sockets_of(transfer), transfer->local_port);
    if (transfer->is_lost) /* closed as soon as no other request uses it */
        curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, 1L);
    return transfer->is_lost;
}

/* A kept connection that died before a byte of the response makes libcurl send the request
 * again on a new one (measured on 7.88.1; curl pull request 18417 asks for a switch). Not a
 * purchase; and not a release, whose second response would be 404. */
static int on_start(void *user, char *remote_ip, char *local_ip, int remote_port,
                    int local_port) {
    struct tn_transfer *transfer = user;
    (void)remote_ip, (void)local_ip, (void)remote_port;
    transfer->local_port = local_port;
    if (meets_lost_connection(transfer))
        return CURL_PREREQFUNC_ABORT;
    note_start(transfer, transfer->starts + 1);
    tn_easy_expect_lines(transfer->easy, &transfer->lines);
    return transfer->request->once && transfer->starts > 1 ? CURL_PREREQFUNC_ABORT
                                                           : CURL_PREREQFUNC_OK;
}
#endif

static int on_progress(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up) {
    struct tn_transfer *transfer = user;
    const struct tn_request *request = transfer->request;
    (void)down_total, (void)down, (void)up_total, (void)up;
    /* for good: libcurl may ask once more before it ends */
    transfer->was_interrupted |= request->interrupted && request->interrupted(request->context);
    return transfer->was_interrupted;
}

/* ---- the handle ---- */

static CURLcode set_callbacks(CURL *easy, struct tn_transfer *transfer) {
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
#if TN_ASKS_BEFORE_SENDING
    /* The libcurl that runs may be older than the one that was compiled against. The function
     * comes last: it needs its data. */
    transfer->guarded = code == CURLE_OK &&
                        curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer) == CURLE_OK &&
                        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_start) == CURLE_OK;
#endif
    return code;
}

/* A child of fork() shares the parent's sockets: closing one would say good-bye in the parent's
 * name. So the child forgets the parent's handle without touching it, and makes its own. */
static void leave_parents_handle(struct tn_transfer *transfer) {
    unsigned generation = tn_fork_generation();
    if (transfer->generation == generation)
        return;
    if (transfer->easy)
        transfer->foreign = transfer->easy;
    transfer->easy = NULL;
    transfer->own_sockets = (struct tn_sockets){ NULL, 0, 0 }; /* the parent's, too */
    transfer->generation = generation;
}

/* The user agent's line goes before those that are shared. (As an option libcurl would format
 * it anew for each request, which costs as much as a form.) */
static struct curl_slist *lines_with(struct tn_transfer *transfer,
                                     struct tn_auth_headers *headers) {
    struct curl_slist *lines = tn_auth_headers_lines(headers);
    if (!lines || !transfer->agent.data)
        return lines;
    transfer->agent.next = lines;
    return &transfer->agent;
}

/* The handle reads the lines where they are: the transfer owns them until it has others. */
static CURLcode set_headers(struct tn_transfer *transfer, struct tn_auth_headers *headers) {
    if (headers == transfer->headers)
        return CURLE_OK;
    CURLcode code =
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, lines_with(transfer, headers));
    if (code != CURLE_OK) {
        lines_with(transfer, transfer->headers);
        return code;
    }
    tn_auth_headers_release(transfer->headers);
    transfer->headers = tn_auth_headers_share(headers);
    return CURLE_OK;
}

/* A URL as text is parsed and put together again by libcurl for each request. */
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
    TN_SET(CURLOPT_URL, NULL); /* it keeps the text of the one before, for its messages */
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

void tn_transfer_rest(struct tn_transfer *transfer) {
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
    CURLcode code =
        tn_easy_configure(easy, &transfer->options, sockets_of(transfer), &transfer->trust);
    if (code == CURLE_OK)
        code = set_callbacks(easy, transfer);
    if (code == CURLE_OK)
        code = tn_easy_guard_lines(easy, &transfer->lines);
    TN_SET(CURLOPT_HTTPHEADER, lines_with(transfer, transfer->headers));
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
    /* Without a body nothing but a new connection keeps an older libcurl from sending again. */
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

/* Why it failed, for people: libcurl's words, where our own limits are not the cause. */
static const char *reason(const struct tn_transfer *transfer, CURLcode code) {
    const struct tn_response *response = &transfer->result->response;
    if (transfer->was_interrupted)
        return ""; /* libcurl's word is of a callback that nobody knows */
    if (transfer->is_lost)
        return "the connection was closed before the request was sent";
    if (response->too_large)
        return "the answer is larger than the limits";
    if (response->out_of_memory)
        return "not enough memory for the answer";
    if ((transfer->request->once && transfer->starts > 1) || code == CURLE_SEND_FAIL_REWIND)
        return "the connection was closed instead of answering";
    if (strstr(transfer->error, "proxy syntax")) /* libcurl repeats it with its password */
        return "the URL of the proxy is malformed";
    if (transfer->error[0])
        return transfer->error;
    if (code == CURLE_OK && !response->head_complete)
        return "it closed within the headers";
    return code == CURLE_OK ? "" : curl_easy_strerror(code);
}

enum { STATUS_MAX = 999 };

/* What libcurl takes for the status; 0 for one that did not begin, which has that of the
 * request before. */
static long status_of_libcurl(struct tn_transfer *transfer) {
    long status = 0;
    bool began = transfer->starts > 0 || transfer->result->response.headers_bytes > 0;
    if (!began ||
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        return 0;
    return status >= 200 && status <= STATUS_MAX ? status : 0;
}

/* libcurl reads status lines that we do not ("HTTP/1.1  201"), or never get ("HTTP/1.1 201 "
 * and a NUL byte), and no purchase may be missed. It also reads "404x" as 404: so a refusal
 * counts only where both read the same, and is no status otherwise. */
static void note_status(struct tn_transfer *transfer) {
    struct tn_response *response = &transfer->result->response;
    long theirs = status_of_libcurl(transfer);
    if (response->status == 0 && theirs / 100 != 4)
        response->status = theirs;
    else if (response->status / 100 == 4 && response->status != theirs)
        response->status = 0;
}

static void judge(struct tn_transfer *transfer, CURLcode code) {
    struct tn_result *result = transfer->result;
    /* Without the guard all but a POST counts as sent from the beginning, which harms nobody.
     */
    result->sent =
        transfer->starts > 0 || (!transfer->guarded && transfer->request->method != TN_POST);
    result->outcome = tn_outcome_of((int)code, result->sent, &result->permanent);
    note_status(transfer);
    /* libcurl takes the end of a connection within the headers for the end of the response. */
    if (result->outcome == TN_ANSWERED && !result->response.head_complete)
        result->outcome = TN_NETWORK;
    if (result->outcome == TN_ANSWERED && result->response.status == 0)
        result->outcome = TN_RESPONSE;
    if (transfer->was_interrupted)
        result->outcome = TN_CANCELLED;
    tn_response_read_json(&result->response);
    tn_result_explain(result, reason(transfer, code));
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
    transfer->unready = ready_handle(transfer);
    if (transfer->unready == CURLE_OK)
        transfer->unready = set_request(transfer);
    if (!transfer->guarded && transfer->easy)
        tn_easy_expect_lines(transfer->easy, &transfer->lines);
    if (!transfer->guarded && request->started)
        request->started(request->context);
    return transfer->unready == CURLE_OK;
}

void *tn_transfer_handle(const struct tn_transfer *transfer) {
    return transfer->easy;
}

/* Only if nothing left: the certificate may be that of a connection on which libcurl wanted to
 * send the request a second time. A new connection is asked for once. */
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
    judge(transfer, unready == CURLE_OK ? (CURLcode)curl_code : unready);
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
    tn_sigpipe_hold(&sigpipe);
    do
        if (tn_transfer_begin(transfer, request, result))
            code = curl_easy_perform(transfer->easy);
    while (tn_transfer_must_repeat(transfer, (int)code));
    tn_sigpipe_release(&sigpipe);
    tn_transfer_end(transfer, (int)code);
}

/* ---- life ---- */

/* Copies an option, where there is one; false if there is no memory. */
static bool copy(const char **to, const char *from) {
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

bool tn_transfer_options_copy(struct tn_transfer_options *to,
                              const struct tn_transfer_options *from) {
    *to = *from;
    to->ca_file = to->proxy = to->user_agent = NULL;
    return copy(&to->ca_file, from->ca_file) && copy(&to->proxy, from->proxy) &&
           copy(&to->user_agent, from->user_agent);
}

void tn_transfer_options_free(struct tn_transfer_options *options) {
    tn_wipe_free((char *)options->proxy); /* there may be a password in it */
    free((char *)options->ca_file);
    free((char *)options->user_agent);
    options->ca_file = options->proxy = options->user_agent = NULL;
}

static bool name_agent(struct tn_transfer *transfer) {
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
    if (tn_transfer_options_copy(&transfer->options, options) && name_agent(transfer))
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
        tn_sigpipe_hold(&sigpipe); /* it says good-bye */
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

/* Static state, guarded by the system. */
static struct {
    pthread_mutex_t lock; /* guards this: */
    bool done;
} preparation = { PTHREAD_MUTEX_INITIALIZER, false };

bool tn_transfer_global_init(void) {
    pthread_mutex_lock(&preparation.lock);
    preparation.done = preparation.done || curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    bool done = preparation.done;
    pthread_mutex_unlock(&preparation.lock);
    return done;
}

const char *tn_transfer_libcurl_version(void) {
    return curl_version_info(CURLVERSION_NOW)->version;
}
