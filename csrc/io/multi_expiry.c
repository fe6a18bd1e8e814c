/* The time limits of jobs in the queue, of jobs that wait for a connection, and of running
 * jobs. See multi_private.h. */
#include "io/multi_private.h"

#include <math.h> /* only for INFINITY, so no -lm */

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
        tn_multi_refuse(job, TN_TIMEOUT, "it was still queued", done);
    }
}

/* The time until which a request may wait for its connection. A request that waits for another
 * one's connection is timed out here, since libcurl starts its timer only after that connection
 * has failed. A request that opens its own connection is left to libcurl, whose message is
 * better, with a short grace period if it was started late. */
static double connection_deadline(const struct tn_job *job) {
    curl_off_t looked_up = 0; /* the lookup's duration; 0 until it connects */
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
        if (connection_deadline(job) > now) {
            tn_multi_note_expiry(multi, connection_deadline(job));
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
