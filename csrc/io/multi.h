/* Runs many transfers at once on a curl_multi, in one thread: queues jobs, and runs up to a
 * limit of them. Knows no Lua and no locks. Used by io_thread.c and
 * io_thread_loop.c. */
#ifndef TN_IO_MULTI_H
#define TN_IO_MULTI_H

#include "io/job.h"

#pragma GCC visibility push(hidden)

#define TN_MULTI_WATCHED_MAX                                                                   \
    16 /* the most descriptors that tn_multi_wait() watches for the caller */

struct tn_multi;

/* Copies the options; NULL if there is no memory or no descriptor left. */
struct tn_multi *tn_multi_new(const struct tn_transfer_options *options, size_t max_in_flight);

/* Closes all connections. Call tn_multi_abandon() first, so that no job is left. NULL is
 * allowed. */
void tn_multi_delete(struct tn_multi *multi);

/* Moves jobs to the end of the queue. */
void tn_multi_add(struct tn_multi *multi, struct tn_jobs *jobs);

/* Starts the jobs that may start and performs the running ones, without waiting. Appends
 * finished jobs to `done`. */
void tn_multi_step(struct tn_multi *multi, struct tn_jobs *done);

/* Waits until tn_multi_step() has work to do, or until that time on tn_clock_now()'s clock, or
 * until one of these descriptors is readable. */
void tn_multi_wait(struct tn_multi *multi, double until, const int *watched, size_t count);

/* The requests in progress. */
struct tn_load {
    size_t in_flight, queued; /* requests that were started, and requests that wait to start */
    size_t limit;             /* of in_flight: max_in_flight, or less after a 429 */
};

struct tn_load tn_multi_load(const struct tn_multi *multi);

/* Ends the current or the next tn_multi_wait(). False on failure. The only function that other
 * threads may call. */
bool tn_multi_wake(struct tn_multi *multi);

/* Cancels the jobs that have one of these tags. Sorts the tags. */
void tn_multi_cancel(struct tn_multi *multi, unsigned *tags, size_t count,
                     struct tn_jobs *done);

/* Cancels all jobs. */
void tn_multi_abandon(struct tn_multi *multi, struct tn_jobs *done);

#pragma GCC visibility pop

#endif
