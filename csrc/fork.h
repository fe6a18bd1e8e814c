/* Whether this process is a child that fork() made, without asking the system each time. POSIX;
 * knows no Lua. Used by exchange.c, engine.c. */
#ifndef TN_FORK_H
#define TN_FORK_H

#include <stdbool.h>

/* Begins to count; false if there is no memory. To be called before all else; safe to call from
 * several threads and more than once. */
bool tn_fork_watch(void);

/* How many forks lie between the process that began to count and this one. */
unsigned tn_fork_generation(void);

#endif
