/* See io/multi.h. */
#include "io/multi_private.h"

#include <math.h> /* only for INFINITY, so no -lm */
#include <stdlib.h>
#include <sys/socket.h>

#include "io/clock.h"
#include "http/fork.h"
#include "http/sigpipe.h"

#if LIBCURL_VERSION_NUM < 0x074400
#error "libcurl 7.68 or newer is needed"
#endif

/* The most requests that may be connecting at once, besides those that get an idle connection:
 * a burst of 100 TLS handshakes would starve the host of CPU. */
#define STARTING_MAX 8

/* Minimum time left, in seconds, to start a request: with less it would only be sent and time
 * out. */
#define TIME_MIN 0.01

#define TROUBLE_PAUSE 0.01 /* seconds: do not spin while libcurl has no memory */
#define WAIT_MAX 5         /* seconds, in case a wakeup fails */
#define TOO_MANY_REQUESTS 429

/* ---- one job ---- */

static void note_started(void *context) {
    struct tn_job *job = context;
    struct tn_multi *multi = job->multi;
    if (!job->is_starting)
        return;
    job->is_starting = false;
    multi->starting--;
    if (multi->kept > 0)
        multi->kept--;
    job->started_at = tn_clock_now();
    curl_easy_getinfo(tn_transfer_handle(job->transfer), CURLINFO_LOCAL_PORT, &job->port);
    tn_stall_begin(&multi->stall, job->port, job->started_at);
}

void tn_multi_refuse(struct tn_job *job, enum tn_outcome outcome, const char *reason,
                     struct tn_jobs *done) {
    job->result.outcome = outcome;
    job->result.sent = false;
    tn_result_explain(&job->result, reason);
    tn_jobs_push(done, job);
}

void tn_multi_finish(struct tn_multi *multi, struct tn_job *job, struct tn_jobs *done) {
    multi->last_end = tn_clock_now();
    if (job->is_starting) {
        job->is_starting = false;
        multi->starting--;
    } else {
        tn_stall_end(&multi->stall, job->port, multi->last_end,
                     job->result.response.headers_bytes > 0);
    }
    if (job->result.outcome == TN_ANSWERED) {
        multi->kept++;
        tn_concurrency_answer(&multi->concurrency, job->place,
                              job->result.response.status == TOO_MANY_REQUESTS);
    }
    tn_multi_keep_transfer(multi, job->transfer);
    job->transfer = NULL;
    tn_jobs_remove(&multi->running, job);
    tn_jobs_push(done, job);
}

static bool perform(struct tn_multi *multi, struct tn_job *job) {
    if (!tn_transfer_begin(job->transfer, &job->request, &job->result))
        return false;
    CURL *easy = tn_transfer_handle(job->transfer);
    return curl_easy_setopt(easy, CURLOPT_PRIVATE, job) == CURLE_OK &&
           curl_multi_add_handle(multi->curl, easy) == CURLM_OK;
}

static double min_double(double a, double b) {
    return a < b ? a : b;
}

/* Whether a job has time left to start; limits its request's timeout to the time left. */
static bool has_time(struct tn_job *job, double now) {
    double left = job->expires - now;
    job->request.timeout = min_double(job->request.timeout, left);
    return left >= TIME_MIN;
}

/* Starts a job that was removed from the queue. */
static void start(struct tn_multi *multi, struct tn_job *job, double now,
                  struct tn_jobs *done) {
    if (!has_time(job, now)) {
        tn_multi_refuse(job, TN_TIMEOUT, "it was still queued", done);
        return;
    }
    job->transfer = tn_multi_take_transfer(multi);
    if (!job->transfer) {
        tn_multi_refuse(job, TN_CONNECT, "not enough memory", done);
        return;
    }
    job->multi = multi;
    job->request.started = note_started;
    job->request.context = job;
    job->is_starting = true;
    job->connects_by = now + min_double(job->request.connect_timeout, job->request.timeout);
    tn_multi_note_expiry(multi, job->connects_by);
    multi->starting++;
    job->place = tn_concurrency_send(&multi->concurrency);
    tn_jobs_push(&multi->running, job);
    if (!perform(multi, job)) {
        tn_transfer_end(job->transfer, CURLE_OUT_OF_MEMORY);
        tn_multi_finish(multi, job, done);
    }
}

