/* Ctrl-C for a program that must not be ended by it at any moment: SIGINT is held back, and
 * asked for where it suits. Pure: no Lua. Used by the binding, for the command. */
#ifndef TN_IO_INTERRUPT_H
#define TN_IO_INTERRUPT_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Holds SIGINT back in this thread, and in those that it starts; or lets it through again. */
void tn_interrupt_hold(bool held);

/* Whether SIGINT has come since it is held back, or was last taken; takes it. */
bool tn_interrupt_take(void);

#pragma GCC visibility pop

#endif
