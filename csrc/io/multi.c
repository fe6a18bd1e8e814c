/* See io/multi.h. */
#include "io/multi.h"

#include <math.h> /* INFINITY alone: no library is needed */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "http/libcurl.h"
#include "io/clock.h"
#include "http/fork.h"
#include "http/sigpipe.h"
#include "io/stall.h"
#include "http/sockets.h"
#include "io/concurrency.h"

#if LIBCURL_VERSION_NUM < 0x074400
#error "libcurl 7.68 or newer is needed"
#endif

/* Requests that are not yet sent, beyond those for which a kept connection is there: a burst of
 * 100 handshakes at once would take the processor from the host. */
#define STARTING_MAX 8

/* Seconds without which a request is not begun: it would be sent, and never answered. */
#define TIME_MIN 0.01

/* Seconds that libcurl has to end by itself what connects for too long. */
#define CONNECT_GRACE 0.05

#define IDLE_MAX 16        /* transfers that are kept in quiet times: some 75 KB each */
#define QUIET_MIN 1.0      /* seconds without the end of a request */
#define TROUBLE_PAUSE 0.01 /* seconds: no memory in libcurl shall not mean all processor */
#define WAIT_MAX 5         /* seconds: should the system refuse to wake it */
#define TOO_MANY_REQUESTS 429

struct tn_multi {
    CURLM *curl;
    struct tn_transfer_options options; /* with copies of its strings */
    struct tn_sockets sockets;
    struct tn_concurrency window;
    struct tn_stall silence;
    struct tn_jobs queue, running;
    double next_expiry;        /* when expire() has something to do, or earlier */
    size_t starting;           /* running, and not yet sent */
    size_t kept;               /* connections that are kept idle, as far as can be guessed */
    double last_end;           /* when a request was last done */
    struct tn_transfer **idle; /* transfers to use again */
    size_t idle_count, idle_room;
};

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
    tn_stall_begin(&multi->silence, job->port, job->started_at);
}

static void note_expiry(struct tn_multi *multi, double time) {
    if (time < multi->next_expiry)
        multi->next_expiry = time;
}

/* A transfer for a job, or NULL if there is no memory. */
static struct tn_transfer *borrow(struct tn_multi *multi) {
    if (multi->idle_count > 0)
        return multi->idle[--multi->idle_count];
    return tn_transfer_new(&multi->options);
}

static bool make_room(struct tn_multi *multi) {
    if (multi->idle_count < multi->idle_room)
        return true;
    size_t room = multi->idle_room ? multi->idle_room * 2 : IDLE_MAX;
    struct tn_transfer **idle = realloc(multi->idle, room * sizeof(struct tn_transfer *));
    if (!idle)
        return false;
    multi->idle = idle;
    multi->idle_room = room;
    return true;
}

/* Keeps a transfer for the next job; without room for it, it goes. */
static void give_back(struct tn_multi *multi, struct tn_transfer *transfer) {
    if (!make_room(multi)) {
        tn_transfer_delete(transfer);
        return;
    }
    tn_transfer_release_headers(transfer);
    multi->idle[multi->idle_count++] = transfer;
    if (multi->idle_count > IDLE_MAX)
        note_expiry(multi, multi->last_end + QUIET_MIN);
}

/* A job that never began. */
static void refuse(struct tn_job *job, enum tn_outcome outcome, const char *reason,
                   struct tn_jobs *done) {
    job->result.outcome = outcome;
    job->result.sent = false;
    tn_result_explain(&job->result, reason);
    tn_jobs_push(done, job);
}

