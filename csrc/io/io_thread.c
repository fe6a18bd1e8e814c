/* See io_thread.h. */
#define _POSIX_C_SOURCE 200809L
#include "io/io_thread.h"

#include <math.h> /* INFINITY alone: no library is needed */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/wakeup.h"
#include "io/clock.h"
#include "http/fork.h"
#include "io/multi.h"

#define WAKE_TRIES 3

/* Locks are taken in the order in which they are written here. */
struct tn_io_thread {
    unsigned generation;                  /* of the process that it is for, see http/fork.h */
    struct tn_io_thread *previous, *next; /* among the living; guarded by their lock */

    /* Guards these, which the host changes, or whoever calls exit(). A thread that ends does so
     * while it is held, so that a fork() waits for that, too: */
    pthread_mutex_t life;
    pthread_t thread;
    bool has_thread, is_over; /* over: no thread may start again */
    struct tn_multi *multi;   /* the I/O thread's; others may only wake it. NULL without one */

    pthread_mutex_t work; /* held within libcurl, so that a fork() finds it at rest */

    pthread_mutex_t lock; /* guards these: */
    struct tn_jobs inbox, done;
    unsigned *cancelled; /* tags */
    size_t cancelled_count, cancelled_room;
    double alarm;
    bool stopping, sleeping;
    struct tn_wakeup bell;

    atomic_bool has_news; /* the bell was rung; read without the lock */
    atomic_bool owes;     /* see tn_io_thread_owe() */

    /* The host's: */
    struct tn_jobs taken; /* out of `done` */

    struct tn_transfer_options options; /* with copies of its strings */
    size_t max_in_flight;
};

/* ---- the I/O thread ---- */

/* Takes over what the host asks for. False if it asks to stop. */
static bool receive(struct tn_io_thread *io_thread, struct tn_jobs *done) {
    struct tn_jobs jobs = { NULL, NULL, 0 };
    pthread_mutex_lock(&io_thread->lock);
    bool stopping = io_thread->stopping;
    io_thread->sleeping = false;
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

static void ring(struct tn_io_thread *io_thread) {
    atomic_store(&io_thread->has_news, true);
    tn_wakeup_ring(&io_thread->bell);
}

/* Hands over what is done. Returns until when the thread may wait: not at all if there is more
 * to receive. */
static double hand_over(struct tn_io_thread *io_thread, struct tn_jobs *done) {
    pthread_mutex_lock(&io_thread->lock);
    bool is_due = io_thread->alarm <= tn_clock_now();
    if (is_due)
        io_thread->alarm = INFINITY;
    if (done->first || is_due) {
        tn_jobs_append(&io_thread->done, done);
        ring(io_thread);
    }
    io_thread->sleeping =
        !io_thread->inbox.first && io_thread->cancelled_count == 0 && !io_thread->stopping;
    double until = io_thread->sleeping ? io_thread->alarm : 0;
    pthread_mutex_unlock(&io_thread->lock);
    return until;
}

/* All that libcurl does but wait. False if the host asked to stop. */
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
    while (work(io_thread, &done))
        tn_multi_wait(io_thread->multi, hand_over(io_thread, &done));
    hand_over(io_thread, &done);
    return NULL;
}

/* ---- the thread's life; all of it with `life` locked ---- */

