/* The one table that decides, from the status, what was sent and what was answered, whether a
 * number may have been bought and whether to send again. Used by lua/response.c. */
#ifndef TN_PURE_VERDICT_H
#define TN_PURE_VERDICT_H

#include "pure/result.h"

#pragma GCC visibility push(hidden)

/* Whether a number was bought. */
enum tn_purchased { TN_PURCHASED_NO, TN_PURCHASED_UNKNOWN, TN_PURCHASED_YES };

/* Whether a request may be sent again. */
enum tn_again {
    TN_AGAIN_NEVER,
    TN_AGAIN_IDEMPOTENT, /* only if the request is idempotent */
    TN_AGAIN_RENEWED,    /* with new credentials */
    TN_AGAIN_YES         /* it was never processed */
};

struct tn_verdict {
    const char *kind; /* of error, for programs; NULL: success */
    enum tn_purchased purchased;
    enum tn_again again;
    enum tn_again again_free; /* of an idempotent request, Twilio's answer or not */
};

/* Whether an error body is Twilio's own. */
struct tn_word {
    bool is_twilios; /* it has one of Twilio's codes, or the response's status, and no other
                        status */
    bool has_code;   /* five or six digits */
};

/* Recognizes an error body in any of Twilio's formats. A gateway's is not one of them, nor is
 * any body of a 407, which is a proxy's (RFC 9110). opaque_sids: the service is only compatible
 * with Twilio and has codes of its own, so any `code` or `message` will do. */
struct tn_word tn_word_of(const struct tn_response *response, bool opaque_sids);

/* The verdict on the result of a request. is_good: the body of a success is what was requested.
 */
struct tn_verdict tn_verdict_of(const struct tn_result *result, struct tn_word word,
                                bool is_good);

/* The Lua layer's names; NULL for TN_AGAIN_NEVER. */
const char *tn_purchased_name(enum tn_purchased purchased);
const char *tn_again_name(enum tn_again again);

#pragma GCC visibility pop

#endif
