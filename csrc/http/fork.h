/* Whether this process is a child that fork() made, without asking the system each time; and
 * what a fork() must not find half done. POSIX; knows no Lua. Used by transfer.c, io/multi.c,
 * io_thread.c. */
#ifndef TN_HTTP_FORK_H
#define TN_HTTP_FORK_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Begins to count; false if there is no memory. To be called before all else; safe to call from
 * several threads and more than once. */
bool tn_fork_watch(void);

/* How many forks lie between the process that began to count and this one. */
unsigned tn_fork_generation(void);

/* From hold to release a fork() by another thread waits. For what is short and takes a lock
 * that is not ours, which in a child would stay locked: libcurl's, when it makes a handle
 * (7.84; it makes one more, within the first curl_easy_perform(), for which a fork() does not
 * wait). */
void tn_fork_hold(void);
void tn_fork_release(void);

#pragma GCC visibility pop

#endif
