/* The struct that the host's thread and the I/O thread share, for io_thread.c, io_thread_loop.c
 * and io_thread_registry.c. */
#ifndef TN_IO_IO_THREAD_PRIVATE_H
#define TN_IO_IO_THREAD_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "io/io_thread.h"
#include "io/multi.h"
#include "io/wakeup.h"

#pragma GCC visibility push(hidden)

/* Lock order: the registry's lock, `life`, `work`, `lock`. */
struct tn_io_thread {
    unsigned generation; /* of the process that it belongs to, see http/fork.h */
    struct tn_io_thread *previous, *next; /* in the registry, under its lock */

    /* Guards these, which the host changes, or the thread that calls exit(). Held until the I/O
     * thread is joined, so that fork() waits for that too: */
    pthread_mutex_t life;
    pthread_t thread;
    bool has_thread, is_over; /* is_over: it must not start again */
    struct tn_multi
        *multi; /* the I/O thread's; other threads may only wake it. NULL if no thread runs */

    pthread_mutex_t work; /* held while libcurl runs, so that fork() waits for it */

    pthread_mutex_t lock; /* guards these: */
    struct tn_jobs inbox, done;
    unsigned *cancelled; /* tags */
    size_t cancelled_count, cancelled_room;
    double alarm;                      /* see tn_io_thread_wake_at(); INFINITY: none */
    int watched[TN_MULTI_WATCHED_MAX]; /* see tn_io_thread_watch() */
    size_t watched_count;
    struct tn_load load;     /* without the inbox */
    bool stopping, sleeping; /* sleeping: the thread must be woken */
    struct tn_wakeup wakeup;

    atomic_bool has_events; /* the host was woken; read without the lock */
    atomic_bool unreported; /* see tn_io_thread_set_unreported() */

    /* The host's alone: */
    struct tn_jobs taken; /* moved out of `done` */

    struct tn_transfer_options options; /* a copy */
    size_t max_in_flight;
};

/* ---- io_thread_loop.c ---- */

/* Starts the thread unless it runs or is over; true if it runs. `life` is locked. */
bool tn_io_thread_start_locked(struct tn_io_thread *io_thread);

/* Stops the thread and deletes its curl_multi, if it runs. `life` is locked. */
void tn_io_thread_stop_locked(struct tn_io_thread *io_thread);

/* Wakes the host. `lock` is locked. */
void tn_io_thread_ring_locked(struct tn_io_thread *io_thread);

/* Unlocks `lock` after something was queued, and wakes the thread. If waking it fails, the next
 * call tries again, and the thread wakes up by itself after a few seconds. `life` is locked. */
void tn_io_thread_unlock_and_wake(struct tn_io_thread *io_thread);

/* ---- io_thread_registry.c ---- */

void tn_io_thread_register(struct tn_io_thread *io_thread);
void tn_io_thread_unregister(struct tn_io_thread *io_thread);

/* ---- io_thread.c ---- */

/* Like tn_io_thread_has_unreported(), but reads only what any thread may read. */
bool tn_io_thread_has_unreported_at_exit(struct tn_io_thread *io_thread);

#pragma GCC visibility pop

#endif
