/* What a Twilio SID is: two capital letters that name the kind of resource, and 32 hex digits.
 * Pure: no Lua, no libcurl. Used by pure/params.c and by the binding. */
#ifndef TN_PURE_SID_H
#define TN_PURE_SID_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define TN_SID_PREFIX_LENGTH 2
#define TN_SID_LENGTH 34

/* Whether `text` is a SID; with a `prefix` (two letters, such as "PN"), one of that kind. */
bool tn_sid_is_valid(const char *text, size_t length, const char *prefix);

/* The first SID of a kind within a text, or NULL. */
const char *tn_sid_find(const char *text, size_t length, const char *prefix);

#pragma GCC visibility pop

#endif
