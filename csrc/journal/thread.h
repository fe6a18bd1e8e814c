/* The journal's own thread: a queue of requests to a store, a queue of finished ones, and a
 * bell that wakes the host. It calls a driver, and nothing else does, so that no host ever
 * waits for a disk or a server. Knows no Lua. Used by lua/stores.c.
 *
 * One thread at a time, the host's, may call these functions. None of them waits but
 * tn_store_close(), at most as long as it is told.
 *
 * A child of fork() has no such thread, and its locks may stay locked for ever: there
 * tn_store_is_foreign() is true, and all other functions do nothing. fork() and exit() wait a
 * moment for a driver that is at work, so that it leaves its library's locks and exit handlers
 * in peace; a disk that hangs holds neither of them up. */
#ifndef TN_JOURNAL_THREAD_H
#define TN_JOURNAL_THREAD_H

#include "journal/request.h"

#pragma GCC visibility push(hidden)

struct tn_store;

/* Installs the fork() and exit() handlers, before the first tn_store_new(). May be called from
 * several threads, and more than once. False if there is no memory. */
bool tn_store_global_init(void);

/* Takes the database over, also where it returns NULL: no memory or no descriptor left. The
 * thread starts with the first request. */
struct tn_store *tn_store_new(const struct tn_store_driver *driver, void *database);

/* Whether this process is a child of the one that made it. */
bool tn_store_is_foreign(const struct tn_store *store);

/* Queues a request. False if no thread can be started: the caller still owns the request. */
bool tn_store_submit(struct tn_store *store, struct tn_store_request *request);

/* A finished request, which the caller owns from then on. NULL if there is none; that also
 * clears the bell. */
struct tn_store_request *tn_store_take(struct tn_store *store);

/* Readable whenever tn_store_take() has something. */
int tn_store_descriptor(const struct tn_store *store);

/* Waits at most so many seconds until all that is queued is done, and frees the store. What is
 * not done by then is not begun any more; a thread that is held up ends by itself later, and
 * frees what is left. NULL is allowed. In a child of fork() nothing is freed. */
void tn_store_close(struct tn_store *store, double seconds);

/* For a driver whose library has an exit handler of its own, which is older than this call: has
 * exit() wait before that one, too. False if there is no memory. */
bool tn_store_hold_at_exit(void);

/* To be called by a driver after each wait, before it goes back into its library: it does not
 * return once exit() has waited in vain, since the library may be gone. */
void tn_store_stop_at_exit(void);

/* Whether this process was forked while a driver was at work. What its library kept at that
 * time says of locks that this process does not hold. */
bool tn_store_was_forked_at_work(void);

#pragma GCC visibility pop

#endif
