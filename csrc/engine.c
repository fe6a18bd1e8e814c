/* See engine.h. */
#define _POSIX_C_SOURCE 200809L
#include "engine.h"

#include <math.h> /* INFINITY alone: no library is needed */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "bell.h"
#include "clock.h"
#include "fork.h"
#include "multi.h"

#define WAKE_TRIES 3

/* Locks are taken in the order in which they are written here. */
struct tn_engine {
    unsigned generation;               /* of the process that it is for, see fork.h */
    struct tn_engine *previous, *next; /* among the living; guarded by their lock */

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
    struct tn_bell bell;

    atomic_bool has_news; /* the bell was rung; read without the lock */
    atomic_bool owes;     /* see tn_engine_owe() */

    /* The host's: */
    struct tn_jobs taken; /* out of `done` */

    struct tn_exchange_options options; /* with copies of its strings */
    size_t max_in_flight;
};

/* ---- the I/O thread ---- */

/* Takes over what the host asks for. False if it asks to stop. */
static bool receive(struct tn_engine *engine, struct tn_jobs *done) {
    struct tn_jobs jobs = { NULL, NULL, 0 };
    pthread_mutex_lock(&engine->lock);
    bool stopping = engine->stopping;
    engine->sleeping = false;
    tn_jobs_append(&jobs, &engine->inbox);
    unsigned *cancelled = engine->cancelled;
    size_t cancelled_count = engine->cancelled_count;
    engine->cancelled = NULL;
    engine->cancelled_count = engine->cancelled_room = 0;
    pthread_mutex_unlock(&engine->lock);
    tn_multi_add(engine->multi, &jobs);
    if (cancelled_count > 0)
        tn_multi_cancel(engine->multi, cancelled, cancelled_count, done);
    free(cancelled);
    return !stopping;
}

static void ring(struct tn_engine *engine) {
    atomic_store(&engine->has_news, true);
    tn_bell_ring(&engine->bell);
}

/* Hands over what is done. Returns until when the thread may wait: not at all if there is more
 * to receive. */
static double hand_over(struct tn_engine *engine, struct tn_jobs *done) {
    pthread_mutex_lock(&engine->lock);
    bool is_due = engine->alarm <= tn_clock_now();
    if (is_due)
        engine->alarm = INFINITY;
    if (done->first || is_due) {
        tn_jobs_append(&engine->done, done);
        ring(engine);
    }
    engine->sleeping =
        !engine->inbox.first && engine->cancelled_count == 0 && !engine->stopping;
    double until = engine->sleeping ? engine->alarm : 0;
    pthread_mutex_unlock(&engine->lock);
    return until;
}

/* All that libcurl does but wait. False if the host asked to stop. */
static bool work(struct tn_engine *engine, struct tn_jobs *done) {
    pthread_mutex_lock(&engine->work);
    bool goes_on = receive(engine, done);
    if (goes_on)
        tn_multi_step(engine->multi, done);
    else
        tn_multi_abandon(engine->multi, done);
    pthread_mutex_unlock(&engine->work);
    return goes_on;
}

static void *run(void *user) {
    struct tn_engine *engine = user;
    struct tn_jobs done = { NULL, NULL, 0 };
    while (work(engine, &done))
        tn_multi_wait(engine->multi, hand_over(engine, &done));
    hand_over(engine, &done);
    return NULL;
}

/* ---- the thread's life; all of it with `life` locked ---- */

