/* Overwrites secrets before their memory is given back. Pure. Used by transfer.c and the
 * binding. */
#ifndef TN_PURE_WIPE_H
#define TN_PURE_WIPE_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Sets `length` bytes to zero, also where the compiler sees that nobody reads them again. */
void tn_wipe(void *memory, size_t length);

/* The same for a string that malloc() made, and frees it; nothing for NULL. */
void tn_wipe_free(char *text);

#pragma GCC visibility pop

#endif
