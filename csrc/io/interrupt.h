/* Keeps signals from ending the program at the wrong moment: defers Ctrl-C (SIGINT is blocked
 * and polled), and ignores SIGPIPE. Knows no Lua. Used by the binding, for the command. */
#ifndef TN_IO_INTERRUPT_H
#define TN_IO_INTERRUPT_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Blocks SIGINT in this thread and the threads that it starts, or unblocks it. */
void tn_interrupt_hold(bool held);

/* Whether SIGINT is pending; clears it. */
bool tn_interrupt_take(void);

/* Ignores SIGPIPE in the whole process, and in those that it starts: a write into a closed pipe
 * fails with EPIPE. */
void tn_interrupt_ignore_sigpipe(void);

#pragma GCC visibility pop

#endif
