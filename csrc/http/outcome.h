/* How a transfer ended: libcurl's codes put into the few kinds that matter to a buyer. Knows
 * no Lua. Used by transfer.c and the binding. */
#ifndef TN_HTTP_OUTCOME_H
#define TN_HTTP_OUTCOME_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* tn_outcome_name() gives the word that the Lua layer knows each by. */
enum tn_outcome {
    TN_ANSWERED, /* the whole response is here */
    TN_CONNECT,  /* never reached the server: its name, its address, the proxy */
    TN_TLS,      /* reached something that could not prove who it is */
    TN_TIMEOUT,
    TN_NETWORK,  /* the connection broke */
    TN_RESPONSE, /* not HTTP, or larger than the limits */
    TN_CANCELLED,
    TN_OUTCOME_COUNT
};

/* What a CURLcode (an int here, so that callers need no curl.h) means, given whether a request
 * left. *permanent: trying again cannot help, as with a wrong certificate or a missing file. */
enum tn_outcome tn_outcome_of(int curl_code, bool sent, bool *permanent);

const char *tn_outcome_name(enum tn_outcome outcome);

#pragma GCC visibility pop

#endif
