/* Overwrites secrets before their memory is freed. Pure. Used by http, journal and the binding.
 */
#ifndef TN_PURE_WIPE_H
#define TN_PURE_WIPE_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Sets `length` bytes to zero, even where the compiler could drop the stores as dead. */
void tn_wipe(void *memory, size_t length);

/* Wipes and frees a malloc()ed string; NULL is allowed. */
void tn_wipe_free(char *text);

#pragma GCC visibility pop

#endif
