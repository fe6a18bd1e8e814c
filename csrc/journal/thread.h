/* The journal's own thread: a queue of requests to a store, a queue of finished ones, and a
 * wakeup that signals the host. Only this thread calls a driver, so that no host ever waits for
 * a disk or a server. Knows no Lua. Used by lua/stores.c.
 *
 * Only one thread at a time, the host's, may call these functions. Only tn_store_close() waits,
 * for a given time at most.
 *
 * A child of fork() has no such thread, and its locks may stay locked for ever: there
 * tn_store_is_foreign() returns true, and all other functions do nothing. fork() and exit()
 * wait briefly for a running driver, so that it does not hold its library's locks meanwhile; a
 * disk that hangs delays neither of them further. */
#ifndef TN_JOURNAL_THREAD_H
#define TN_JOURNAL_THREAD_H

#include "journal/request.h"

#pragma GCC visibility push(hidden)

struct tn_store;

/* Installs the fork() and exit() handlers, before the first tn_store_new(). May be called from
 * several threads, and more than once. False if there is no memory. */
bool tn_store_global_init(void);

/* Creates a store and takes ownership of the database. NULL, with the database closed, if there
 * is no memory or no descriptor left. The thread starts with the first request. */
struct tn_store *tn_store_new(const struct tn_store_driver *driver, void *database);

/* Whether this process is a child of the one that created the store. */
bool tn_store_is_foreign(const struct tn_store *store);

/* Queues a request. False if no thread can be started: the caller still owns the request. */
bool tn_store_submit(struct tn_store *store, struct tn_store_request *request);

/* Returns a finished request, which the caller then owns. If there is none, returns NULL and
 * clears the wakeup. */
struct tn_store_request *tn_store_take(struct tn_store *store);

/* Readable whenever tn_store_take() has a request. */
int tn_store_descriptor(const struct tn_store *store);

/* Waits up to `seconds` until all queued requests are done, and frees the store. Later requests
 * are not started; a thread that is blocked in its driver ends by itself later and frees the
 * rest. NULL is allowed. In a child of fork() nothing is freed. */
void tn_store_close(struct tn_store *store, double seconds);

/* For a driver whose library has registered an exit handler before this call: makes exit() wait
 * for the drivers before that handler runs, too. False if there is no memory. */
bool tn_store_hold_at_exit(void);

/* Such a driver must enter its library before it uses it and leave it afterwards, and while it
 * waits. Entering does not return once exit() has given up waiting, since the library may be
 * gone. */
void tn_store_enter_library(void);
void tn_store_leave_library(void);

/* Whether this process was forked while a driver was running. The library's state then refers
 * to locks that this process does not hold. */
bool tn_store_was_forked_at_work(void);

#pragma GCC visibility pop

#endif
