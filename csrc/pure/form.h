/* Encodes forms: application/x-www-form-urlencoded (WHATWG URL, section 5.2). Pure: no Lua, no
 * libcurl, no allocation: the caller provides the buffer. Used by the binding. */
#ifndef TN_PURE_FORM_H
#define TN_PURE_FORM_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* The most bytes that one byte encodes to. */
#define TN_FORM_GROWTH 3

/* Writes `text`, encoded, to `out`, which has room for TN_FORM_GROWTH * length bytes. Returns
 * the end of what was written. */
char *tn_form_write(char *out, const char *text, size_t length);

#pragma GCC visibility pop

#endif
