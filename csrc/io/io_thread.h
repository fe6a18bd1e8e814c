/* Requests in flight: an I/O thread that drives a curl_multi, a queue in, a queue out, and a
 * bell. Knows no Lua. Used by lua/io_thread.c.
 *
 * Everything here is called by one thread at a time, the host's; none of it waits for the
 * network, but tn_io_thread_stop() and tn_io_thread_delete() wait for the I/O thread's end: at
 * once, or at the end of the step of a TLS handshake that it is in (up to 60 ms with 100 of
 * them).
 *
 * A child of fork() has no I/O thread, and a lock in it may be held by nobody: there
 * tn_io_thread_is_foreign() is true, and nothing here does anything. fork() itself waits for
 * the end of the step that an I/O thread is in, or of a thread that is stopped. exit() ends all
 * I/O threads for good, and complains if one of the engines owes an outcome. */
#ifndef TN_IO_IO_THREAD_H
#define TN_IO_IO_THREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "io/job.h"

#pragma GCC visibility push(hidden)

struct tn_io_thread;

/* Prepares this process, after libcurl did and before there is an io_thread: a thread may call
 * exit() while another makes its first. Safe to call from several threads and more than once.
 * False if there is no memory. */
bool tn_io_thread_global_init(void);

/* Copies the options. NULL if there is no memory or no descriptor left. */
struct tn_io_thread *tn_io_thread_new(const struct tn_transfer_options *options,
                                      size_t max_in_flight);

/* Stops it; forgets what was not taken. Nothing for NULL. */
void tn_io_thread_delete(struct tn_io_thread *io_thread);

bool tn_io_thread_is_foreign(const struct tn_io_thread *io_thread);

/* Hands a job over, and starts the thread if there is none; false: it stays the caller's. */
bool tn_io_thread_submit(struct tn_io_thread *io_thread, struct tn_job *job);

/* Gives up the job of that tag, if it is not done. It will be done as TN_CANCELLED. False if
 * there is no memory for that. */
bool tn_io_thread_cancel(struct tn_io_thread *io_thread, unsigned tag);

/* Rings the bell at a time of tn_clock_now()'s clock, unless asked for an earlier one. False if
 * the thread cannot be started. */
bool tn_io_thread_wake_at(struct tn_io_thread *io_thread, double time);

/* The first job that is done and was not dropped yet, or NULL, which also hushes the bell. */
struct tn_job *tn_io_thread_peek(struct tn_io_thread *io_thread);
void tn_io_thread_drop(struct tn_io_thread *io_thread); /* frees that job */

/* Whether tn_io_thread_peek() has something to do. */
bool tn_io_thread_has_news(const struct tn_io_thread *io_thread);

/* Readable whenever tn_io_thread_peek() should be called. */
int tn_io_thread_descriptor(const struct tn_io_thread *io_thread);

/* The unix socket for nginx; see io/wakeup.h. The path is empty if there is none. */
const char *tn_io_thread_listen(struct tn_io_thread *io_thread);
bool tn_io_thread_accept(struct tn_io_thread *io_thread);
void tn_io_thread_unlisten(struct tn_io_thread *io_thread);

/* Makes the descriptor readable, as if there were news. */
void tn_io_thread_ring(struct tn_io_thread *io_thread);

/* The host's word that it has not told, or has told now, of purchases that may have been made
 * and whose requests are not in here any more. */
void tn_io_thread_owe(struct tn_io_thread *io_thread, bool owes);

/* Whether purchases were sent of whose outcome the host has not heard or told. Once stopped. */
bool tn_io_thread_owes(struct tn_io_thread *io_thread);

/* Says on stderr that they were dropped: a number may have been bought. */
void tn_io_thread_complain(void);

/* Ends the thread and closes its connections. What was not done is, as TN_CANCELLED. Submitting
 * starts it again. */
void tn_io_thread_stop(struct tn_io_thread *io_thread);

#pragma GCC visibility pop

#endif
