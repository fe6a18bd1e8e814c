/* The struct of thread.h, for thread.c and thread_registry.c. */
#ifndef TN_JOURNAL_THREAD_PRIVATE_H
#define TN_JOURNAL_THREAD_PRIVATE_H

#include <pthread.h>

#include "io/wakeup.h"
#include "journal/thread.h"

#pragma GCC visibility push(hidden)

/* Lock order: the registry's lock, its gate, `work`, `lock`. */
struct tn_store {
    unsigned generation; /* of the process that it belongs to, see http/fork.h */
    const struct tn_store_driver *driver;
    void *database;                   /* belongs to the thread, once it runs */
    struct tn_store *previous, *next; /* in the registry, under its lock */
    bool is_held;                     /* by fork() or exit(); under that lock too */

    pthread_mutex_t work; /* held while the driver runs */

    pthread_mutex_t lock; /* guards these: */
    pthread_cond_t news;  /* for the thread */
    struct tn_store_requests inbox, done;
    bool is_closing; /* the thread ends when the inbox is empty */
    bool has_ended;
    bool is_left; /* the thread frees the store when it ends */
    struct tn_wakeup wakeup;

    /* The host's alone: */
    pthread_t thread;
    bool has_thread;
};

/* ---- thread_registry.c ---- */

/* Locks `work`, once no fork() or exit() is waiting for it. */
void tn_store_begin_work(struct tn_store *store);

void tn_store_register(struct tn_store *store);
void tn_store_unregister(struct tn_store *store);

#pragma GCC visibility pop

#endif
