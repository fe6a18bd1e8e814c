/* Requests in flight: an I/O thread that drives a curl_multi, with a queue of new jobs, a queue
 * of finished ones, and a wakeup that signals the host. Knows no Lua. Used by lua/io_thread.c.
 *
 * Only one thread at a time, the host's, may call these functions. None of them waits for the
 * network. tn_io_thread_stop() and tn_io_thread_delete() wait for the I/O thread to end, which
 * takes no time unless it is computing TLS handshakes (up to 60 ms with 100 of them).
 *
 * A child of fork() has no I/O thread, and its locks may stay locked for ever: there
 * tn_io_thread_is_foreign() returns true, and all other functions do nothing. fork() waits
 * until each I/O thread has finished its current step, or has ended if it is being stopped.
 * exit() stops all I/O threads for good, and warns if the outcome of a purchase was not
 * reported. */
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

/* Creates an I/O thread and copies the options. NULL if there is no memory or no descriptor
 * left. */
struct tn_io_thread *tn_io_thread_new(const struct tn_transfer_options *options,
                                      size_t max_in_flight);

/* Stops the thread and drops its finished jobs. NULL is allowed. */
void tn_io_thread_delete(struct tn_io_thread *io_thread);

/* Whether this process is a child of the one that created it. */
bool tn_io_thread_is_foreign(const struct tn_io_thread *io_thread);

/* Queues a job, and starts the thread if none runs. False: the caller still owns the job. */
bool tn_io_thread_submit(struct tn_io_thread *io_thread, struct tn_job *job);

/* Cancels the job with that tag, which finishes as TN_CANCELLED unless it is done. False if
 * there is no memory. */
bool tn_io_thread_cancel(struct tn_io_thread *io_thread, unsigned tag);

/* Wakes the host once, at a time on tn_clock_now()'s clock, and no longer at the time that an
 * earlier call set. False if the thread cannot be started. */
bool tn_io_thread_wake_at(struct tn_io_thread *io_thread, double time);

/* Wakes the host once that descriptor is readable or closed, and then stops watching it. The
 * caller still owns it, and may close it at any time. Watching it twice has no further effect.
 * False if the thread cannot be started or watches too many. */
bool tn_io_thread_watch(struct tn_io_thread *io_thread, int fd);

/* The load as of the I/O thread's last round; zeros in a child of fork(). */
struct tn_load tn_io_thread_load(struct tn_io_thread *io_thread);

/* The first finished job that was not dropped. If there is none, returns NULL and clears the
 * wakeup. */
struct tn_job *tn_io_thread_peek(struct tn_io_thread *io_thread);
void tn_io_thread_drop(struct tn_io_thread *io_thread); /* frees that job */

/* Whether to call tn_io_thread_peek(). */
bool tn_io_thread_has_events(const struct tn_io_thread *io_thread);

/* Readable whenever tn_io_thread_peek() should be called. */
int tn_io_thread_descriptor(const struct tn_io_thread *io_thread);

/* The unix socket for nginx: see io/wakeup.h. The path is empty if there is none. */
const char *tn_io_thread_listen(struct tn_io_thread *io_thread);
bool tn_io_thread_accept(struct tn_io_thread *io_thread);
void tn_io_thread_unlisten(struct tn_io_thread *io_thread);

/* Wakes the host: makes the descriptor readable. */
void tn_io_thread_ring(struct tn_io_thread *io_thread);

/* Sets whether the host still has to report possible purchases, other than those of the jobs
 * here. */
void tn_io_thread_set_unreported(struct tn_io_thread *io_thread, bool unreported);

/* Whether the outcome of a purchase that was sent has not been reported. Call it after
 * tn_io_thread_stop(). */
bool tn_io_thread_has_unreported(struct tn_io_thread *io_thread);

/* Warns on stderr that such an outcome is lost: a number may have been bought. */
void tn_io_thread_warn_unreported(void);

/* Stops the thread and closes its connections. Unfinished jobs finish as TN_CANCELLED. The next
 * tn_io_thread_submit() starts it again. */
void tn_io_thread_stop(struct tn_io_thread *io_thread);

#pragma GCC visibility pop

#endif
