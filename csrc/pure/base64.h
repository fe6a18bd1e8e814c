/* Base64 (RFC 4648, section 4), for the Authorization header. Pure: no Lua, no libcurl.
 * Used by the binding. */
#ifndef TN_PURE_BASE64_H
#define TN_PURE_BASE64_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* The number of characters that `length` bytes encode to. Assumes a `length` far below
 * SIZE_MAX. */
size_t tn_base64_length(size_t length);

/* Writes tn_base64_length() characters to `out`, and no NUL. */
void tn_base64_write(char *out, const char *bytes, size_t length);

#pragma GCC visibility pop

#endif
