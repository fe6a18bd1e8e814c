/* The Retry-After header (RFC 9110, section 10.2.3): seconds, or a date. Pure: no Lua, no
 * libcurl. Used by the binding. */
#ifndef TN_PURE_RETRY_AFTER_H
#define TN_PURE_RETRY_AFTER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#pragma GCC visibility push(hidden)

/* Sets the number of seconds to wait from `now`, between 0 and TN_RETRY_AFTER_MAX. False if
 * `text` is neither a whole number nor a date of the form "Sun, 06 Nov 1994 08:49:37 GMT". */
#define TN_RETRY_AFTER_MAX 86400L
bool tn_retry_after_parse(const char *text, size_t length, time_t now, long *seconds);

#pragma GCC visibility pop

#endif
