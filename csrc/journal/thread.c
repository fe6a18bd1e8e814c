/* See thread.h. */
#define _POSIX_C_SOURCE 200809L
#include "journal/thread_private.h"

#include <errno.h>
#include <math.h> /* only for INFINITY, so no -lm */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "http/fork.h"
#include "io/clock.h"

#define WAIT_MAX 1000 /* milliseconds of one poll() */

/* ---- the thread ---- */

/* Waits for requests and returns those for one call of the driver: reads and writes apart, so
 * that a write which waits for a lock does not delay a read's result. NULL: the host has closed
 * the store. */
static struct tn_store_request *receive(struct tn_store *store) {
    pthread_mutex_lock(&store->lock);
    while (!store->inbox.first && !store->is_closing)
        pthread_cond_wait(&store->news, &store->lock);
    struct tn_store_request *first = tn_store_requests_take(&store->inbox, store->driver->most);
    pthread_mutex_unlock(&store->lock);
    return first;
}

static void hand_over(struct tn_store *store, struct tn_store_request *first) {
    pthread_mutex_lock(&store->lock);
    for (struct tn_store_request *next; first; first = next) {
        next = first->next;
        tn_store_requests_push(&store->done, first);
    }
    tn_wakeup_ring(&store->wakeup);
    pthread_mutex_unlock(&store->lock);
}

static void free_store(struct tn_store *store) {
    tn_store_unregister(store);
    tn_store_requests_delete(&store->inbox);
    tn_store_requests_delete(&store->done);
    tn_wakeup_free(&store->wakeup);
    pthread_cond_destroy(&store->news);
    pthread_mutex_destroy(&store->lock);
    pthread_mutex_destroy(&store->work);
    free(store);
}

static void *run(void *user) {
    struct tn_store *store = user;
    struct tn_store_request *first;
    while ((first = receive(store))) {
        tn_store_begin_work(store);
        store->driver->run(store->database, first);
        pthread_mutex_unlock(&store->work);
        hand_over(store, first);
    }
    tn_store_begin_work(store);
    store->driver->close(store->database);
    pthread_mutex_unlock(&store->work);
    pthread_mutex_lock(&store->lock);
    store->has_ended = true;
    tn_wakeup_ring(&store->wakeup);
    bool is_left = store->is_left;
    pthread_mutex_unlock(&store->lock);
    if (is_left)
        free_store(store);
    return NULL;
}

/* Blocks all signals in the new thread: they are for the host's threads. */
static bool start(struct tn_store *store) {
    sigset_t all, before;
    sigfillset(&all);
    if (store->has_thread || pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return store->has_thread;
    store->has_thread = pthread_create(&store->thread, NULL, run, store) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return store->has_thread;
}

/* ---- the host ---- */

bool tn_store_is_foreign(const struct tn_store *store) {
    return store->generation != tn_fork_generation();
}

bool tn_store_submit(struct tn_store *store, struct tn_store_request *request) {
    if (tn_store_is_foreign(store) || !start(store))
        return false;
    pthread_mutex_lock(&store->lock);
    tn_store_requests_push(&store->inbox, request);
    pthread_cond_signal(&store->news);
    pthread_mutex_unlock(&store->lock);
    return true;
}

struct tn_store_request *tn_store_take(struct tn_store *store) {
    if (tn_store_is_foreign(store))
        return NULL;
    pthread_mutex_lock(&store->lock);
    struct tn_store_request *first = tn_store_requests_shift(&store->done);
    if (!first)
        tn_wakeup_clear(&store->wakeup);
    pthread_mutex_unlock(&store->lock);
    return first;
}

int tn_store_descriptor(const struct tn_store *store) {
    return store->wakeup.read_fd;
}

/* ---- lifecycle ---- */

static bool make_locks(struct tn_store *store) {
    if (pthread_mutex_init(&store->work, NULL) != 0)
        return false;
    if (pthread_mutex_init(&store->lock, NULL) == 0) {
        if (pthread_cond_init(&store->news, NULL) == 0)
            return true;
        pthread_mutex_destroy(&store->lock);
    }
    pthread_mutex_destroy(&store->work);
    return false;
}

struct tn_store *tn_store_new(const struct tn_store_driver *driver, void *database) {
    struct tn_store *store = calloc(1, sizeof *store);
    if (store && database && make_locks(store)) {
        store->generation = tn_fork_generation();
        store->driver = driver;
        store->database = database;
        bool has_wakeup = tn_wakeup_init(&store->wakeup);
        tn_store_register(store);
        if (has_wakeup)
            return store;
        free_store(store);
        store = NULL;
    }
    free(store);
    driver->close(database);
    return NULL;
}

/* Waits until the thread has ended; true if it has by the time `ends`. Otherwise leaves it the
 * store, which it frees when it ends. */
static bool wait_for_end(struct tn_store *store, double ends) {
    struct pollfd descriptor = { .fd = store->wakeup.read_fd, .events = POLLIN };
    for (;;) {
        double left = ends - tn_clock_now();
        pthread_mutex_lock(&store->lock);
        tn_wakeup_clear(&store->wakeup);
        bool has_ended = store->has_ended;
        if (!has_ended && !(left > 0)) {
            store->is_left = true;
            tn_store_requests_delete(&store->inbox); /* these are no longer started */
        }
        pthread_mutex_unlock(&store->lock);
        if (has_ended || !(left > 0))
            return has_ended;
        poll(&descriptor, 1, left * 1000 < WAIT_MAX ? (int)(left * 1000) + 1 : WAIT_MAX);
    }
}

void tn_store_close(struct tn_store *store, double seconds) {
    if (!store || tn_store_is_foreign(store))
        return;
    if (!store->has_thread) {
        store->driver->close(store->database);
        free_store(store);
        return;
    }
    pthread_t thread =
        store->thread; /* the store may be freed once its thread is left to itself */
    pthread_mutex_lock(&store->lock);
    store->is_closing = true;
    pthread_cond_signal(&store->news);
    pthread_mutex_unlock(&store->lock);
    if (wait_for_end(store, tn_clock_now() + seconds)) {
        pthread_join(thread, NULL);
        free_store(store);
    } else {
        pthread_detach(thread);
    }
}
