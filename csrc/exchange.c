/* See exchange.h. */
#define _POSIX_C_SOURCE 200809L
#include "exchange.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fork.h"
#include "handle.h"
#include "sigpipe.h"
#include "wipe.h"

/* Since 7.80 libcurl can ask before it sends. TN_WITHOUT_PREREQ tests the way of older ones. */
#if LIBCURL_VERSION_NUM >= 0x075000 && !defined(TN_WITHOUT_PREREQ)
#define TN_ASKS_BEFORE_SENDING 1
#else
#define TN_ASKS_BEFORE_SENDING 0
#endif

struct tn_exchange {
    CURL *easy;          /* NULL until the first request, and again after a fork */
    CURL *foreign;       /* made before a fork, the parent's: kept, never touched */
    unsigned generation; /* of the process that it is for, see fork.h */
    CURLU *url;          /* what the handle reads, made of this: */
    char *url_text;
    struct tn_headers *headers;           /* those that the handle reads */
    struct curl_slist agent, proxy_agent; /* the line that goes before them, if there is one */
    struct tn_exchange_options options;   /* with copies of its strings */
    struct tn_sockets own_sockets;        /* unless the options name others */
    enum tn_trust trust;
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

static struct tn_sockets *sockets_of(struct tn_exchange *exchange) {
    return exchange->options.sockets ? exchange->options.sockets : &exchange->own_sockets;
}

/* ---- libcurl's callbacks: none of them knows Lua ---- */

static size_t on_head(char *line, size_t size, size_t count, void *user) {
    struct tn_exchange *exchange = user;
    size_t length = size * count;
    if (exchange->starts > 0 && length > 6 && strncasecmp(line, "HTTP/1", 6) == 0)
        tn_sockets_note_http_1(sockets_of(exchange), exchange->local_port);
    return tn_answer_add_head(&exchange->result->answer, line, length) ? length : 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
    struct tn_exchange *exchange = user;
    size_t length = size * count;
    return tn_answer_add_body(&exchange->result->answer, bytes, length) ? length : 0;
}

static void note_start(struct tn_exchange *exchange, unsigned starts) {
    const struct tn_request *request = exchange->request;
    if (exchange->starts == 0 && request->started)
        request->started(request->context);
    exchange->starts = starts;
}

/* The body of a request for a libcurl that does not ask before it sends: read from here, it
 * cannot be rewound, so that libcurl cannot send it a second time (error 65). */
static size_t on_read(char *room, size_t size, size_t count, void *user) {
    struct tn_exchange *exchange = user;
    size_t left = exchange->request->body_length - exchange->body_read;
    size_t length = size * count < left ? size * count : left;
    note_start(exchange, 1);
    memcpy(room, exchange->request->body + exchange->body_read, length);
    exchange->body_read += length;
    return length;
}

#if TN_ASKS_BEFORE_SENDING
/* libcurl 7.88 uses a kept connection again on which bytes wait: they become the answer to
 * another request. From 8.22 it uses one that the server has closed less than a second ago: the
 * request is lost. (Those that do not ask, before 7.80, take any readable one for dead.) */
static bool meets_lost_connection(struct tn_exchange *exchange) {
    long connects = 0;
    exchange->is_lost =
        exchange->starts == 0 &&
        curl_easy_getinfo(exchange->easy, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK &&
        connects == 0 && tn_sockets_is_lost(sockets_of(exchange), exchange->local_port);
    if (exchange->is_lost) /* closed as soon as no other request uses it */
        curl_easy_setopt(exchange->easy, CURLOPT_FORBID_REUSE, 1L);
    return exchange->is_lost;
}

/* A kept connection that died before a byte of the answer makes libcurl send the request again
 * on a new one (measured on 7.88.1; curl pull request 18417 asks for a switch). Not a purchase;
 * and not a release, whose second answer would be 404. */
static int on_start(void *user, char *remote_ip, char *local_ip, int remote_port,
                    int local_port) {
    struct tn_exchange *exchange = user;
    (void)remote_ip, (void)local_ip, (void)remote_port;
    exchange->local_port = local_port;
    if (meets_lost_connection(exchange))
        return CURL_PREREQFUNC_ABORT;
    note_start(exchange, exchange->starts + 1);
    tn_handle_expect_lines(exchange->easy, &exchange->lines);
    return exchange->request->once && exchange->starts > 1 ? CURL_PREREQFUNC_ABORT
                                                           : CURL_PREREQFUNC_OK;
}
#endif

static int on_progress(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up) {
    struct tn_exchange *exchange = user;
    const struct tn_request *request = exchange->request;
    (void)down_total, (void)down, (void)up_total, (void)up;
    /* for good: libcurl may ask once more before it ends */
    exchange->was_interrupted |= request->interrupted && request->interrupted(request->context);
    return exchange->was_interrupted;
}

/* ---- the handle ---- */

static CURLcode set_callbacks(CURL *easy, struct tn_exchange *exchange) {
    CURLcode code = CURLE_OK;
    TN_SET(CURLOPT_HEADERFUNCTION, on_head);
    TN_SET(CURLOPT_HEADERDATA, exchange);
    TN_SET(CURLOPT_WRITEFUNCTION, on_body);
    TN_SET(CURLOPT_WRITEDATA, exchange);
    TN_SET(CURLOPT_READFUNCTION, on_read);
    TN_SET(CURLOPT_READDATA, exchange);
    TN_SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    TN_SET(CURLOPT_XFERINFODATA, exchange);
    TN_SET(CURLOPT_ERRORBUFFER, exchange->error);
    exchange->guarded = false;
#if TN_ASKS_BEFORE_SENDING
    /* The libcurl that runs may be older than the one that was compiled against. The function
     * comes last: it needs its data. */
    exchange->guarded = code == CURLE_OK &&
                        curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange) == CURLE_OK &&
                        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_start) == CURLE_OK;
#endif
    return code;
}

