/* The registry of all I/O threads of this process, for its exit() and fork() handlers: neither
 * may happen while a thread is within OpenSSL. See io_thread_private.h. */
#define _POSIX_C_SOURCE 200809L
#include "io/io_thread_private.h"

#include <stdlib.h>

static struct {
    pthread_mutex_t lock; /* guards these: */
    struct tn_io_thread *first;
    bool is_over; /* exit() was called */
} registry = { PTHREAD_MUTEX_INITIALIZER, NULL, false };

/* Which handlers are installed. Has its own lock: before_fork() takes the registry's lock while
 * the C library holds one that pthread_atfork() needs. */
static struct {
    pthread_mutex_t lock; /* guards these: */
    bool exit, fork;
} handlers = { PTHREAD_MUTEX_INITIALIZER, false, false };

/* The exit() handler, which runs before OpenSSL's, since that was registered earlier. Other
 * threads of the host may still use their I/O threads, which do not start again. */
static void stop_all(void) {
    bool unreported = false;
    pthread_mutex_lock(&registry.lock);
    registry.is_over = true;
    for (struct tn_io_thread *io_thread = registry.first; io_thread;
         io_thread = io_thread->next) {
        if (tn_io_thread_is_foreign(io_thread))
            continue;
        pthread_mutex_lock(&io_thread->life);
        io_thread->is_over = true;
        tn_io_thread_stop_locked(io_thread);
        pthread_mutex_unlock(&io_thread->life);
        unreported = unreported || tn_io_thread_has_unreported_at_exit(io_thread);
    }
    pthread_mutex_unlock(&registry.lock);
    if (unreported)
        tn_io_thread_warn_unreported();
}

/* Makes fork() wait until no I/O thread is in libcurl or OpenSSL: a lock that a thread holds
 * during fork() stays locked in the child, and they have many. `life` covers a thread that is
 * ending, since OpenSSL cleans up a thread after run() has returned. */
static void before_fork(void) {
    pthread_mutex_lock(&registry.lock);
    for (struct tn_io_thread *io_thread = registry.first; io_thread;
         io_thread = io_thread->next)
        if (!tn_io_thread_is_foreign(io_thread)) {
            pthread_mutex_lock(&io_thread->life);
            pthread_mutex_lock(&io_thread->work);
        }
}

static void after_fork_in_parent(void) {
    for (struct tn_io_thread *io_thread = registry.first; io_thread;
         io_thread = io_thread->next)
        if (!tn_io_thread_is_foreign(io_thread)) {
            pthread_mutex_unlock(&io_thread->work);
            pthread_mutex_unlock(&io_thread->life);
        }
    pthread_mutex_unlock(&registry.lock);
}

/* All entries belong to the parent, and their locks stay as they are. */
static void after_fork_in_child(void) {
    pthread_mutex_unlock(&registry.lock);
}

bool tn_io_thread_global_init(void) {
    pthread_mutex_lock(&handlers.lock);
    handlers.exit = handlers.exit || atexit(stop_all) == 0;
    handlers.fork = handlers.fork ||
                    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
    bool both = handlers.exit && handlers.fork;
    pthread_mutex_unlock(&handlers.lock);
    return both;
}

void tn_io_thread_register(struct tn_io_thread *io_thread) {
    pthread_mutex_lock(&registry.lock);
    io_thread->is_over = registry.is_over;
    io_thread->next = registry.first;
    if (registry.first)
        registry.first->previous = io_thread;
    registry.first = io_thread;
    pthread_mutex_unlock(&registry.lock);
}

void tn_io_thread_unregister(struct tn_io_thread *io_thread) {
    pthread_mutex_lock(&registry.lock);
    if (io_thread->next)
        io_thread->next->previous = io_thread->previous;
    if (io_thread->previous)
        io_thread->previous->next = io_thread->next;
    else
        registry.first = io_thread->next;
    pthread_mutex_unlock(&registry.lock);
}
