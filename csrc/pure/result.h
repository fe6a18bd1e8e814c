/* The result of a request. Used by http, io and the binding. */
#ifndef TN_PURE_RESULT_H
#define TN_PURE_RESULT_H

#include <stdbool.h>

#include "pure/outcome.h"
#include "pure/response.h"

#pragma GCC visibility push(hidden)

#define TN_REASON_MAX 512
struct tn_result {
    enum tn_outcome outcome;
    bool sent;                   /* false only if the request certainly was not sent */
    bool permanent;              /* retrying cannot help: a wrong certificate, a missing file */
    char reason[TN_REASON_MAX];  /* the transport's message, or empty */
    struct tn_response response; /* also what arrived before a transfer broke */
};

/* Sets the reason. If it is too long, it is truncated between two words: cut within one, it
 * could end in part of a secret, which redaction would not recognize. */
void tn_result_explain(struct tn_result *result, const char *reason);

#pragma GCC visibility pop

#endif
