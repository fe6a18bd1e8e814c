/* How a form is written: application/x-www-form-urlencoded (WHATWG URL, section 5.2).
 * Pure: no Lua, no libcurl, no allocation: the caller measures, then provides the room.
 * Used by the binding. */
#ifndef TN_FORM_H
#define TN_FORM_H

#include <stddef.h>

/* The exact number of bytes that `text` takes when it is encoded: at most three times `length`.
 */
size_t tn_form_length(const char *text, size_t length);

/* Writes `text` encoded to `out`, which has room for tn_form_length() bytes; returns the end.
 */
char *tn_form_write(char *out, const char *text, size_t length);

#endif
