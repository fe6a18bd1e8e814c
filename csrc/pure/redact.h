/* Finds a secret at the start of a text in any encoding: a gateway may echo a request in JSON
 * or in a URL. Pure. Used by the binding. */
#ifndef TN_PURE_REDACT_H
#define TN_PURE_REDACT_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* How many bytes at the start of the text are the secret, verbatim or with any of its
 * characters encoded as in a URL ("%2F") or a JSON string ("\/", "\u002f"). 0 if the text
 * starts with something else or the secret is empty. */
size_t tn_redact_match(const char *text, size_t length, const char *secret,
                       size_t secret_length);

#pragma GCC visibility pop

#endif
