/* How a request ended, in the few kinds that matter to a purchase. Used by pure/verdict.c, http
 * and the binding. */
#ifndef TN_PURE_OUTCOME_H
#define TN_PURE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* tn_outcome_name() returns the Lua layer's name of each. */
enum tn_outcome {
    TN_ANSWERED, /* the response is complete */
    TN_CONNECT,  /* never reached the server: its name, its address, the proxy */
    TN_TLS,      /* reached a server that failed verification */
    TN_TIMEOUT,
    TN_NETWORK,  /* the connection broke */
    TN_RESPONSE, /* not HTTP, or larger than the limits */
    TN_CANCELLED,
    TN_CLOSED, /* the client was closed before it was sent */
    TN_OUTCOME_COUNT
};

const char *tn_outcome_name(enum tn_outcome outcome);

/* Finds an outcome by name; false if there is none. */
bool tn_outcome_named(const char *name, enum tn_outcome *outcome);

#pragma GCC visibility pop

#endif