/* A child of fork() shares the parent's sockets: closing one would say good-bye in the parent's
 * name. So the child forgets the parent's handle without touching it, and makes its own. */
static void leave_parents_handle(struct tn_exchange *exchange) {
    unsigned generation = tn_fork_generation();
    if (exchange->generation == generation)
        return;
    if (exchange->easy)
        exchange->foreign = exchange->easy;
    exchange->easy = NULL;
    exchange->own_sockets = (struct tn_sockets){ NULL, 0, 0 }; /* the parent's, too */
    exchange->generation = generation;
}

/* The user agent's line goes before those that are shared. (As an option libcurl would format
 * it anew for each request, which costs as much as a form.) */
static struct curl_slist *lines_with(struct tn_exchange *exchange, struct tn_headers *headers) {
    struct curl_slist *lines = tn_headers_lines(headers);
    if (!lines || !exchange->agent.data)
        return lines;
    exchange->agent.next = lines;
    return &exchange->agent;
}

/* The handle reads the lines where they are: the exchange owns them until it has others. */
static CURLcode set_headers(struct tn_exchange *exchange, struct tn_headers *headers) {
    if (headers == exchange->headers)
        return CURLE_OK;
    CURLcode code =
        curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, lines_with(exchange, headers));
    if (code != CURLE_OK) {
        lines_with(exchange, exchange->headers);
        return code;
    }
    tn_headers_release(exchange->headers);
    exchange->headers = tn_headers_share(headers);
    return CURLE_OK;
}

/* A URL as text is parsed and put together again by libcurl for each request. */
static CURLcode set_url(struct tn_exchange *exchange, const char *text) {
    CURL *easy = exchange->easy;
    CURLcode code = CURLE_OK;
    if (exchange->url_text && strcmp(exchange->url_text, text) == 0)
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
    curl_url_cleanup(exchange->url);
    free(exchange->url_text);
    exchange->url = url;
    exchange->url_text = kept;
    return code;
}

void tn_exchange_rest(struct tn_exchange *exchange) {
    if (exchange->easy)
        set_headers(exchange, NULL);
}

static CURLcode ready_handle(struct tn_exchange *exchange) {
    leave_parents_handle(exchange);
    if (exchange->easy)
        return CURLE_OK;
    tn_fork_hold();
    CURL *easy = curl_easy_init();
    tn_fork_release();
    if (!easy)
        return CURLE_OUT_OF_MEMORY;
    CURLcode code =
        tn_handle_configure(easy, &exchange->options, sockets_of(exchange), &exchange->trust);
    if (code == CURLE_OK)
        code = set_callbacks(easy, exchange);
    if (code == CURLE_OK)
        code = tn_handle_guard_lines(easy, &exchange->lines);
    TN_SET(CURLOPT_HTTPHEADER, lines_with(exchange, exchange->headers));
    if (exchange->proxy_agent.data)
        TN_SET(CURLOPT_PROXYHEADER, &exchange->proxy_agent);
    TN_SET(CURLOPT_CURLU, exchange->url);
    if (code != CURLE_OK) {
        curl_easy_cleanup(easy);
        return code;
    }
    exchange->easy = easy;
    return CURLE_OK;
}

/* ---- one request ---- */

static long milliseconds(double seconds) {
    double value = seconds * 1000;
    return value < 1 ? 1 : value > INT32_MAX ? INT32_MAX : (long)value;
}