/* ---- all jobs ---- */

static bool may_start(const struct tn_multi *multi) {
    return multi->queue.first && multi->running.count < multi->concurrency.limit &&
           multi->starting < STARTING_MAX + multi->kept;
}

static void admit(struct tn_multi *multi, struct tn_jobs *done) {
    double now = tn_clock_now();
    if (multi->running.count == 0 && now - multi->last_end > TN_IDLE_CONNECTION_MAX)
        multi->kept = 0;
    while (may_start(multi)) {
        struct tn_job *job = multi->queue.first;
        tn_jobs_remove(&multi->queue, job);
        start(multi, job, now, done);
    }
}

/* Shuts down the connection of a request that timed out, if it is dead: libcurl resets only the
 * stream, and would send further requests on the HTTP/2 connection. */
static void shut_down_if_dead(const struct tn_multi *multi, const struct tn_job *job,
                              CURL *easy) {
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (!job->is_starting && job->result.response.headers_bytes == 0 &&
        tn_stall_is_death(&multi->stall, job->port, job->started_at, tn_clock_now()) &&
        curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
        fd != CURL_SOCKET_BAD)
        shutdown(fd, SHUT_RDWR);
}

/* The running job of a handle. */
static struct tn_job *job_of(const struct tn_multi *multi, CURL *easy) {
    char *private = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private) == CURLE_OK && private)
        return (struct tn_job *)(void *)private;
    struct tn_job *job = multi->running.first;
    while (tn_transfer_handle(job->transfer) != easy)
        job = job->next;
    return job;
}

/* Finishes the jobs that libcurl is done with, or performs them once more. */
static void collect(struct tn_multi *multi, struct tn_jobs *done) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi->curl, &left))) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result; /* the message is freed with the handle */
        struct tn_job *job = job_of(multi, easy);
        if (code == CURLE_OPERATION_TIMEDOUT)
            shut_down_if_dead(multi, job, easy);
        curl_multi_remove_handle(multi->curl, easy);
        if (tn_transfer_must_repeat(job->transfer, (int)code)) {
            if (tn_transfer_trusts_all(job->transfer))
                multi->options.all_trust = true; /* for new transfers */
            if (has_time(job, tn_clock_now())) {
                if (perform(multi, job))
                    continue;
                code = CURLE_OUT_OF_MEMORY;
            }
        }
        tn_transfer_end(job->transfer, (int)code);
        tn_multi_finish(multi, job, done);
    }
}

void tn_multi_add(struct tn_multi *multi, struct tn_jobs *jobs) {
    for (const struct tn_job *job = jobs->first; job; job = job->next)
        tn_multi_note_expiry(multi, job->expires);
    tn_jobs_append(&multi->queue, jobs);
}

void tn_multi_step(struct tn_multi *multi, struct tn_jobs *done) {
    int running;
    tn_multi_expire(multi, done);
    admit(multi, done);
    if (curl_multi_perform(multi->curl, &running) != CURLM_OK) {
        tn_clock_sleep(TROUBLE_PAUSE);
        tn_multi_expire_running(multi, done);
    }
    collect(multi, done);
}

void tn_multi_wait(struct tn_multi *multi, double until, const int *watched, size_t count) {
    struct curl_waitfd others[TN_MULTI_WATCHED_MAX];
    double left = (until < multi->next_expiry ? until : multi->next_expiry) - tn_clock_now();
    if (may_start(multi) || left <= 0)
        return;
    for (size_t i = 0; i < count; i++)
        others[i] = (struct curl_waitfd){ .fd = watched[i], .events = CURL_WAIT_POLLIN };
    /* rounded up, since 0 would not block */
    int milliseconds = left < WAIT_MAX ? (int)(left * 1000) + 1 : WAIT_MAX * 1000;
    if (curl_multi_poll(multi->curl, others, (unsigned)count, milliseconds, NULL) != CURLM_OK)
        tn_clock_sleep(TROUBLE_PAUSE);
}

