/* Detects a child of fork() without a system call, and keeps fork() out of critical sections.
 * POSIX; knows no Lua. Used by transfer.c, io/multi.c, io_thread.c, journal/ and the binding.
 */
#ifndef TN_HTTP_FORK_H
#define TN_HTTP_FORK_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Starts counting forks; false if there is no memory. Must be called before anything else here.
 * May be called from several threads, and more than once. */
bool tn_fork_watch(void);

/* The number of forks between the process that started counting and this one. */
unsigned tn_fork_generation(void);

/* The process ID. */
long tn_fork_process(void);

/* Makes fork() in other threads wait until tn_fork_release(). For short sections that take a
 * lock of a library, which would stay locked in the child: libcurl's, when it creates a handle
 * (7.84; it creates another one within the first curl_easy_perform(), which is not protected).
 */
void tn_fork_hold(void);
void tn_fork_release(void);

#pragma GCC visibility pop

#endif