/* Ends a job that runs; its handle is out of the curl_multi. */
static void end(struct tn_multi *multi, struct tn_job *job, struct tn_jobs *done) {
    multi->last_end = tn_clock_now();
    if (job->is_starting) {
        job->is_starting = false;
        multi->starting--;
    } else {
        tn_stall_end(&multi->silence, job->port, multi->last_end,
                     job->result.response.headers_bytes > 0);
    }
    if (job->result.outcome == TN_ANSWERED) {
        multi->kept++;
        tn_concurrency_answer(&multi->window, job->place,
                              job->result.response.status == TOO_MANY_REQUESTS);
    }
    give_back(multi, job->transfer);
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

static double shorter(double a, double b) {
    return a < b ? a : b;
}

/* Whether a job may begin now; then its request's time ends with its own. */
static bool has_time(struct tn_job *job, double now) {
    double left = job->expires - now;
    job->request.timeout = shorter(job->request.timeout, left);
    return left >= TIME_MIN;
}

/* Begins a job that was taken out of the queue. */
static void begin(struct tn_multi *multi, struct tn_job *job, double now,
                  struct tn_jobs *done) {
    if (!has_time(job, now)) {
        refuse(job, TN_TIMEOUT, "it was still waiting for its turn", done);
        return;
    }
    job->transfer = borrow(multi);
    if (!job->transfer) {
        refuse(job, TN_CONNECT, "not enough memory", done);
        return;
    }
    job->multi = multi;
    job->request.started = note_started;
    job->request.context = job;
    job->is_starting = true;
    job->connects_by = now + shorter(job->request.connect_timeout, job->request.timeout);
    note_expiry(multi, job->connects_by);
    multi->starting++;
    job->place = tn_concurrency_send(&multi->window);
    tn_jobs_push(&multi->running, job);
    if (!perform(multi, job)) {
        tn_transfer_end(job->transfer, CURLE_OUT_OF_MEMORY);
        end(multi, job, done);
    }
}

/* ---- all jobs ---- */

static bool may_begin(const struct tn_multi *multi) {
    return multi->queue.first && multi->running.count < multi->window.limit &&
           multi->starting < STARTING_MAX + multi->kept;
}

static void admit(struct tn_multi *multi, struct tn_jobs *done) {
    double now = tn_clock_now();
    if (multi->running.count == 0 && now - multi->last_end > TN_IDLE_CONNECTION_MAX)
        multi->kept = 0;
    while (may_begin(multi)) {
        struct tn_job *job = multi->queue.first;
        tn_jobs_remove(&multi->queue, job);
        begin(multi, job, now, done);
    }
}

static void expire_queued(struct tn_multi *multi, double now, struct tn_jobs *done) {
    struct tn_job *next;
    for (struct tn_job *job = multi->queue.first; job; job = next) {
        next = job->next;
        if (job->expires > now) {
            note_expiry(multi, job->expires);
            continue;
        }
        tn_jobs_remove(&multi->queue, job);
        refuse(job, TN_TIMEOUT, "it was still waiting for its turn", done);
    }
}

/* Until when a request may wait for its connection. One that waits for the connection which
 * another opens ends in time: libcurl would begin to count only when that has failed. One that
 * connects by itself is left to libcurl, which has better words, unless it took its turn late.
 */
static double end_of_start(const struct tn_job *job) {
    curl_off_t looked_up = 0; /* the time that it took; still zero if it is not connecting */
    curl_easy_getinfo(tn_transfer_handle(job->transfer), CURLINFO_NAMELOOKUP_TIME_T,
                      &looked_up);
    return looked_up == 0 ? job->connects_by : job->connects_by + CONNECT_GRACE;
}

static void expire_starting(struct tn_multi *multi, double now, struct tn_jobs *done) {
    struct tn_job *next;
    for (struct tn_job *job = multi->running.first; job; job = next) {
        next = job->next;
        if (!job->is_starting)
            continue;
        if (end_of_start(job) > now) {
            note_expiry(multi, end_of_start(job));
            continue;
        }
        curl_multi_remove_handle(multi->curl, tn_transfer_handle(job->transfer));
        tn_transfer_end(job->transfer, CURLE_OPERATION_TIMEDOUT);
        tn_result_explain(&job->result, "it was still waiting for a connection");
        end(multi, job, done);
    }
}

/* After a burst its memory goes. */
static void expire_idle(struct tn_multi *multi, double now) {
    if (now - multi->last_end < QUIET_MIN && multi->idle_count > IDLE_MAX)
        note_expiry(multi, multi->last_end + QUIET_MIN);
    else
        while (multi->idle_count > IDLE_MAX)
            tn_transfer_delete(multi->idle[--multi->idle_count]);
}

/* What libcurl ends by itself, unless it can do nothing at all. */
static void expire_running(struct tn_multi *multi, struct tn_jobs *done) {
    double now = tn_clock_now();
    struct tn_job *next;
    for (struct tn_job *job = multi->running.first; job; job = next) {
        next = job->next;
        if (job->expires > now)
            continue;
        curl_multi_remove_handle(multi->curl, tn_transfer_handle(job->transfer));
        tn_transfer_end(job->transfer, CURLE_OPERATION_TIMEDOUT);
        end(multi, job, done);
    }
}

static void expire(struct tn_multi *multi, struct tn_jobs *done) {
    double now = tn_clock_now();
    if (now < multi->next_expiry)
        return;
    multi->next_expiry = INFINITY;
    expire_idle(multi, now);
    expire_queued(multi, now, done);
    expire_starting(multi, now, done);
}

/* libcurl ends the stream of a request that timed out, and goes on using its HTTP/2 connection.
 * A dead one is shut, so that no request to come is lost there. */
static void hang_up_if_dead(const struct tn_multi *multi, const struct tn_job *job,
                            CURL *easy) {
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (!job->is_starting && job->result.response.headers_bytes == 0 &&
        tn_stall_is_death(&multi->silence, job->port, job->started_at, tn_clock_now()) &&
        curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
        fd != CURL_SOCKET_BAD)
        shutdown(fd, SHUT_RDWR);
}

/* The job that a handle is for, which runs. */
static struct tn_job *job_of(const struct tn_multi *multi, CURL *easy) {
    char *private = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private) == CURLE_OK && private)
        return (struct tn_job *)(void *)private;
    struct tn_job *job = multi->running.first;
    while (tn_transfer_handle(job->transfer) != easy)
        job = job->next;
    return job;
}

