/* What a status, what was sent and what was answered mean for money, and for sending again: the
 * one table of it. Used by lua/response.c. */
#ifndef TN_PURE_VERDICT_H
#define TN_PURE_VERDICT_H

#include "pure/result.h"

#pragma GCC visibility push(hidden)

/* What is known of money. */
enum tn_purchased { TN_PURCHASED_NO, TN_PURCHASED_UNKNOWN, TN_PURCHASED_YES };

/* Whether a request may be sent again as it is. */
enum tn_again {
    TN_AGAIN_NEVER,
    TN_AGAIN_IDEMPOTENT, /* only if doing it twice is the same as doing it once */
    TN_AGAIN_RENEWED,    /* with new credentials */
    TN_AGAIN_YES         /* it was never processed */
};

struct tn_verdict {
    const char *kind; /* of failure, the word for programs; NULL: it has what was asked for */
    enum tn_purchased purchased;
    enum tn_again again;
    enum tn_again again_free; /* of a request that may be done twice, whoever answered it */
};

/* What an error body says of itself. */
struct tn_word {
    bool is_twilios; /* it has one of Twilio's codes, or names the status, and never another */
    bool has_code;   /* five or six digits */
};

/* Reads an error body in any of Twilio's shapes. A gateway's is not Twilio's word; nor is what
 * comes with 407, which is a proxy's (RFC 9110). opaque_sids: it is that of a service which is
 * compatible with Twilio, and has codes of its own; any `code`, or a `message`, is its word. */
struct tn_word tn_word_of(const struct tn_response *response, bool opaque_sids);

/* Judges the result of a request. is_good: the body of a success is what was asked for. */
struct tn_verdict tn_verdict_of(const struct tn_result *result, struct tn_word word,
                                bool is_good);

/* The words of the Lua layer; NULL for TN_AGAIN_NEVER. */
const char *tn_purchased_name(enum tn_purchased purchased);
const char *tn_again_name(enum tn_again again);

#pragma GCC visibility pop

#endif