/* The thread gets no signal: they are the host's. */
static bool start(struct tn_io_thread *io_thread) {
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

/* Ends a section that gave the thread something to do. If the system refuses to wake it, it
 * will look by itself, or whoever comes next wakes it. */
static void unlock_and_wake(struct tn_io_thread *io_thread) {
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

static void stop(struct tn_io_thread *io_thread) {
    if (!io_thread->has_thread)
        return;
    pthread_mutex_lock(&io_thread->lock);
    io_thread->stopping = true;
    unlock_and_wake(io_thread);
    pthread_join(io_thread->thread, NULL);
    io_thread->has_thread = false;
    pthread_mutex_lock(&io_thread->work);
    tn_multi_delete(io_thread->multi);
    pthread_mutex_unlock(&io_thread->work);
    io_thread->multi = NULL;
}

/* ---- the living engines: exit() and fork() must not find a thread within OpenSSL ---- */

static struct {
    pthread_mutex_t lock; /* guards these: */
    struct tn_io_thread *first;
    bool is_over; /* exit() was called */
} living = { PTHREAD_MUTEX_INITIALIZER, NULL, false };

/* A lock of its own: that of the living is taken by what fork() calls, which may hold one that
 * pthread_atfork() waits for. */
static struct {
    pthread_mutex_t lock; /* guards these: */
    bool exit, fork;
} watched = { PTHREAD_MUTEX_INITIALIZER, false, false };

/* Whether a POST among those that are done was sent: it buys a number, or changes one. */
static bool has_sent(const struct tn_jobs *jobs) {
    for (const struct tn_job *job = jobs->first; job; job = job->next)
        if (job->request.method == TN_POST && job->result.sent)
            return true;
    return false;
}

/* All that may be read while another thread is the host. */
static bool owes_at_exit(struct tn_io_thread *io_thread) {
    pthread_mutex_lock(&io_thread->lock);
    bool owes = has_sent(&io_thread->done);
    pthread_mutex_unlock(&io_thread->lock);
    return owes || atomic_load(&io_thread->owes);
}

/* Called before OpenSSL's own clean-up, since it was registered after that. Other threads may
 * still use their engines: these have no thread any more. */
static void stop_living(void) {
    bool owes = false;
    pthread_mutex_lock(&living.lock);
    living.is_over = true;
    for (struct tn_io_thread *io_thread = living.first; io_thread;
         io_thread = io_thread->next) {
        if (tn_io_thread_is_foreign(io_thread))
            continue;
        pthread_mutex_lock(&io_thread->life);
        io_thread->is_over = true;
        stop(io_thread);
        pthread_mutex_unlock(&io_thread->life);
        owes = owes || owes_at_exit(io_thread);
    }
    pthread_mutex_unlock(&living.lock);
    if (owes)
        tn_io_thread_complain();
}

/* A lock that some thread of the parent's holds stays locked in a child, and there are many in
 * libcurl and OpenSSL: so each I/O thread comes out of them before a fork(). One that ends
 * takes OpenSSL's to its very end, in what the system calls behind run(). */
static void before_fork(void) {
    pthread_mutex_lock(&living.lock);
    for (struct tn_io_thread *io_thread = living.first; io_thread; io_thread = io_thread->next)
        if (!tn_io_thread_is_foreign(io_thread)) {
            pthread_mutex_lock(&io_thread->life);
            pthread_mutex_lock(&io_thread->work);
        }
}

static void after_fork_in_parent(void) {
    for (struct tn_io_thread *io_thread = living.first; io_thread; io_thread = io_thread->next)
        if (!tn_io_thread_is_foreign(io_thread)) {
            pthread_mutex_unlock(&io_thread->work);
            pthread_mutex_unlock(&io_thread->life);
        }
    pthread_mutex_unlock(&living.lock);
}

/* The engines here are the parent's, and all of them foreign. */
static void after_fork_in_child(void) {
    pthread_mutex_unlock(&living.lock);
}

bool tn_io_thread_global_init(void) {
    pthread_mutex_lock(&watched.lock);
    watched.exit = watched.exit || atexit(stop_living) == 0;
    watched.fork = watched.fork ||
                   pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
    bool both = watched.exit && watched.fork;
    pthread_mutex_unlock(&watched.lock);
    return both;
}

static void be_born(struct tn_io_thread *io_thread) {
    pthread_mutex_lock(&living.lock);
    io_thread->is_over = living.is_over;
    io_thread->next = living.first;
    if (living.first)
        living.first->previous = io_thread;
    living.first = io_thread;
    pthread_mutex_unlock(&living.lock);
}

static void die(struct tn_io_thread *io_thread) {
    pthread_mutex_lock(&living.lock);
    if (io_thread->next)
        io_thread->next->previous = io_thread->previous;
    if (io_thread->previous)
        io_thread->previous->next = io_thread->next;
    else
        living.first = io_thread->next;
    pthread_mutex_unlock(&living.lock);
}

/* ---- the host's side ---- */

/* True if there is a thread, and the caller must end with
 * pthread_mutex_unlock(&io_thread->life).
 */
static bool enter(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->life);
    if (start(io_thread))
        return true;
    pthread_mutex_unlock(&io_thread->life);
    return false;
}

bool tn_io_thread_submit(struct tn_io_thread *io_thread, struct tn_job *job) {
    if (!enter(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->lock);
    tn_jobs_push(&io_thread->inbox, job);
    unlock_and_wake(io_thread);
    pthread_mutex_unlock(&io_thread->life);
    return true;
}

/* Notes a tag; false if there is no memory. */
static bool note_cancelled(struct tn_io_thread *io_thread, unsigned tag) {
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
    bool noted = true;
    if (tn_io_thread_is_foreign(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->life);
    if (io_thread->has_thread) { /* else all jobs are done */
        pthread_mutex_lock(&io_thread->lock);
        noted = note_cancelled(io_thread, tag);
        unlock_and_wake(io_thread);
    }
    pthread_mutex_unlock(&io_thread->life);
    return noted;
}

bool tn_io_thread_wake_at(struct tn_io_thread *io_thread, double time) {
    if (!enter(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->lock);
    if (time < io_thread->alarm) {
        io_thread->alarm = time;
        unlock_and_wake(io_thread);
    } else {
        pthread_mutex_unlock(&io_thread->lock);
    }
    pthread_mutex_unlock(&io_thread->life);
    return true;
}

bool tn_io_thread_has_news(const struct tn_io_thread *io_thread) {
    return io_thread->taken.first || atomic_load(&io_thread->has_news);
}

struct tn_job *tn_io_thread_peek(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return NULL;
    if (io_thread->taken.first || !atomic_load(&io_thread->has_news))
        return io_thread->taken.first;
    pthread_mutex_lock(&io_thread->lock);
    tn_jobs_append(&io_thread->taken, &io_thread->done);
    if (!io_thread->taken.first) {
        atomic_store(&io_thread->has_news, false);
        tn_wakeup_hush(&io_thread->bell);
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
    return io_thread->bell.read_fd;
}

const char *tn_io_thread_listen(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return "";
    pthread_mutex_lock(&io_thread->lock);
    tn_wakeup_listen(&io_thread->bell);
    pthread_mutex_unlock(&io_thread->lock);
    return io_thread->bell.path; /* only the host changes it */
}

bool tn_io_thread_accept(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return false;
    pthread_mutex_lock(&io_thread->lock);
    bool accepted = tn_wakeup_accept(&io_thread->bell);
    pthread_mutex_unlock(&io_thread->lock);
    return accepted;
}

void tn_io_thread_unlisten(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return;
    pthread_mutex_lock(&io_thread->lock);
    tn_wakeup_unlisten(&io_thread->bell);
    pthread_mutex_unlock(&io_thread->lock);
}

void tn_io_thread_stop(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return;
    pthread_mutex_lock(&io_thread->life);
    stop(io_thread);
    pthread_mutex_unlock(&io_thread->life);
}

void tn_io_thread_owe(struct tn_io_thread *io_thread, bool owes) {
    atomic_store(&io_thread->owes, owes);
}

bool tn_io_thread_owes(struct tn_io_thread *io_thread) {
    return !tn_io_thread_is_foreign(io_thread) &&
           (owes_at_exit(io_thread) || has_sent(&io_thread->taken));
}

void tn_io_thread_complain(void) {
    (void)fputs(
        "twilio-numbers: a purchase was sent, and its outcome is dropped unheard: a number"
        " may have been bought. Look at the account's IncomingPhoneNumbers before you buy"
        " again.\n",
        stderr);
}

void tn_io_thread_ring(struct tn_io_thread *io_thread) {
    if (tn_io_thread_is_foreign(io_thread))
        return;
    pthread_mutex_lock(&io_thread->lock);
    ring(io_thread);
    pthread_mutex_unlock(&io_thread->lock);
}

/* ---- life ---- */

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
    atomic_init(&io_thread->has_news, false);
    atomic_init(&io_thread->owes, false);
    if (!make_locks(io_thread)) {
        free(io_thread);
        return NULL;
    }
    be_born(io_thread);
    io_thread->max_in_flight = max_in_flight;
    bool has_bell = tn_wakeup_init(&io_thread->bell);
    if (tn_transfer_options_copy(&io_thread->options, options) && has_bell)
        return io_thread;
    tn_io_thread_delete(io_thread);
    return NULL;
}

/* In a child of fork() all of it is the parent's: its memory stays, its connections too. */
void tn_io_thread_delete(struct tn_io_thread *io_thread) {
    if (!io_thread || tn_io_thread_is_foreign(io_thread))
        return;
    tn_io_thread_stop(io_thread);
    die(io_thread);
    tn_jobs_delete(&io_thread->inbox);
    tn_jobs_delete(&io_thread->done);
    tn_jobs_delete(&io_thread->taken);
    tn_wakeup_free(&io_thread->bell);
    tn_transfer_options_free(&io_thread->options);
    free(io_thread->cancelled);
    pthread_mutex_destroy(&io_thread->lock);
    pthread_mutex_destroy(&io_thread->work);
    pthread_mutex_destroy(&io_thread->life);
    free(io_thread);
}
