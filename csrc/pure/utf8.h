/* Validates UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. Pure:
 * no Lua, no libcurl. Used by pure/param_check.c, pure/json_writer.c and lua/record.c. */
#ifndef TN_PURE_UTF8_H
#define TN_PURE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Whether `text` is valid UTF-8; if so, sets *characters to the number of code points. */
bool tn_utf8_count(const char *text, size_t length, size_t *characters);

#pragma GCC visibility pop

#endif
