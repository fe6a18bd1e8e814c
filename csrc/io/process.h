/* A unique name for this process, and whether a process with such a name has ended. Reads
 * Linux's /proc; elsewhere nothing is known. Knows no Lua. Used by the binding. */
#ifndef TN_IO_PROCESS_H
#define TN_IO_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define TN_PROCESS_IDENTITY_MAX 80 /* bytes, including the NUL */

/* Writes "PID:START:NAMESPACE" of this process: its ID, its start time in ticks since the boot,
 * and its PID namespace. False if the system does not provide them. */
bool tn_process_identity(char identity[TN_PROCESS_IDENTITY_MAX]);

/* Whether a process of this boot has certainly ended. False also if this process cannot see it,
 * as in another PID namespace. */
bool tn_process_has_ended(const char *identity);

#pragma GCC visibility pop

#endif