/* The thread gets no signal: they are the host's. */
static bool start(struct tn_engine *engine) {
    sigset_t all, before;
    if (engine->has_thread || engine->is_over)
        return engine->has_thread;
    engine->stopping = false;
    engine->multi = tn_multi_new(&engine->options, engine->max_in_flight);
    sigfillset(&all);
    if (engine->multi && pthread_sigmask(SIG_SETMASK, &all, &before) == 0) {
        engine->has_thread = pthread_create(&engine->thread, NULL, run, engine) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (!engine->has_thread) {
        tn_multi_delete(engine->multi);
        engine->multi = NULL;
    }
    return engine->has_thread;
}

/* Ends a section that gave the thread something to do. If the system refuses to wake it, it
 * will look by itself, or whoever comes next wakes it. */
static void unlock_and_wake(struct tn_engine *engine) {
    bool sleeping = engine->sleeping, woken = !sleeping;
    engine->sleeping = false;
    pthread_mutex_unlock(&engine->lock);
    for (int tries = 0; !woken && tries < WAKE_TRIES; tries++)
        woken = tn_multi_wake(engine->multi);
    if (woken)
        return;
    pthread_mutex_lock(&engine->lock);
    engine->sleeping = true;
    pthread_mutex_unlock(&engine->lock);
}

static void stop(struct tn_engine *engine) {
    if (!engine->has_thread)
        return;
    pthread_mutex_lock(&engine->lock);
    engine->stopping = true;
    unlock_and_wake(engine);
    pthread_join(engine->thread, NULL);
    engine->has_thread = false;
    pthread_mutex_lock(&engine->work);
    tn_multi_delete(engine->multi);
    pthread_mutex_unlock(&engine->work);
    engine->multi = NULL;
}

/* ---- the living engines: exit() and fork() must not find a thread within OpenSSL ---- */

static struct {
    pthread_mutex_t lock; /* guards these: */
    struct tn_engine *first;
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
static bool owes_at_exit(struct tn_engine *engine) {
    pthread_mutex_lock(&engine->lock);
    bool owes = has_sent(&engine->done);
    pthread_mutex_unlock(&engine->lock);
    return owes || atomic_load(&engine->owes);
}

/* Called before OpenSSL's own clean-up, since it was registered after that. Other threads may
 * still use their engines: these have no thread any more. */
static void stop_living(void) {
    bool owes = false;
    pthread_mutex_lock(&living.lock);
    living.is_over = true;
    for (struct tn_engine *engine = living.first; engine; engine = engine->next) {
        if (tn_engine_is_foreign(engine))
            continue;
        pthread_mutex_lock(&engine->life);
        engine->is_over = true;
        stop(engine);
        pthread_mutex_unlock(&engine->life);
        owes = owes || owes_at_exit(engine);
    }
    pthread_mutex_unlock(&living.lock);
    if (owes)
        tn_engine_complain();
}

/* A lock that some thread of the parent's holds stays locked in a child, and there are many in
 * libcurl and OpenSSL: so each I/O thread comes out of them before a fork(). One that ends
 * takes OpenSSL's to its very end, in what the system calls behind run(). */
static void before_fork(void) {
    pthread_mutex_lock(&living.lock);
    for (struct tn_engine *engine = living.first; engine; engine = engine->next)
        if (!tn_engine_is_foreign(engine)) {
            pthread_mutex_lock(&engine->life);
            pthread_mutex_lock(&engine->work);
        }
}

static void after_fork_in_parent(void) {
    for (struct tn_engine *engine = living.first; engine; engine = engine->next)
        if (!tn_engine_is_foreign(engine)) {
            pthread_mutex_unlock(&engine->work);
            pthread_mutex_unlock(&engine->life);
        }
    pthread_mutex_unlock(&living.lock);
}

/* The engines here are the parent's, and all of them foreign. */
static void after_fork_in_child(void) {
    pthread_mutex_unlock(&living.lock);
}

bool tn_engine_global_init(void) {
    pthread_mutex_lock(&watched.lock);
    watched.exit = watched.exit || atexit(stop_living) == 0;
    watched.fork = watched.fork ||
                   pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
    bool both = watched.exit && watched.fork;
    pthread_mutex_unlock(&watched.lock);
    return both;
}

static void be_born(struct tn_engine *engine) {
    pthread_mutex_lock(&living.lock);
    engine->is_over = living.is_over;
    engine->next = living.first;
    if (living.first)
        living.first->previous = engine;
    living.first = engine;
    pthread_mutex_unlock(&living.lock);
}

static void die(struct tn_engine *engine) {
    pthread_mutex_lock(&living.lock);
    if (engine->next)
        engine->next->previous = engine->previous;
    if (engine->previous)
        engine->previous->next = engine->next;
    else
        living.first = engine->next;
    pthread_mutex_unlock(&living.lock);
}

/* ---- the host's side ---- */

/* True if there is a thread, and the caller must end with pthread_mutex_unlock(&engine->life).
 */
static bool enter(struct tn_engine *engine) {
    if (tn_engine_is_foreign(engine))
        return false;
    pthread_mutex_lock(&engine->life);
    if (start(engine))
        return true;
    pthread_mutex_unlock(&engine->life);
    return false;
}

bool tn_engine_submit(struct tn_engine *engine, struct tn_job *job) {
    if (!enter(engine))
        return false;
    pthread_mutex_lock(&engine->lock);
    tn_jobs_push(&engine->inbox, job);
    unlock_and_wake(engine);
    pthread_mutex_unlock(&engine->life);
    return true;
}

/* Notes a tag; false if there is no memory. */
static bool note_cancelled(struct tn_engine *engine, unsigned tag) {
    if (engine->cancelled_count == engine->cancelled_room) {
        size_t room = engine->cancelled_room ? engine->cancelled_room * 2 : 16;
        unsigned *cancelled = realloc(engine->cancelled, room * sizeof *cancelled);
        if (!cancelled)
            return false;
        engine->cancelled = cancelled;
        engine->cancelled_room = room;
    }
    engine->cancelled[engine->cancelled_count++] = tag;
    return true;
}

bool tn_engine_cancel(struct tn_engine *engine, unsigned tag) {
    bool noted = true;
    if (tn_engine_is_foreign(engine))
        return false;
    pthread_mutex_lock(&engine->life);
    if (engine->has_thread) { /* else all jobs are done */
        pthread_mutex_lock(&engine->lock);
        noted = note_cancelled(engine, tag);
        unlock_and_wake(engine);
    }
    pthread_mutex_unlock(&engine->life);
    return noted;
}

bool tn_engine_wake_at(struct tn_engine *engine, double time) {
    if (!enter(engine))
        return false;
    pthread_mutex_lock(&engine->lock);
    if (time < engine->alarm) {
        engine->alarm = time;
        unlock_and_wake(engine);
    } else {
        pthread_mutex_unlock(&engine->lock);
    }
    pthread_mutex_unlock(&engine->life);
    return true;
}

bool tn_engine_has_news(const struct tn_engine *engine) {
    return engine->taken.first || atomic_load(&engine->has_news);
}

struct tn_job *tn_engine_peek(struct tn_engine *engine) {
    if (tn_engine_is_foreign(engine))
        return NULL;
    if (engine->taken.first || !atomic_load(&engine->has_news))
        return engine->taken.first;
    pthread_mutex_lock(&engine->lock);
    tn_jobs_append(&engine->taken, &engine->done);
    if (!engine->taken.first) {
        atomic_store(&engine->has_news, false);
        tn_bell_hush(&engine->bell);
    }
    pthread_mutex_unlock(&engine->lock);
    return engine->taken.first;
}

void tn_engine_drop(struct tn_engine *engine) {
    struct tn_job *job = engine->taken.first;
    tn_jobs_remove(&engine->taken, job);
    job->is_dropped = true;
    if (!job->is_kept)
        tn_job_delete(job);
}

int tn_engine_descriptor(const struct tn_engine *engine) {
    return engine->bell.read_fd;
}

const char *tn_engine_listen(struct tn_engine *engine) {
    if (tn_engine_is_foreign(engine))
        return "";
    pthread_mutex_lock(&engine->lock);
    tn_bell_listen(&engine->bell);
    pthread_mutex_unlock(&engine->lock);
    return engine->bell.path; /* only the host changes it */
}

bool tn_engine_accept(struct tn_engine *engine) {
    if (tn_engine_is_foreign(engine))
        return false;
    pthread_mutex_lock(&engine->lock);
    bool accepted = tn_bell_accept(&engine->bell);
    pthread_mutex_unlock(&engine->lock);
    return accepted;
}

void tn_engine_unlisten(struct tn_engine *engine) {
    if (tn_engine_is_foreign(engine))
        return;
    pthread_mutex_lock(&engine->lock);
    tn_bell_unlisten(&engine->bell);
    pthread_mutex_unlock(&engine->lock);
}

void tn_engine_stop(struct tn_engine *engine) {
    if (tn_engine_is_foreign(engine))
        return;
    pthread_mutex_lock(&engine->life);
    stop(engine);
    pthread_mutex_unlock(&engine->life);
}

void tn_engine_owe(struct tn_engine *engine, bool owes) {
    atomic_store(&engine->owes, owes);
}

bool tn_engine_owes(struct tn_engine *engine) {
    return !tn_engine_is_foreign(engine) && (owes_at_exit(engine) || has_sent(&engine->taken));
}

void tn_engine_complain(void) {
    (void)fputs(
        "twilio-numbers: a purchase was sent, and its outcome is dropped unheard: a number"
        " may have been bought. Look at the account's IncomingPhoneNumbers before you buy"
        " again.\n",
        stderr);
}

void tn_engine_ring(struct tn_engine *engine) {
    if (tn_engine_is_foreign(engine))
        return;
    pthread_mutex_lock(&engine->lock);
    ring(engine);
    pthread_mutex_unlock(&engine->lock);
}

/* ---- life ---- */

bool tn_engine_is_foreign(const struct tn_engine *engine) {
    return engine->generation != tn_fork_generation();
}

static bool make_locks(struct tn_engine *engine) {
    if (pthread_mutex_init(&engine->life, NULL) != 0)
        return false;
    if (pthread_mutex_init(&engine->work, NULL) == 0) {
        if (pthread_mutex_init(&engine->lock, NULL) == 0)
            return true;
        pthread_mutex_destroy(&engine->work);
    }
    pthread_mutex_destroy(&engine->life);
    return false;
}

struct tn_engine *tn_engine_new(const struct tn_exchange_options *options,
                                size_t max_in_flight) {
    struct tn_engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return NULL;
    engine->generation = tn_fork_generation();
    engine->alarm = INFINITY;
    atomic_init(&engine->has_news, false);
    atomic_init(&engine->owes, false);
    if (!make_locks(engine)) {
        free(engine);
        return NULL;
    }
    be_born(engine);
    engine->max_in_flight = max_in_flight;
    bool has_bell = tn_bell_init(&engine->bell);
    if (tn_exchange_options_copy(&engine->options, options) && has_bell)
        return engine;
    tn_engine_delete(engine);
    return NULL;
}

/* In a child of fork() all of it is the parent's: its memory stays, its connections too. */
void tn_engine_delete(struct tn_engine *engine) {
    if (!engine || tn_engine_is_foreign(engine))
        return;
    tn_engine_stop(engine);
    die(engine);
    tn_jobs_delete(&engine->inbox);
    tn_jobs_delete(&engine->done);
    tn_jobs_delete(&engine->taken);
    tn_bell_free(&engine->bell);
    tn_exchange_options_free(&engine->options);
    free(engine->cancelled);
    pthread_mutex_destroy(&engine->lock);
    pthread_mutex_destroy(&engine->work);
    pthread_mutex_destroy(&engine->life);
    free(engine);
}
