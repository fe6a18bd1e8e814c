/* Twilio SIDs: two capital letters for the kind of resource, then 32 hex digits; and the opaque
 * identifiers of services that are compatible with Twilio. Pure: no Lua, no libcurl. Used by
 * pure/param_check.c and by the binding. */
#ifndef TN_PURE_SID_H
#define TN_PURE_SID_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define TN_SID_PREFIX_LENGTH 2
#define TN_SID_LENGTH 34
#define TN_SID_OPAQUE_MAX 64

/* Whether `text` is a SID, of the kind `prefix` ("PN") unless that is NULL. */
bool tn_sid_is_valid(const char *text, size_t length, const char *prefix);

/* Whether `text` can be an identifier of a compatible service: 1 to 64 letters, digits and
 * hyphens, which are safe in a path. */
bool tn_sid_is_opaque(const char *text, size_t length);

/* tn_sid_is_opaque() if opaque_sids, else tn_sid_is_valid(). */
bool tn_sid_fits(const char *text, size_t length, const char *prefix, bool opaque_sids);

/* The first SID of a kind within a text, or NULL. */
const char *tn_sid_find(const char *text, size_t length, const char *prefix);

#pragma GCC visibility pop

#endif