/* Ends, or begins once more, what libcurl is done with. */
static void collect(struct tn_multi *multi, struct tn_jobs *done) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi->curl, &left))) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result; /* the message goes with the handle */
        struct tn_job *job = job_of(multi, easy);
        if (code == CURLE_OPERATION_TIMEDOUT)
            hang_up_if_dead(multi, job, easy);
        curl_multi_remove_handle(multi->curl, easy);
        if (tn_transfer_must_repeat(job->transfer, (int)code)) {
            if (tn_transfer_trusts_all(job->transfer))
                multi->options.all_trust = true; /* for the transfers to come */
            if (has_time(job, tn_clock_now())) {
                if (perform(multi, job))
                    continue;
                code = CURLE_OUT_OF_MEMORY;
            }
        }
        tn_transfer_end(job->transfer, (int)code);
        end(multi, job, done);
    }
}

void tn_multi_add(struct tn_multi *multi, struct tn_jobs *jobs) {
    for (const struct tn_job *job = jobs->first; job; job = job->next)
        note_expiry(multi, job->expires);
    tn_jobs_append(&multi->queue, jobs);
}

void tn_multi_step(struct tn_multi *multi, struct tn_jobs *done) {
    int running;
    expire(multi, done);
    admit(multi, done);
    if (curl_multi_perform(multi->curl, &running) != CURLM_OK) {
        tn_clock_sleep(TROUBLE_PAUSE);
        expire_running(multi, done);
    }
    collect(multi, done);
}

void tn_multi_wait(struct tn_multi *multi, double until) {
    double left = (until < multi->next_expiry ? until : multi->next_expiry) - tn_clock_now();
    if (may_begin(multi) || left <= 0)
        return;
    /* rounded up, or the last of it would be spent awake */
    int milliseconds = left < WAIT_MAX ? (int)(left * 1000) + 1 : WAIT_MAX * 1000;
    if (curl_multi_poll(multi->curl, NULL, 0, milliseconds, NULL) != CURLM_OK)
        tn_clock_sleep(TROUBLE_PAUSE);
}

bool tn_multi_wake(struct tn_multi *multi) {
    return curl_multi_wakeup(multi->curl) == CURLM_OK;
}

/* ---- giving up ---- */

static void give_up(struct tn_multi *multi, struct tn_job *job, struct tn_jobs *done) {
    curl_multi_remove_handle(multi->curl, tn_transfer_handle(job->transfer));
    tn_transfer_end_cancelled(job->transfer);
    end(multi, job, done);
}

static int compare(const void *a, const void *b) {
    unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;
    return (left > right) - (left < right);
}

/* One walk over all jobs: there may be many thousands, and as many tags. */
void tn_multi_cancel(struct tn_multi *multi, unsigned *tags, size_t count,
                     struct tn_jobs *done) {
    struct tn_job *next;
    qsort(tags, count, sizeof *tags, compare);
    for (struct tn_job *job = multi->running.first; job; job = next) {
        next = job->next;
        if (bsearch(&job->tag, tags, count, sizeof *tags, compare))
            give_up(multi, job, done);
    }
    for (struct tn_job *job = multi->queue.first; job; job = next) {
        next = job->next;
        if (!bsearch(&job->tag, tags, count, sizeof *tags, compare))
            continue;
        tn_jobs_remove(&multi->queue, job);
        refuse(job, TN_CANCELLED, "", done);
    }
}

void tn_multi_abandon(struct tn_multi *multi, struct tn_jobs *done) {
    while (multi->running.first)
        give_up(multi, multi->running.first, done);
    for (struct tn_job *job = multi->queue.first; job; job = multi->queue.first) {
        tn_jobs_remove(&multi->queue, job);
        refuse(job, TN_CANCELLED, "", done);
    }
}

/* ---- life ---- */

static bool copy_options(struct tn_multi *multi, const struct tn_transfer_options *options) {
    bool copied = tn_transfer_options_copy(&multi->options, options);
    multi->options.sockets = &multi->sockets;
    return copied;
}

struct tn_multi *tn_multi_new(const struct tn_transfer_options *options, size_t max_in_flight) {
    struct tn_multi *multi = calloc(1, sizeof *multi);
    if (!multi)
        return NULL;
    multi->window.limit = multi->window.most = max_in_flight;
    multi->next_expiry = INFINITY;
    tn_fork_hold(); /* it makes an easy handle, too */
    multi->curl = curl_multi_init();
    tn_fork_release();
    /* one that got no descriptors for it could never be woken */
    if (multi->curl && curl_multi_wakeup(multi->curl) == CURLM_OK &&
        copy_options(multi, options) &&
        curl_multi_setopt(multi->curl, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX) == CURLM_OK &&
        /* by default few are kept when few are used, and the next burst connects anew */
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
        tn_sigpipe_hold(&sigpipe); /* it says good-bye */
        curl_multi_cleanup(multi->curl);
        tn_sigpipe_release(&sigpipe);
    }
    tn_sockets_forget(&multi->sockets);
    tn_transfer_options_free(&multi->options);
    free(multi);
}
