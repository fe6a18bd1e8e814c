/* Many transfers at once on a curl_multi, in one thread: those that wait their turn, those that
 * run, and how many may. Knows no Lua and no locks. Used by io_thread.c. */
#ifndef TN_IO_MULTI_H
#define TN_IO_MULTI_H

#include "io/job.h"

#pragma GCC visibility push(hidden)

struct tn_multi;

/* Copies the options; NULL if there is no memory or no descriptor left. */
struct tn_multi *tn_multi_new(const struct tn_transfer_options *options, size_t max_in_flight);

/* Closes all connections. No job may be left: tn_multi_abandon(). Nothing for NULL. */
void tn_multi_delete(struct tn_multi *multi);

/* Takes jobs into the queue. */
void tn_multi_add(struct tn_multi *multi, struct tn_jobs *jobs);

/* Begins what may begin, and moves on what runs as far as it can without waiting. Jobs that are
 * done are put into `done`. */
void tn_multi_step(struct tn_multi *multi, struct tn_jobs *done);

/* Waits until a step has something to do, or until that time of tn_clock_now()'s clock. */
void tn_multi_wait(struct tn_multi *multi, double until);

/* Ends a wait, or the next one before it begins; false if that failed. The one function for
 * other threads. */
bool tn_multi_wake(struct tn_multi *multi);

/* Gives up the jobs of those tags, as far as there are any; sorts the tags. The others go on.
 */
void tn_multi_cancel(struct tn_multi *multi, unsigned *tags, size_t count,
                     struct tn_jobs *done);

/* Gives up all jobs. */
void tn_multi_abandon(struct tn_multi *multi, struct tn_jobs *done);

#pragma GCC visibility pop

#endif
