/* Which process this is, in words that name no other one, and whether one has ended. Linux has
 * it in /proc; elsewhere nothing is known. Knows no Lua. Used by the binding. */
#ifndef TN_IO_PROCESS_H
#define TN_IO_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define TN_PROCESS_IDENTITY_MAX 80 /* bytes, with the zero */

/* Writes "PID:START:NAMESPACE" of this process: its number, when it started in ticks since the
 * boot, and its PID namespace. False if the system does not say. */
bool tn_process_identity(char identity[TN_PROCESS_IDENTITY_MAX]);

/* Whether a process of this boot has certainly ended. False also if it cannot be seen from
 * here, as one in another PID namespace. */
bool tn_process_has_ended(const char *identity);

#pragma GCC visibility pop

#endif
