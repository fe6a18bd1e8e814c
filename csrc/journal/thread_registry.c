/* The registry of all stores of this process, for its fork() and exit() handlers. See
 * thread.h. */
#define _POSIX_C_SOURCE 200809L
#include "journal/thread_private.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "io/clock.h"

/* The longest time that fork() and exit() wait for running drivers: enough for a commit, unless
 * the disk or the server hangs. */
#define PATIENCE 0.25 /* seconds, for all drivers together */
/* How much longer exit() waits for drivers inside a library: enough for a step of a TLS
 * handshake on a busy machine. */
#define STEP_PATIENCE 1.0
#define LOOK_EVERY 0.001

static struct {
    pthread_mutex_t lock; /* guards this: */
    struct tn_store *first;
} registry = { PTHREAD_MUTEX_INITIALIZER, NULL };

/* Held by fork() and exit() while they wait. Threads pass it before they start to work;
 * otherwise a busy one would relock `work` at once, before fork() gets it. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* Which handlers are installed. Has its own lock: before_fork() takes the registry's lock while
 * the C library holds one that pthread_atfork() needs. */
static struct {
    pthread_mutex_t lock; /* guards these: */
    bool exit, fork;
} handlers = { PTHREAD_MUTEX_INITIALIZER, false, false };

static atomic_bool is_over; /* exit() no longer waits for requests to end */
static atomic_int inside;   /* the number of drivers inside a library with an exit handler */

/* Set before fork(), read by the child: a driver of the parent was running. */
static atomic_bool is_at_work, was_forked_at_work;

static bool lock_by(pthread_mutex_t *mutex, double ends) {
    while (pthread_mutex_trylock(mutex) != 0) {
        if (tn_clock_now() >= ends)
            return false;
        tn_clock_sleep(LOOK_EVERY);
    }
    return true;
}

/* Waits until no driver is running, and locks `work` of each store; is_held marks those that it
 * locked. False if a driver is still running. The caller holds the gate. */
static bool hold_all(void) {
    double ends = tn_clock_now() + PATIENCE;
    bool all = true;
    for (struct tn_store *store = registry.first; store; store = store->next)
        if (!tn_store_is_foreign(store)) {
            store->is_held = lock_by(&store->work, ends);
            all = all && store->is_held;
        }
    return all;
}

static void before_fork(void) {
    pthread_mutex_lock(&registry.lock);
    pthread_mutex_lock(&gate);
    atomic_store(&is_at_work, !hold_all());
}

static void after_fork_in_parent(void) {
    for (struct tn_store *store = registry.first; store; store = store->next)
        if (!tn_store_is_foreign(store) && store->is_held)
            pthread_mutex_unlock(&store->work);
    pthread_mutex_unlock(&gate);
    pthread_mutex_unlock(&registry.lock);
}

/* All entries belong to the parent, and their locks stay as they are. */
static void after_fork_in_child(void) {
    atomic_store(&inside, 0);
    if (atomic_load(&is_at_work))
        atomic_store(&was_forked_at_work, true);
    pthread_mutex_unlock(&gate);
    pthread_mutex_unlock(&registry.lock);
}

bool tn_store_was_forked_at_work(void) {
    return atomic_load(&was_forked_at_work);
}

/* Waits until no driver is inside its library. None enters it any more. */
static void wait_until_outside(void) {
    double ends = tn_clock_now() + STEP_PATIENCE;
    while (atomic_load(&inside) > 0 && tn_clock_now() < ends)
        tn_clock_sleep(LOOK_EVERY);
}

/* The exit() handler. Drivers that are not running now stay out of their libraries, whose exit
 * handlers run next; the others stop when they next leave it. Runs once for each
 * tn_store_hold_at_exit(), but waits only once. */
static void stop_drivers(void) {
    pthread_mutex_lock(&registry.lock);
    pthread_mutex_lock(&gate);
    if (!atomic_load(&is_over)) {
        (void)hold_all();
        atomic_store(&is_over, true);
        wait_until_outside();
    }
    pthread_mutex_unlock(&gate);
    pthread_mutex_unlock(&registry.lock);
}

bool tn_store_hold_at_exit(void) {
    return atexit(stop_drivers) == 0;
}

/* Counts first, and looks then: exit() does the reverse, so one of them sees the other. */
void tn_store_enter_library(void) {
    atomic_fetch_add(&inside, 1);
    if (!atomic_load(&is_over))
        return;
    atomic_fetch_sub(&inside, 1);
    for (;;)
        tn_clock_sleep(1);
}

void tn_store_leave_library(void) {
    atomic_fetch_sub(&inside, 1);
}

bool tn_store_global_init(void) {
    pthread_mutex_lock(&handlers.lock);
    handlers.exit = handlers.exit || atexit(stop_drivers) == 0;
    handlers.fork = handlers.fork ||
                    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
    bool both = handlers.exit && handlers.fork;
    pthread_mutex_unlock(&handlers.lock);
    return both;
}

void tn_store_begin_work(struct tn_store *store) {
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    pthread_mutex_lock(&store->work);
}

void tn_store_register(struct tn_store *store) {
    pthread_mutex_lock(&registry.lock);
    store->next = registry.first;
    if (registry.first)
        registry.first->previous = store;
    registry.first = store;
    pthread_mutex_unlock(&registry.lock);
}

void tn_store_unregister(struct tn_store *store) {
    pthread_mutex_lock(&registry.lock);
    if (store->next)
        store->next->previous = store->previous;
    if (store->previous)
        store->previous->next = store->next;
    else
        registry.first = store->next;
    pthread_mutex_unlock(&registry.lock);
}
