/* Requests in flight: an I/O thread that drives a curl_multi, with a queue of new jobs, a queue
 * of finished ones, and a bell that wakes the host. Knows no Lua. Used by lua/io_thread.c.
 *
 * One thread at a time, the host's, may call these functions. None of them waits for the
 * network; tn_io_thread_stop() and tn_io_thread_delete() wait until the I/O thread has ended:
 * at once, or after the step of a TLS handshake that is being computed (up to 60 ms with 100
 * handshakes).
 *
 * A child of fork() has no I/O thread, and its locks may stay locked for ever: there
 * tn_io_thread_is_foreign() is true, and all other functions do nothing. fork() waits until
 * each I/O thread has finished its current step, or has ended if it is being stopped. exit()
 * stops all I/O threads for good, and warns if the outcome of a purchase was not reported. */
#ifndef TN_IO_IO_THREAD_H
#define TN_IO_IO_THREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "io/job.h"
#include "io/multi.h"

#pragma GCC visibility push(hidden)

struct tn_io_thread;

/* Installs the exit() and fork() handlers, after libcurl was initialized and before the first
 * tn_io_thread_new(). May be called from several threads, and more than once. False if there is
 * no memory. */
bool tn_io_thread_global_init(void);

/* Copies the options. NULL if there is no memory or no descriptor left. */
struct tn_io_thread *tn_io_thread_new(const struct tn_transfer_options *options,
                                      size_t max_in_flight);

/* Stops the thread, and drops the jobs that were not taken. NULL is allowed. */
void tn_io_thread_delete(struct tn_io_thread *io_thread);

/* Whether this process is a child of the one that created it. */
bool tn_io_thread_is_foreign(const struct tn_io_thread *io_thread);

/* Queues a job, and starts the thread if none runs. False: the caller still owns the job. */
bool tn_io_thread_submit(struct tn_io_thread *io_thread, struct tn_job *job);

/* Cancels the job with that tag, unless it is done: it finishes as TN_CANCELLED. False if there
 * is no memory. */
bool tn_io_thread_cancel(struct tn_io_thread *io_thread, unsigned tag);

/* Rings the bell at a time on tn_clock_now()'s clock; the earliest of several calls counts.
 * False if the thread cannot be started. */
bool tn_io_thread_wake_at(struct tn_io_thread *io_thread, double time);

/* Rings the bell once that descriptor is readable, and then forgets it; so it does if the
 * descriptor is closed meanwhile, which is the caller's to do. Watching it twice is watching it
 * once. False if the thread cannot be started or watches too many. */
bool tn_io_thread_watch(struct tn_io_thread *io_thread, int fd);

/* How much there is to do, as of the I/O thread's last round; nothing in a child of fork(). */
struct tn_load tn_io_thread_load(struct tn_io_thread *io_thread);

/* The first finished job that was not dropped. NULL if there is none; that also clears the
 * bell. */
struct tn_job *tn_io_thread_peek(struct tn_io_thread *io_thread);
void tn_io_thread_drop(struct tn_io_thread *io_thread); /* frees that job */

/* Whether tn_io_thread_peek() has something to do. */
bool tn_io_thread_has_events(const struct tn_io_thread *io_thread);

/* Readable whenever tn_io_thread_peek() should be called. */
int tn_io_thread_descriptor(const struct tn_io_thread *io_thread);

/* The unix socket for nginx: see io/wakeup.h. The path is empty if there is none. */
const char *tn_io_thread_listen(struct tn_io_thread *io_thread);
bool tn_io_thread_accept(struct tn_io_thread *io_thread);
void tn_io_thread_unlisten(struct tn_io_thread *io_thread);

/* Rings the bell: makes the descriptor readable. */
void tn_io_thread_ring(struct tn_io_thread *io_thread);

/* Sets whether the host still has to report purchases that may have been made, besides those of
 * the jobs here. */
void tn_io_thread_set_unreported(struct tn_io_thread *io_thread, bool unreported);

/* Whether purchases were sent whose outcome was not reported. Call it after
 * tn_io_thread_stop(). */
bool tn_io_thread_has_unreported(struct tn_io_thread *io_thread);

/* Warns on stderr that their outcome is lost: a number may have been bought. */
void tn_io_thread_warn_unreported(void);

/* Stops the thread and closes its connections. Unfinished jobs finish as TN_CANCELLED. The next
 * tn_io_thread_submit() starts it again. */
void tn_io_thread_stop(struct tn_io_thread *io_thread);

#pragma GCC visibility pop

#endif
