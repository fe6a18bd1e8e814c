/* The time limits of the jobs in a curl_multi: of those that wait in the queue, that wait for a
 * connection, and that run. See multi_private.h. */
#include "io/multi_private.h"

#include <math.h> /* INFINITY alone: no library is needed */

#include "io/clock.h"

/* Seconds that libcurl has to time out a connection attempt by itself. */
#define CONNECT_GRACE 0.05

void tn_multi_note_expiry(struct tn_multi *multi, double time) {
    if (time < multi->next_expiry)
        multi->next_expiry = time;
}

static void expire_queued(struct tn_multi *multi, double now, struct tn_jobs *done) {
    struct tn_job *next;
    for (struct tn_job *job = multi->queue.first; job; job = next) {
        next = job->next;
        if (job->expires > now) {
            tn_multi_note_expiry(multi, job->expires);
            continue;
        }
        tn_jobs_remove(&multi->queue, job);
        tn_multi_refuse(job, TN_TIMEOUT, "it was still waiting for its turn", done);
    }
}

/* Until when a request may wait for its connection. One that waits for a connection which
 * another request opens is timed out here: libcurl would start its timer only after that has
 * failed. One that connects by itself is left to libcurl, which has the better message, with a
 * short grace for one that was started late. */
static double end_of_start(const struct tn_job *job) {
    curl_off_t looked_up = 0; /* how long it took; 0 until it connects */
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
            tn_multi_note_expiry(multi, end_of_start(job));
            continue;
        }
        curl_multi_remove_handle(multi->curl, tn_transfer_handle(job->transfer));
        tn_transfer_end(job->transfer, CURLE_OPERATION_TIMEDOUT);
        tn_result_explain(&job->result, "it was still waiting for a connection");
        tn_multi_finish(multi, job, done);
    }
}

void tn_multi_expire_running(struct tn_multi *multi, struct tn_jobs *done) {
    double now = tn_clock_now();
    struct tn_job *next;
    for (struct tn_job *job = multi->running.first; job; job = next) {
        next = job->next;
        if (job->expires > now)
            continue;
        curl_multi_remove_handle(multi->curl, tn_transfer_handle(job->transfer));
        tn_transfer_end(job->transfer, CURLE_OPERATION_TIMEDOUT);
        tn_multi_finish(multi, job, done);
    }
}

void tn_multi_expire(struct tn_multi *multi, struct tn_jobs *done) {
    double now = tn_clock_now();
    if (now < multi->next_expiry)
        return;
    multi->next_expiry = INFINITY;
    tn_multi_trim_idle(multi, now);
    expire_queued(multi, now, done);
    expire_starting(multi, now, done);
}
