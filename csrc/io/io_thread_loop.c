/* The I/O thread: its loop, and how it is started, woken and stopped. See
 * io_thread_private.h. */
#define _POSIX_C_SOURCE 200809L
#include "io/io_thread_private.h"

#include <math.h> /* only for INFINITY, so no -lm */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"

#define WAKE_TRIES 3

/* Takes new jobs and cancellations from the host. False if the host asked to stop. */
static bool receive(struct tn_io_thread *io_thread, struct tn_jobs *done) {
    struct tn_jobs jobs = { NULL, NULL, 0 };
    pthread_mutex_lock(&io_thread->lock);
    bool stopping = io_thread->stopping;
    io_thread->sleeping = false;
    io_thread->load.queued += io_thread->inbox.count;
    tn_jobs_append(&jobs, &io_thread->inbox);
    unsigned *cancelled = io_thread->cancelled;
    size_t cancelled_count = io_thread->cancelled_count;
    io_thread->cancelled = NULL;
    io_thread->cancelled_count = io_thread->cancelled_room = 0;
    pthread_mutex_unlock(&io_thread->lock);
    tn_multi_add(io_thread->multi, &jobs);
    if (cancelled_count > 0)
        tn_multi_cancel(io_thread->multi, cancelled, cancelled_count, done);
    free(cancelled);
    return !stopping;
}

void tn_io_thread_ring_locked(struct tn_io_thread *io_thread) {
    atomic_store(&io_thread->has_events, true);
    tn_wakeup_ring(&io_thread->wakeup);
}

/* What ends a wait of the thread. */
struct wait {
    double until; /* 0: there is more to receive */
    int watched[TN_MULTI_WATCHED_MAX];
    size_t watched_count;
};

/* Hands finished jobs to the host. */
static struct wait hand_over(struct tn_io_thread *io_thread, struct tn_jobs *done) {
    struct wait wait;
    pthread_mutex_lock(&io_thread->lock);
    io_thread->load = tn_multi_load(io_thread->multi);
    bool is_due = io_thread->alarm <= tn_clock_now();
    if (is_due)
        io_thread->alarm = INFINITY;
    if (done->first || is_due) {
        tn_jobs_append(&io_thread->done, done);
        tn_io_thread_ring_locked(io_thread);
    }
    io_thread->sleeping =
        !io_thread->inbox.first && io_thread->cancelled_count == 0 && !io_thread->stopping;
    wait.until = io_thread->sleeping ? io_thread->alarm : 0;
    wait.watched_count = io_thread->watched_count;
    memcpy(wait.watched, io_thread->watched, wait.watched_count * sizeof wait.watched[0]);
    pthread_mutex_unlock(&io_thread->lock);
    return wait;
}

static void forget(struct tn_io_thread *io_thread, int fd) {
    size_t kept = 0;
    for (size_t i = 0; i < io_thread->watched_count; i++)
        if (io_thread->watched[i] != fd)
            io_thread->watched[kept++] = io_thread->watched[i];
    io_thread->watched_count = kept;
}

/* Wakes the host for watched descriptors that are readable, and stops watching them. libcurl
 * does not report one that was closed at either end, so they are polled here. */
static void poll_watched(struct tn_io_thread *io_thread, const struct wait *wait) {
    struct pollfd asked[TN_MULTI_WATCHED_MAX];
    for (size_t i = 0; i < wait->watched_count; i++)
        asked[i] = (struct pollfd){ .fd = wait->watched[i], .events = POLLIN };
    if (wait->watched_count == 0 || poll(asked, (nfds_t)wait->watched_count, 0) <= 0)
        return;
    pthread_mutex_lock(&io_thread->lock);
    for (size_t i = 0; i < wait->watched_count; i++)
        if (asked[i].revents)
            forget(io_thread, asked[i].fd);
    tn_io_thread_ring_locked(io_thread);
    pthread_mutex_unlock(&io_thread->lock);
}

/* Does one round of work without waiting. False if the host asked to stop. */
static bool work(struct tn_io_thread *io_thread, struct tn_jobs *done) {
    pthread_mutex_lock(&io_thread->work);
    bool goes_on = receive(io_thread, done);
    if (goes_on)
        tn_multi_step(io_thread->multi, done);
    else
        tn_multi_abandon(io_thread->multi, done);
    pthread_mutex_unlock(&io_thread->work);
    return goes_on;
}

static void *run(void *user) {
    struct tn_io_thread *io_thread = user;
    struct tn_jobs done = { NULL, NULL, 0 };
    while (work(io_thread, &done)) {
        struct wait wait = hand_over(io_thread, &done);
        tn_multi_wait(io_thread->multi, wait.until, wait.watched, wait.watched_count);
        poll_watched(io_thread, &wait);
    }
    (void)hand_over(io_thread, &done);
    return NULL;
}

/* ---- start, wake, stop ---- */

/* Blocks all signals in the new thread: they are for the host's threads. */
bool tn_io_thread_start_locked(struct tn_io_thread *io_thread) {
    sigset_t all, before;
    if (io_thread->has_thread || io_thread->is_over)
        return io_thread->has_thread;
    io_thread->stopping = false;
    io_thread->multi = tn_multi_new(&io_thread->options, io_thread->max_in_flight);
    sigfillset(&all);
    if (io_thread->multi && pthread_sigmask(SIG_SETMASK, &all, &before) == 0) {
        io_thread->has_thread = pthread_create(&io_thread->thread, NULL, run, io_thread) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (!io_thread->has_thread) {
        tn_multi_delete(io_thread->multi);
        io_thread->multi = NULL;
    }
    return io_thread->has_thread;
}

void tn_io_thread_unlock_and_wake(struct tn_io_thread *io_thread) {
    bool sleeping = io_thread->sleeping, woken = !sleeping;
    io_thread->sleeping = false;
    pthread_mutex_unlock(&io_thread->lock);
    for (int tries = 0; !woken && tries < WAKE_TRIES; tries++)
        woken = tn_multi_wake(io_thread->multi);
    if (woken)
        return;
    pthread_mutex_lock(&io_thread->lock);
    io_thread->sleeping = true;
    pthread_mutex_unlock(&io_thread->lock);
}

void tn_io_thread_stop_locked(struct tn_io_thread *io_thread) {
    if (!io_thread->has_thread)
        return;
    pthread_mutex_lock(&io_thread->lock);
    io_thread->stopping = true;
    tn_io_thread_unlock_and_wake(io_thread);
    pthread_join(io_thread->thread, NULL);
    io_thread->has_thread = false;
    pthread_mutex_lock(&io_thread->work);
    tn_multi_delete(io_thread->multi);
    pthread_mutex_unlock(&io_thread->work);
    io_thread->multi = NULL;
}
