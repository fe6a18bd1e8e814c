/* See exchange.h. */
#define _POSIX_C_SOURCE 200809L
#include "exchange.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handle.h"
#include "wipe.h"

/* Since 7.80 libcurl can ask before it sends. TN_WITHOUT_PREREQ tests the way of older ones. */
#if LIBCURL_VERSION_NUM >= 0x075000 && !defined(TN_WITHOUT_PREREQ)
#define TN_ASKS_BEFORE_SENDING 1
#else
#define TN_ASKS_BEFORE_SENDING 0
#endif

struct tn_exchange {
    CURL *easy;    /* NULL until the first request, and again after a fork */
    CURL *foreign; /* made before a fork, the parent's: kept, never touched */
    pid_t owner;
    struct curl_slist *headers;
    struct tn_exchange_options options; /* with copies of its strings */
    enum tn_trust trust;
    bool guarded; /* libcurl asks before it sends (7.80) */

    const struct tn_request *request; /* while it runs */
    size_t body_read;
    unsigned starts; /* how often libcurl began to send the request */
    bool was_interrupted;
    char error[CURL_ERROR_SIZE];
    struct tn_result result;
};

/* ---- libcurl's callbacks: none of them knows Lua ---- */

static size_t on_head(char *line, size_t size, size_t count, void *user) {
    struct tn_exchange *exchange = user;
    size_t length = size * count;
    return tn_answer_add_head(&exchange->result.answer, line, length) ? length : 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
    struct tn_exchange *exchange = user;
    size_t length = size * count;
    return tn_answer_add_body(&exchange->result.answer, bytes, length) ? length : 0;
}

/* The body of a request for a libcurl that does not ask before it sends: read from here, it
 * cannot be rewound, so that libcurl cannot send it a second time (error 65). */
static size_t on_read(char *room, size_t size, size_t count, void *user) {
    struct tn_exchange *exchange = user;
    size_t left = exchange->request->body_length - exchange->body_read;
    size_t length = size * count < left ? size * count : left;
    exchange->starts = 1;
    memcpy(room, exchange->request->body + exchange->body_read, length);
    exchange->body_read += length;
    return length;
}

#if TN_ASKS_BEFORE_SENDING
/* A kept connection that died before a byte of the answer makes libcurl send the request again
 * on a new one (measured on 7.88.1; curl pull request 18417 asks for a switch). Not a purchase.
 */
static int on_start(void *user, char *remote_ip, char *local_ip, int remote_port,
                    int local_port) {
    struct tn_exchange *exchange = user;
    (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
    exchange->starts++;
    return exchange->request->once && exchange->starts > 1 ? CURL_PREREQFUNC_ABORT
                                                           : CURL_PREREQFUNC_OK;
}
#endif

static int on_progress(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up) {
    struct tn_exchange *exchange = user;
    const struct tn_request *request = exchange->request;
    (void)down_total, (void)down, (void)up_total, (void)up;
    exchange->was_interrupted =
        request->interrupted && request->interrupted(request->interrupted_context);
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
    TN_SET(CURLOPT_NOPROGRESS, 0L);
    TN_SET(CURLOPT_ERRORBUFFER, exchange->error);
    exchange->guarded = false;
#if TN_ASKS_BEFORE_SENDING
    /* The libcurl that runs may be older than the one that was compiled against. */
    exchange->guarded = code == CURLE_OK &&
                        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_start) == CURLE_OK &&
                        curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange) == CURLE_OK;
#endif
    return code;
}

/* A child of fork() shares the parent's sockets: closing one would say good-bye in the parent's
 * name. So the child forgets the parent's handle without touching it, and makes its own. */
static void leave_parents_handle(struct tn_exchange *exchange) {
    pid_t process = getpid();
    if (exchange->owner == process)
        return;
    if (exchange->easy)
        exchange->foreign = exchange->easy;
    exchange->easy = NULL;
    exchange->owner = process;
}

static CURLcode ready_handle(struct tn_exchange *exchange) {
    leave_parents_handle(exchange);
    if (exchange->easy)
        return CURLE_OK;
    CURL *easy = curl_easy_init();
    if (!easy)
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = tn_handle_configure(easy, &exchange->options, &exchange->trust);
    if (code == CURLE_OK)
        code = set_callbacks(easy, exchange);
    TN_SET(CURLOPT_HTTPHEADER, exchange->headers);
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
    CURLcode code = CURLE_OK;
    TN_SET(CURLOPT_URL, request->url);
    TN_SET(CURLOPT_TIMEOUT_MS, milliseconds(request->timeout));
    TN_SET(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request->connect_timeout));
    if (!request->body) {
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
    const struct tn_answer *answer = &exchange->result.answer;
    if (answer->too_large)
        return "the answer is larger than the limits";
    if (answer->out_of_memory)
        return "not enough memory for the answer";
    if ((exchange->request->once && exchange->starts > 1) || code == CURLE_SEND_FAIL_REWIND)
        return "the connection, kept from before, was closed instead of answering";
    if (strstr(exchange->error, "proxy syntax")) /* libcurl repeats it with its password */
        return "the URL of the proxy is malformed";
    if (exchange->error[0])
        return exchange->error;
    if (code == CURLE_OK && !answer->head_complete)
        return "it closed within the headers";
    return code == CURLE_OK ? "" : curl_easy_strerror(code);
}

