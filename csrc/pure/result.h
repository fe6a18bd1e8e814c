/* What came of a request. Used by http, io and the binding. */
#ifndef TN_PURE_RESULT_H
#define TN_PURE_RESULT_H

#include <stdbool.h>

#include "pure/outcome.h"
#include "pure/response.h"

#pragma GCC visibility push(hidden)

#define TN_REASON_MAX 512
struct tn_result {
    enum tn_outcome outcome;
    bool sent;      /* false only when it is certain that no request left */
    bool permanent; /* trying again cannot help: a wrong certificate, a missing file */
    char reason[TN_REASON_MAX];  /* the transport's words; empty where it has none */
    struct tn_response response; /* also what came before a transfer broke */
};

/* Sets the words for people. What is too long is cut between two words: within one, it might
 * end with a part of a secret, which is then not known for one. */
void tn_result_explain(struct tn_result *result, const char *reason);

#pragma GCC visibility pop

#endif
