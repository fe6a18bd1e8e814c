/* Phone numbers in E.164 form (+14155550100) and North American area codes (415).
 * Pure: no Lua, no libcurl. Used by pure/param_check.c and by the binding. */
#ifndef TN_PURE_PHONE_H
#define TN_PURE_PHONE_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* E.164: a plus, then 2 to 15 digits, the first of which is not zero. */
bool tn_phone_is_e164(const char *text, size_t length);

/* Three digits, which is all that Twilio documents about area codes. */
bool tn_phone_is_area_code(const char *text, size_t length);

#pragma GCC visibility pop

#endif