/* libcurl reads status lines that we do not ("HTTP/1.1  201"), and no purchase may be overseen.
 */
static void note_status(struct tn_exchange *exchange) {
    long status = 0;
    struct tn_answer *answer = &exchange->result.answer;
    if (answer->status == 0 && answer->headers_bytes > 0 &&
        curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
        status >= 200)
        answer->status = status;
}

static void judge(struct tn_exchange *exchange, CURLcode code) {
    struct tn_result *result = &exchange->result;
    /* Without the guard a GET counts as sent from the beginning, which harms nobody. */
    result->sent = exchange->starts > 0 || (!exchange->guarded && !exchange->request->body);
    result->outcome = tn_outcome_of((int)code, result->sent, &result->permanent);
    note_status(exchange);
    /* libcurl takes the end of a connection within the headers for the end of the answer. */
    if (result->outcome == TN_ANSWERED && !result->answer.head_complete)
        result->outcome = TN_NETWORK;
    if (result->outcome == TN_ANSWERED && result->answer.status == 0)
        result->outcome = TN_RESPONSE;
    if (exchange->was_interrupted)
        result->outcome = TN_CANCELLED;
    snprintf(result->reason, sizeof result->reason, "%s", reason(exchange, code));
}

static CURLcode perform_once(struct tn_exchange *exchange) {
    exchange->error[0] = '\0';
    exchange->starts = 0;
    exchange->body_read = 0;
    exchange->was_interrupted = false;
    tn_answer_reset(&exchange->result.answer);
    CURLcode code = ready_handle(exchange);
    if (code == CURLE_OK)
        code = set_request(exchange);
    return code == CURLE_OK ? curl_easy_perform(exchange->easy) : code;
}

const struct tn_result *tn_exchange_perform(struct tn_exchange *exchange,
                                            const struct tn_request *request) {
    exchange->request = request;
    CURLcode code = perform_once(exchange);
    /* Only if nothing left: the certificate may be that of a connection on which libcurl wanted
     * to send the request a second time. */
    if (code == CURLE_PEER_FAILED_VERIFICATION && exchange->starts == 0 &&
        tn_trust_widen(exchange->easy, &exchange->trust))
        code = perform_once(exchange);
    judge(exchange, code);
    exchange->request = NULL;
    return &exchange->result;
}

/* ---- life ---- */

/* A list of headers that holds secrets: libcurl frees it, and would leave the text. */
static void wipe_headers(struct curl_slist *headers) {
    for (struct curl_slist *node = headers; node; node = node->next)
        tn_wipe(node->data, strlen(node->data));
    curl_slist_free_all(headers);
}

static bool append(struct curl_slist **headers, const char *line) {
    struct curl_slist *longer = curl_slist_append(*headers, line);
    if (longer)
        *headers = longer;
    return longer != NULL;
}

bool tn_exchange_authorize(struct tn_exchange *exchange, const char *value) {
    static const char name[] = "Authorization: ";
    struct curl_slist *headers = NULL;
    size_t length = strlen(value);
    char *line = malloc(sizeof name + length);
    if (!line)
        return false;
    memcpy(line, name, sizeof name - 1);
    memcpy(line + sizeof name - 1, value, length + 1);
    bool made = append(&headers, line) && append(&headers, "Accept: application/json") &&
                append(&headers, "Expect:");
    tn_wipe_free(line);
    leave_parents_handle(exchange);
    if (made && exchange->easy)
        made = curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    wipe_headers(made ? exchange->headers : headers);
    if (made)
        exchange->headers = headers;
    return made;
}

/* Copies an option, where there is one; false if there is no memory. */
static bool copy(const char **to, const char *from) {
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

struct tn_exchange *tn_exchange_new(const struct tn_exchange_options *options) {
    struct tn_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    struct tn_exchange_options *own = &exchange->options;
    exchange->owner = getpid();
    own->http_version = options->http_version;
    own->plain = options->plain;
    if (copy(&own->ca_file, options->ca_file) && copy(&own->proxy, options->proxy) &&
        copy(&own->user_agent, options->user_agent))
        return exchange;
    tn_exchange_delete(exchange);
    return NULL;
}

void tn_exchange_delete(struct tn_exchange *exchange) {
    if (!exchange)
        return;
    leave_parents_handle(exchange);
    if (exchange->easy)
        curl_easy_cleanup(exchange->easy);
    wipe_headers(exchange->headers);
    tn_wipe_free((char *)exchange->options.proxy);
    free((char *)exchange->options.ca_file);
    free((char *)exchange->options.user_agent);
    tn_answer_free(&exchange->result.answer);
    free(exchange);
}

/* The only static state that is written, and the system guards it. */
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static CURLcode preparation;

static void prepare(void) {
    preparation = curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool tn_exchange_global_init(void) {
    return pthread_once(&prepared, prepare) == 0 && preparation == CURLE_OK;
}