static CURLcode set_request(struct tn_exchange *exchange) {
    const struct tn_request *request = exchange->request;
    CURL *easy = exchange->easy;
    CURLcode code = set_headers(exchange, request->headers);
    if (code == CURLE_OK)
        code = set_url(exchange, request->url);
    TN_SET(CURLOPT_TIMEOUT_MS, milliseconds(request->timeout));
    TN_SET(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request->connect_timeout));
    TN_SET(CURLOPT_NOPROGRESS, request->interrupted ? 0L : 1L);
    /* Without a body nothing but a new connection keeps an older libcurl from sending again. */
    bool is_bare = request->once && request->method != TN_POST && !exchange->guarded;
    TN_SET(CURLOPT_FRESH_CONNECT, exchange->is_afresh || is_bare ? 1L : 0L);
    TN_SET(CURLOPT_FORBID_REUSE, 0L);
    TN_SET(CURLOPT_CUSTOMREQUEST, request->method == TN_DELETE ? "DELETE" : NULL);
    if (request->method != TN_POST) {
        TN_SET(CURLOPT_HTTPGET, 1L);
        return code;
    }
    TN_SET(CURLOPT_POST, 1L);
    TN_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
    TN_SET(CURLOPT_POSTFIELDS, exchange->guarded || !request->once ? request->body : NULL);
    return code;
}

/* Why it failed, for people: libcurl's words, where our own limits are not the cause. */
static const char *reason(const struct tn_exchange *exchange, CURLcode code) {
    const struct tn_answer *answer = &exchange->result->answer;
    if (exchange->was_interrupted)
        return ""; /* libcurl's word is of a callback that nobody knows */
    if (exchange->is_lost)
        return "the connection was closed before the request was sent";
    if (answer->too_large)
        return "the answer is larger than the limits";
    if (answer->out_of_memory)
        return "not enough memory for the answer";
    if ((exchange->request->once && exchange->starts > 1) || code == CURLE_SEND_FAIL_REWIND)
        return "the connection was closed instead of answering";
    if (strstr(exchange->error, "proxy syntax")) /* libcurl repeats it with its password */
        return "the URL of the proxy is malformed";
    if (exchange->error[0])
        return exchange->error;
    if (code == CURLE_OK && !answer->head_complete)
        return "it closed within the headers";
    return code == CURLE_OK ? "" : curl_easy_strerror(code);
}

enum { STATUS_MAX = 999 };

/* What libcurl takes for the status; 0 for one that did not begin, which has that of the
 * request before. */