struct tn_load tn_multi_load(const struct tn_multi *multi) {
    return (struct tn_load){ .in_flight = multi->running.count,
                             .queued = multi->queue.count,
                             .limit = multi->concurrency.limit };
}

bool tn_multi_wake(struct tn_multi *multi) {
    return curl_multi_wakeup(multi->curl) == CURLM_OK;
}

/* ---- cancellation ---- */

static void cancel(struct tn_multi *multi, struct tn_job *job, struct tn_jobs *done) {
    curl_multi_remove_handle(multi->curl, tn_transfer_handle(job->transfer));
    tn_transfer_end_cancelled(job->transfer);
    tn_multi_finish(multi, job, done);
}

static int compare(const void *a, const void *b) {
    unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;
    return (left > right) - (left < right);
}

/* Makes one pass over all jobs: there may be thousands of jobs, and as many tags. */
void tn_multi_cancel(struct tn_multi *multi, unsigned *tags, size_t count,
                     struct tn_jobs *done) {
    struct tn_job *next;
    qsort(tags, count, sizeof *tags, compare);
    for (struct tn_job *job = multi->running.first; job; job = next) {
        next = job->next;
        if (bsearch(&job->tag, tags, count, sizeof *tags, compare))
            cancel(multi, job, done);
    }
    for (struct tn_job *job = multi->queue.first; job; job = next) {
        next = job->next;
        if (!bsearch(&job->tag, tags, count, sizeof *tags, compare))
            continue;
        tn_jobs_remove(&multi->queue, job);
        tn_multi_refuse(job, TN_CANCELLED, "", done);
    }
}

void tn_multi_abandon(struct tn_multi *multi, struct tn_jobs *done) {
    while (multi->running.first)
        cancel(multi, multi->running.first, done);
    for (struct tn_job *job = multi->queue.first; job; job = multi->queue.first) {
        tn_jobs_remove(&multi->queue, job);
        tn_multi_refuse(job, TN_CANCELLED, "", done);
    }
}

/* ---- lifecycle ---- */

static bool copy_options(struct tn_multi *multi, const struct tn_transfer_options *options) {
    bool copied = tn_transfer_options_copy(&multi->options, options);
    multi->options.sockets = &multi->sockets;
    return copied;
}

struct tn_multi *tn_multi_new(const struct tn_transfer_options *options, size_t max_in_flight) {
    struct tn_multi *multi = calloc(1, sizeof *multi);
    if (!multi)
        return NULL;
    multi->concurrency.limit = multi->concurrency.most = max_in_flight;
    multi->next_expiry = INFINITY;
    tn_fork_hold(); /* libcurl creates an easy handle in it */
    multi->curl = curl_multi_init();
    tn_fork_release();
    /* without descriptors for it, nothing could end a wait */
    if (multi->curl && curl_multi_wakeup(multi->curl) == CURLM_OK &&
        copy_options(multi, options) &&
        curl_multi_setopt(multi->curl, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX) == CURLM_OK &&
        /* by default libcurl keeps few connections after a quiet time, and the next burst must
         * reconnect */
        curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)max_in_flight) == CURLM_OK)
        return multi;
    tn_multi_delete(multi);
    return NULL;
}

void tn_multi_delete(struct tn_multi *multi) {
    if (!multi)
        return;
    for (size_t i = 0; i < multi->idle_count; i++)
        tn_transfer_delete(multi->idle[i]);
    free(multi->idle);
    if (multi->curl) {
        struct tn_sigpipe sigpipe;
        tn_sigpipe_hold(&sigpipe); /* it sends close_notify */
        curl_multi_cleanup(multi->curl);
        tn_sigpipe_release(&sigpipe);
    }
    tn_sockets_forget(&multi->sockets);
    tn_transfer_options_free(&multi->options);
    free(multi);
}
