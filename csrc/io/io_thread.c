/* The host's side of an I/O thread: see io_thread.h. */
#define _POSIX_C_SOURCE 200809L
#include "io/io_thread_private.h"

#include <math.h> /* only for INFINITY, so no -lm */
#include <stdio.h>
#include <stdlib.h>

#include "http/fork.h"

/* Locks `life` and starts the thread if none runs. False, with `life` unlocked, if none can. */
static bool lock_and_start(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->life);
    if (tn_io_thread_start_locked(io_thread))
        return true;
    pthread_mutex_unlock(&io_thread->life);
    return false;
}

bool tn_io_thread_submit(struct tn_io_thread *io_thread, struct tn_job *job) {
    if (!lock_and_start(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->lock);
    tn_jobs_push(&io_thread->inbox, job);
    tn_io_thread_unlock_and_wake(io_thread);
    pthread_mutex_unlock(&io_thread->life);
    return true;
}

/* Queues a tag for the thread to cancel. False if there is no memory. */
static bool queue_cancel(struct tn_io_thread *io_thread, unsigned tag) {
    if (io_thread->cancelled_count == io_thread->cancelled_room) {
        size_t room = io_thread->cancelled_room ? io_thread->cancelled_room * 2 : 16;
        unsigned *cancelled = realloc(io_thread->cancelled, room * sizeof *cancelled);
        if (!cancelled)
            return false;
        io_thread->cancelled = cancelled;
        io_thread->cancelled_room = room;
    }
    io_thread->cancelled[io_thread->cancelled_count++] = tag;
    return true;
}

bool tn_io_thread_cancel(struct tn_io_thread *io_thread, unsigned tag) {
    bool queued = true;
    if (tn_io_thread_is_foreign(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->life);
    if (io_thread->has_thread) { /* otherwise all jobs are done */
        pthread_mutex_lock(&io_thread->lock);
        queued = queue_cancel(io_thread, tag);
        tn_io_thread_unlock_and_wake(io_thread);
    }
    pthread_mutex_unlock(&io_thread->life);
    return queued;
}

bool tn_io_thread_wake_at(struct tn_io_thread *io_thread, double time) {
    if (!lock_and_start(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->lock);
    bool is_earlier = time < io_thread->alarm;
    io_thread->alarm = time;
    if (is_earlier)
        tn_io_thread_unlock_and_wake(io_thread);
    else
        pthread_mutex_unlock(&io_thread->lock);
    pthread_mutex_unlock(&io_thread->life);
    return true;
}

/* Adds the descriptor to those that are watched, unless it is there. False if there are too
 * many. */
static bool add_watched(struct tn_io_thread *io_thread, int fd, bool *is_new) {
    for (size_t i = 0; i < io_thread->watched_count; i++)
        if (io_thread->watched[i] == fd)
            return true;
    if (io_thread->watched_count == TN_MULTI_WATCHED_MAX)
        return false;
    io_thread->watched[io_thread->watched_count++] = fd;
    *is_new = true;
    return true;
}

bool tn_io_thread_watch(struct tn_io_thread *io_thread, int fd) {
    bool is_new = false;
    if (!lock_and_start(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->lock);
    bool is_watched = add_watched(io_thread, fd, &is_new);
    if (is_new)
        tn_io_thread_unlock_and_wake(io_thread);
    else
        pthread_mutex_unlock(&io_thread->lock);
    pthread_mutex_unlock(&io_thread->life);
    return is_watched;
}

struct tn_load tn_io_thread_load(struct tn_io_thread *io_thread) {
    struct tn_load load = { .limit = io_thread->max_in_flight };
    if (tn_io_thread_is_foreign(io_thread))
        return load;
    pthread_mutex_lock(&io_thread->lock);
    load = io_thread->load;
    load.queued += io_thread->inbox.count;
    pthread_mutex_unlock(&io_thread->lock);
    return load;
}

bool tn_io_thread_has_events(const struct tn_io_thread *io_thread) {
    return io_thread->taken.first || atomic_load(&io_thread->has_events);
}

struct tn_job *tn_io_thread_peek(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return NULL;
    if (io_thread->taken.first || !atomic_load(&io_thread->has_events))
        return io_thread->taken.first;
    pthread_mutex_lock(&io_thread->lock);
    tn_jobs_append(&io_thread->taken, &io_thread->done);
    if (!io_thread->taken.first) {
        atomic_store(&io_thread->has_events, false);
        tn_wakeup_clear(&io_thread->wakeup);
    }
    pthread_mutex_unlock(&io_thread->lock);
    return io_thread->taken.first;
}

void tn_io_thread_drop(struct tn_io_thread *io_thread) {
    struct tn_job *job = io_thread->taken.first;
    tn_jobs_remove(&io_thread->taken, job);
    tn_job_delete(job);
}

int tn_io_thread_descriptor(const struct tn_io_thread *io_thread) {
    return io_thread->wakeup.read_fd;
}

const char *tn_io_thread_listen(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return "";
    pthread_mutex_lock(&io_thread->lock);
    tn_wakeup_listen(&io_thread->wakeup);
    pthread_mutex_unlock(&io_thread->lock);
    return io_thread->wakeup.path; /* only the host changes it: no lock */
}

bool tn_io_thread_accept(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->lock);
    bool accepted = tn_wakeup_accept(&io_thread->wakeup);
    pthread_mutex_unlock(&io_thread->lock);
    return accepted;
}

void tn_io_thread_unlisten(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return;
    pthread_mutex_lock(&io_thread->lock);
    tn_wakeup_unlisten(&io_thread->wakeup);
    pthread_mutex_unlock(&io_thread->lock);
}

void tn_io_thread_stop(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return;
    pthread_mutex_lock(&io_thread->life);
    tn_io_thread_stop_locked(io_thread);
    pthread_mutex_unlock(&io_thread->life);
}

/* Whether one of these finished jobs sent a POST, which buys a number or changes one. */
static bool has_sent(const struct tn_jobs *jobs) {
    for (const struct tn_job *job = jobs->first; job; job = job->next)
        if (job->request.method == TN_POST && job->result.sent)
            return true;
    return false;
}

bool tn_io_thread_has_unreported_at_exit(struct tn_io_thread *io_thread) {
    pthread_mutex_lock(&io_thread->lock);
    bool sent = has_sent(&io_thread->done);
    pthread_mutex_unlock(&io_thread->lock);
    return sent || atomic_load(&io_thread->unreported);
}

void tn_io_thread_set_unreported(struct tn_io_thread *io_thread, bool unreported) {
    atomic_store(&io_thread->unreported, unreported);
}

bool tn_io_thread_has_unreported(struct tn_io_thread *io_thread) {
    return !tn_io_thread_is_foreign(io_thread) &&
           (tn_io_thread_has_unreported_at_exit(io_thread) || has_sent(&io_thread->taken));
}

void tn_io_thread_warn_unreported(void) {
    (void)fputs(
        "twilio-numbers: a purchase was sent and its outcome is lost: a number may have been"
        " bought. Check the account's numbers (client:list) before you buy again.\n",
        stderr);
}

void tn_io_thread_ring(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return;
    pthread_mutex_lock(&io_thread->lock);
    tn_io_thread_ring_locked(io_thread);
    pthread_mutex_unlock(&io_thread->lock);
}

/* ---- lifecycle ---- */

bool tn_io_thread_is_foreign(const struct tn_io_thread *io_thread) {
    return io_thread->generation != tn_fork_generation();
}

static bool make_locks(struct tn_io_thread *io_thread) {
    if (pthread_mutex_init(&io_thread->life, NULL) != 0)
        return false;
    if (pthread_mutex_init(&io_thread->work, NULL) == 0) {
        if (pthread_mutex_init(&io_thread->lock, NULL) == 0)
            return true;
        pthread_mutex_destroy(&io_thread->work);
    }
    pthread_mutex_destroy(&io_thread->life);
    return false;
}

struct tn_io_thread *tn_io_thread_new(const struct tn_transfer_options *options,
                                      size_t max_in_flight) {
    struct tn_io_thread *io_thread = calloc(1, sizeof *io_thread);
    if (!io_thread)
        return NULL;
    io_thread->generation = tn_fork_generation();
    io_thread->alarm = INFINITY;
    atomic_init(&io_thread->has_events, false);
    atomic_init(&io_thread->unreported, false);
    if (!make_locks(io_thread)) {
        free(io_thread);
        return NULL;
    }
    tn_io_thread_register(io_thread);
    io_thread->max_in_flight = io_thread->load.limit = max_in_flight;
    bool has_wakeup = tn_wakeup_init(&io_thread->wakeup);
    if (tn_transfer_options_copy(&io_thread->options, options) && has_wakeup)
        return io_thread;
    tn_io_thread_delete(io_thread);
    return NULL;
}

/* In a child of fork() the I/O thread is the parent's: frees neither its memory nor its
 * connections. */
void tn_io_thread_delete(struct tn_io_thread *io_thread) {
    if (!io_thread || tn_io_thread_is_foreign(io_thread))
        return;
    tn_io_thread_stop(io_thread);
    tn_io_thread_unregister(io_thread);
    tn_jobs_delete(&io_thread->inbox);
    tn_jobs_delete(&io_thread->done);
    tn_jobs_delete(&io_thread->taken);
    tn_wakeup_free(&io_thread->wakeup);
    tn_transfer_options_free(&io_thread->options);
    free(io_thread->cancelled);
    pthread_mutex_destroy(&io_thread->lock);
    pthread_mutex_destroy(&io_thread->work);
    pthread_mutex_destroy(&io_thread->life);
    free(io_thread);
}
