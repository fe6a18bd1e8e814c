/* See pure/outcome.h. */
#include "pure/outcome.h"

#include <string.h>

static const char *const names[TN_OUTCOME_COUNT] = {
    [TN_ANSWERED] = "answered",   [TN_CONNECT] = "connect", [TN_TLS] = "tls",
    [TN_TIMEOUT] = "timeout",     [TN_NETWORK] = "network", [TN_RESPONSE] = "response",
    [TN_CANCELLED] = "cancelled", [TN_CLOSED] = "closed",
};

const char *tn_outcome_name(enum tn_outcome outcome) {
    return names[outcome];
}

bool tn_outcome_named(const char *name, enum tn_outcome *outcome) {
    for (int i = 0; i < TN_OUTCOME_COUNT; i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        *outcome = (enum tn_outcome)i;
        return true;
    }
    return false;
}
