/* What a Twilio SID is: two capital letters that name the kind of resource, and 32 hex digits;
 * and what it is at a service that is compatible with Twilio, which has identifiers of its own.
 * Pure: no Lua, no libcurl. Used by pure/params.c and by the binding. */
#ifndef TN_PURE_SID_H
#define TN_PURE_SID_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define TN_SID_PREFIX_LENGTH 2
#define TN_SID_LENGTH 34
#define TN_SID_OPAQUE_MAX 64

/* Whether `text` is a SID; with a `prefix` (two letters, such as "PN"), one of that kind. */
bool tn_sid_is_valid(const char *text, size_t length, const char *prefix);

/* Whether `text` may be the identifier of a compatible service: 1 to 64 letters, digits and
 * hyphens, so that it is safe in a path. */
bool tn_sid_is_opaque(const char *text, size_t length);

/* Whether `text` is what a SID must be: with opaque_sids an identifier, else a SID of that
 * kind.
 */
bool tn_sid_fits(const char *text, size_t length, const char *prefix, bool opaque_sids);

/* The first SID of a kind within a text, or NULL. */
const char *tn_sid_find(const char *text, size_t length, const char *prefix);

#pragma GCC visibility pop

#endif
