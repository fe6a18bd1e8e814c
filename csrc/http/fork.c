/* See http/fork.h. */
#define _POSIX_C_SOURCE 200809L
#include "http/fork.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards this: */
static bool is_watched;
static atomic_uint generation; /* written only in a child, before it has other threads */
static atomic_long process;    /* 0: not asked for yet */

static pthread_mutex_t whole = PTHREAD_MUTEX_INITIALIZER; /* see tn_fork_hold() */

static void in_child(void) {
    atomic_fetch_add(&generation, 1);
    atomic_store(&process, 0);
    tn_fork_release();
}

/* No pthread_once(): after a failure for lack of memory, the next call must try again. */
bool tn_fork_watch(void) {
    pthread_mutex_lock(&lock);
    is_watched = is_watched || pthread_atfork(tn_fork_hold, tn_fork_release, in_child) == 0;
    bool watched = is_watched;
    pthread_mutex_unlock(&lock);
    return watched;
}

unsigned tn_fork_generation(void) {
    return atomic_load(&generation);
}

long tn_fork_process(void) {
    long known = atomic_load(&process);
    if (known == 0) {
        known = (long)getpid();
        atomic_store(&process, known);
    }
    return known;
}

void tn_fork_hold(void) {
    pthread_mutex_lock(&whole);
}

void tn_fork_release(void) {
    pthread_mutex_unlock(&whole);
}
