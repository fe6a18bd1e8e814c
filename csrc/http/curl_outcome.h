/* libcurl's codes put into the few kinds that matter to a buyer. Knows no Lua. Used by
 * transfer.c. */
#ifndef TN_HTTP_CURL_OUTCOME_H
#define TN_HTTP_CURL_OUTCOME_H

#include "pure/outcome.h"

#pragma GCC visibility push(hidden)

/* What a CURLcode (an int here, so that callers need no curl.h) means, given whether a request
 * left. *permanent: trying again cannot help, as with a wrong certificate or a missing file. */
enum tn_outcome tn_outcome_of(int curl_code, bool sent, bool *permanent);

#pragma GCC visibility pop

#endif
