/* The system, the streams of the process, and whether files can be read. POSIX; knows no Lua.
 * Used by the binding. */
#ifndef TN_IO_PLATFORM_H
#define TN_IO_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Writes "Linux x86_64", or "unknown", cut to `size`. */
void tn_platform_name(char *name, size_t size);

/* Why a file cannot be read: "missing", "denied", "directory" or "other"; NULL if it can. */
const char *tn_platform_file_problem(const char *path);

bool tn_platform_is_terminal(int descriptor);

#pragma GCC visibility pop

#endif
