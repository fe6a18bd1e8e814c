/* Finds a secret at the beginning of a text, however the text writes it: a gateway that repeats
 * a request may do so in JSON or in a URL. Pure. Used by the binding. */
#ifndef TN_PURE_REDACT_H
#define TN_PURE_REDACT_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* How many bytes of the text are the secret: as it is, or with any of its characters written as
 * in a URL ("%2F") or a JSON string ("\/", "\u002f"). 0 if it begins with something else, and
 * for a secret of no length. */
size_t tn_redact_match(const char *text, size_t length, const char *secret,
                       size_t secret_length);

#pragma GCC visibility pop

#endif
