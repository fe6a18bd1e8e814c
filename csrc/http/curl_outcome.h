/* Maps libcurl's codes to the few outcomes that matter to a purchase. Knows no Lua. Used by
 * transfer_result.c. */
#ifndef TN_HTTP_CURL_OUTCOME_H
#define TN_HTTP_CURL_OUTCOME_H

#include "pure/outcome.h"

#pragma GCC visibility push(hidden)

/* The outcome for a CURLcode (an int, so that callers need no curl.h), given whether the
 * request was sent. Sets *permanent if retrying cannot help, as with a wrong certificate or a
 * missing file. */
enum tn_outcome tn_outcome_of(int curl_code, bool sent, bool *permanent);

#pragma GCC visibility pop

#endif