static long status_of_libcurl(struct tn_exchange *exchange) {
    long status = 0;
    bool began = exchange->starts > 0 || exchange->result->answer.headers_bytes > 0;
    if (!began ||
        curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        return 0;
    return status >= 200 && status <= STATUS_MAX ? status : 0;
}

/* libcurl reads status lines that we do not ("HTTP/1.1  201"), or never get ("HTTP/1.1 201 "
 * and a NUL byte), and no purchase may be missed. It also reads "404x" as 404: so a refusal
 * counts only where both read the same, and is no status otherwise. */
static void note_status(struct tn_exchange *exchange) {
    struct tn_answer *answer = &exchange->result->answer;
    long theirs = status_of_libcurl(exchange);
    if (answer->status == 0 && theirs / 100 != 4)
        answer->status = theirs;
    else if (answer->status / 100 == 4 && answer->status != theirs)
        answer->status = 0;
}

static void judge(struct tn_exchange *exchange, CURLcode code) {
    struct tn_result *result = exchange->result;
    /* Without the guard all but a POST counts as sent from the beginning, which harms nobody.
     */
    result->sent =
        exchange->starts > 0 || (!exchange->guarded && exchange->request->method != TN_POST);
    result->outcome = tn_outcome_of((int)code, result->sent, &result->permanent);
    note_status(exchange);
    /* libcurl takes the end of a connection within the headers for the end of the answer. */
    if (result->outcome == TN_ANSWERED && !result->answer.head_complete)
        result->outcome = TN_NETWORK;
    if (result->outcome == TN_ANSWERED && result->answer.status == 0)
        result->outcome = TN_RESPONSE;
    if (exchange->was_interrupted)
        result->outcome = TN_CANCELLED;
    tn_answer_read_json(&result->answer);
    tn_result_explain(result, reason(exchange, code));
}

void tn_result_explain(struct tn_result *result, const char *reason) {
    (void)snprintf(result->reason, sizeof result->reason, "%s", reason);
}

bool tn_exchange_begin(struct tn_exchange *exchange, const struct tn_request *request,
                       struct tn_result *result) {
    exchange->request = request;
    exchange->result = result;
    exchange->error[0] = '\0';
    exchange->starts = 0;
    exchange->is_lost = false;
    exchange->body_read = 0;
    exchange->was_interrupted = false;
    tn_answer_reset(&result->answer,
                    request->method == TN_GET ? TN_ANSWER_PAGE_MAX : TN_ANSWER_NUMBER_MAX);
    exchange->unready = ready_handle(exchange);
    if (exchange->unready == CURLE_OK)
        exchange->unready = set_request(exchange);
    if (!exchange->guarded && exchange->easy)
        tn_handle_expect_lines(exchange->easy, &exchange->lines);
    if (!exchange->guarded && request->started)
        request->started(request->context);
    return exchange->unready == CURLE_OK;
}

void *tn_exchange_handle(const struct tn_exchange *exchange) {
    return exchange->easy;
}

/* Only if nothing left: the certificate may be that of a connection on which libcurl wanted to
 * send the request a second time. A new connection is asked for once. */
bool tn_exchange_must_repeat(struct tn_exchange *exchange, int curl_code) {
    if (exchange->is_lost && !exchange->is_afresh)
        return exchange->is_afresh = true;
    return curl_code == CURLE_PEER_FAILED_VERIFICATION && exchange->starts == 0 &&
           tn_trust_widen(exchange->easy, &exchange->trust);
}

bool tn_exchange_trusts_all(const struct tn_exchange *exchange) {
    return exchange->trust == TN_TRUST_COMPLETE;
}

void tn_exchange_end(struct tn_exchange *exchange, int curl_code) {
    CURLcode unready = exchange->unready;
    judge(exchange, unready == CURLE_OK ? (CURLcode)curl_code : unready);
    exchange->is_afresh = false;
    exchange->request = NULL;
    exchange->result = NULL;
}

void tn_exchange_end_cancelled(struct tn_exchange *exchange) {
    exchange->was_interrupted = true;
    tn_exchange_end(exchange, CURLE_ABORTED_BY_CALLBACK);
}

void tn_exchange_perform(struct tn_exchange *exchange, const struct tn_request *request,
                         struct tn_result *result) {
    struct tn_sigpipe sigpipe;
    CURLcode code = CURLE_OK;
    tn_sigpipe_hold(&sigpipe);
    do
        if (tn_exchange_begin(exchange, request, result))
            code = curl_easy_perform(exchange->easy);
    while (tn_exchange_must_repeat(exchange, (int)code));
    tn_sigpipe_release(&sigpipe);
    tn_exchange_end(exchange, (int)code);
}

static const char *const method_names[TN_METHOD_COUNT] = {
    [TN_GET] = "GET",
    [TN_POST] = "POST",
    [TN_DELETE] = "DELETE",
};

const char *tn_method_name(enum tn_method method) {
    return method_names[method];
}

/* ---- life ---- */

/* Copies an option, where there is one; false if there is no memory. */
static bool copy(const char **to, const char *from) {
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

bool tn_exchange_options_copy(struct tn_exchange_options *to,
                              const struct tn_exchange_options *from) {
    *to = *from;
    to->ca_file = to->proxy = to->user_agent = NULL;
    return copy(&to->ca_file, from->ca_file) && copy(&to->proxy, from->proxy) &&
           copy(&to->user_agent, from->user_agent);
}

void tn_exchange_options_free(struct tn_exchange_options *options) {
    tn_wipe_free((char *)options->proxy); /* there may be a password in it */
    free((char *)options->ca_file);
    free((char *)options->user_agent);
    options->ca_file = options->proxy = options->user_agent = NULL;
}

static bool name_agent(struct tn_exchange *exchange) {
    const char *agent = exchange->options.user_agent;
    char *line = agent ? tn_headers_line("User-Agent", agent) : NULL;
    exchange->agent.data = exchange->proxy_agent.data = line;
    return line || !agent;
}

struct tn_exchange *tn_exchange_new(const struct tn_exchange_options *options) {
    struct tn_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    exchange->generation = tn_fork_generation();
    if (tn_exchange_options_copy(&exchange->options, options) && name_agent(exchange))
        return exchange;
    tn_exchange_delete(exchange);
    return NULL;
}

void tn_exchange_delete(struct tn_exchange *exchange) {
    if (!exchange)
        return;
    leave_parents_handle(exchange);
    if (exchange->easy) {
        struct tn_sigpipe sigpipe;
        tn_sigpipe_hold(&sigpipe); /* it says good-bye */
        curl_easy_cleanup(exchange->easy);
        tn_sigpipe_release(&sigpipe);
    }
    tn_sockets_forget(&exchange->own_sockets);
    curl_url_cleanup(exchange->url);
    free(exchange->url_text);
    free(exchange->agent.data);
    tn_headers_release(exchange->headers);
    tn_exchange_options_free(&exchange->options);
    free(exchange);
}

/* Static state, guarded by the system. */
static struct {
    pthread_mutex_t lock; /* guards this: */
    bool done;
} preparation = { PTHREAD_MUTEX_INITIALIZER, false };

bool tn_exchange_global_init(void) {
    pthread_mutex_lock(&preparation.lock);
    preparation.done = preparation.done || curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    bool done = preparation.done;
    pthread_mutex_unlock(&preparation.lock);
    return done;
}
