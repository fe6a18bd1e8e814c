/* See fork.h. */
#include "fork.h"

#include <pthread.h>
#include <stdatomic.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_bool is_watched;
static atomic_uint generation; /* written by a child alone, before it has other threads */

static void count(void) {
    atomic_fetch_add(&generation, 1);
}

static void watch(void) {
    atomic_store(&is_watched, pthread_atfork(NULL, NULL, count) == 0);
}

bool tn_fork_watch(void) {
    return pthread_once(&once, watch) == 0 && atomic_load(&is_watched);
}

unsigned tn_fork_generation(void) {
    return atomic_load(&generation);
}
