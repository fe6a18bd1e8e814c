/* See pure/verdict.h. */
#include "pure/verdict.h"

#include <stddef.h>
#include <string.h>

enum { CREATED = 201, PROXY_AUTHENTICATION = 407 };

/* By status first, by Twilio's code second, never by text. The first matching row counts. */
static const struct row {
    long from, to; /* statuses */
    struct tn_verdict verdict;
} rows[] = {
    { 401, 401, { "api", TN_PURCHASED_NO, TN_AGAIN_RENEWED, TN_AGAIN_RENEWED } },
    { 408, 409, { "api", TN_PURCHASED_UNKNOWN, TN_AGAIN_IDEMPOTENT, TN_AGAIN_IDEMPOTENT } },
    { 429, 429, { "rate_limit", TN_PURCHASED_NO, TN_AGAIN_YES, TN_AGAIN_YES } },
    { 400, 499, { "api", TN_PURCHASED_NO, TN_AGAIN_NEVER, TN_AGAIN_NEVER } },
    { 500, 599, { "api", TN_PURCHASED_UNKNOWN, TN_AGAIN_IDEMPOTENT, TN_AGAIN_IDEMPOTENT } },
    { 0, 999, { "response", TN_PURCHASED_UNKNOWN, TN_AGAIN_NEVER, TN_AGAIN_NEVER } },
};

static struct tn_verdict by_status(long status) {
    const struct row *row = rows;
    while (status < row->from || status > row->to)
        row++;
    return row->verdict;
}

/* Whether an idempotent request is sent again after a status that may not be Twilio's. A
 * gateway's 401 says nothing about the credentials. */
static enum tn_again again_after_any(long status) {
    enum tn_again again = by_status(status).again_free;
    return again == TN_AGAIN_RENEWED ? TN_AGAIN_NEVER : again;
}

/* The verdict on an error status. Filters that inspect responses reject them after the purchase
 * was carried out, so an error that is not Twilio's own proves nothing. */
static struct tn_verdict refused(long status, struct tn_word word) {
    struct tn_verdict verdict = by_status(status);
    if (status < 500 && !word.is_twilios) {
        verdict = by_status(0);
        verdict.again_free = again_after_any(status);
    } else if (verdict.purchased == TN_PURCHASED_NO && !word.has_code) {
        verdict.again = TN_AGAIN_NEVER; /* only Twilio's own error allows it */
    }
    return verdict;
}

/* The verdict on a broken transfer. A status line that was received still counts: 201 is a
 * purchase, 5xx a failure at Twilio, and 4xx a refusal if enough of the body arrived to
 * recognize it as Twilio's. */
static struct tn_verdict broken(const struct tn_result *result, struct tn_word word) {
    long status = result->response.status;
    if (status >= 500 || (status >= 400 && word.is_twilios))
        return refused(status, word);
    struct tn_verdict verdict = { .kind = tn_outcome_name(result->outcome) };
    bool may_be_repeated = result->outcome == TN_TIMEOUT || result->outcome == TN_NETWORK;
    if (status == CREATED) {
        verdict.purchased = TN_PURCHASED_YES;
    } else if (result->sent) {
        verdict.purchased = TN_PURCHASED_UNKNOWN;
        verdict.again = may_be_repeated ? TN_AGAIN_IDEMPOTENT : TN_AGAIN_NEVER;
    } else if (result->outcome != TN_CANCELLED && !result->permanent) {
        verdict.again = TN_AGAIN_YES;
    }
    verdict.again_free = verdict.again;
    if (verdict.again == TN_AGAIN_NEVER && status != 0)
        verdict.again_free = again_after_any(status);
    return verdict;
}

struct tn_verdict tn_verdict_of(const struct tn_result *result, struct tn_word word,
                                bool is_good) {
    long status = result->response.status;
    if (result->outcome != TN_ANSWERED)
        return broken(result, word);
    if (status >= 400)
        return refused(status, word);
    if (is_good && status >= 200 && status < 300)
        return (struct tn_verdict){ .purchased = TN_PURCHASED_YES };
    struct tn_verdict verdict = by_status(0);
    if (status == CREATED)
        verdict.purchased = TN_PURCHASED_YES;
    return verdict;
}

const char *tn_purchased_name(enum tn_purchased purchased) {
    static const char *const names[] = { "no", "unknown", "yes" };
    return names[purchased];
}

const char *tn_again_name(enum tn_again again) {
    static const char *const names[] = { NULL, "idempotent", "renewed", "yes" };
    return names[again];
}

/* ---- Twilio's errors ---- */

/* The token after a value and everything in it. */
static const struct tn_json_token *skip(const struct tn_json_token *token) {
    size_t left = 1; /* values to pass over */
    while (left > 0) {
        left--;
        if (token->kind == TN_JSON_ARRAY)
            left += token->length;
        else if (token->kind == TN_JSON_OBJECT)
            left += 2 * (size_t)token->length;
        token++;
    }
    return token;
}

/* An unescaped string. */
struct text {
    char bytes[96]; /* the longest that matters has 14, each perhaps written as an escape */
    size_t length;
};

/* The string of a token; empty if it is too long. */
static struct text text_of(const struct tn_response *response,
                           const struct tn_json_token *string) {
    struct text text = { .length = 0 };
    if (string->length <= sizeof text.bytes) {
        char *end =
            tn_json_unescape(text.bytes, response->body + string->start, string->length);
        text.length = (size_t)(end - text.bytes);
    }
    return text;
}

/* The value of the last member with that name; NULL if there is none or it is null. */
static const struct tn_json_token *member(const struct tn_response *response,
                                          const char *name) {
    const struct tn_json_token *token = response->tokens + 1, *found = NULL;
    for (size_t left = response->tokens->length; left > 0; left--) {
        const struct tn_json_token *value = token + 1;
        struct text text = text_of(response, token);
        if (text.length == strlen(name) && memcmp(text.bytes, name, text.length) == 0)
            found = value->kind == TN_JSON_NULL ? NULL : value;
        token = skip(value);
    }
    return found;
}

enum { CODE_FIRST = 10000, CODE_LAST = 999999 };

/* The value as an integer from 0 to CODE_LAST; -1 if it is not one. */
static long integer_of(const struct tn_response *response, const struct tn_json_token *value) {
    if (value->kind != TN_JSON_INTEGER && value->kind != TN_JSON_REAL)
        return -1;
    double number = tn_json_real(response->body + value->start, value->length);
    return number >= 0 && number <= CODE_LAST && number == (double)(long)number ? (long)number
                                                                                : -1;
}

/* The integer that a string of digits spells; -1 if it is not one. */
static long digits_of(const struct tn_response *response, const struct tn_json_token *string) {
    struct text text = text_of(response, string);
    long number = text.length > 0 ? 0 : -1;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return -1;
        if (number <= CODE_LAST)
            number = number * 10 + (text.bytes[i] - '0');
    }
    return number;
}

static bool is_code(const struct tn_response *response, const struct tn_json_token *value) {
    long code = value->kind == TN_JSON_STRING ? digits_of(response, value)
                                              : integer_of(response, value);
    return code >= CODE_FIRST && code <= CODE_LAST;
}

/* Whether a value is a nonempty string. */
static bool is_text(const struct tn_json_token *value) {
    return value && value->kind == TN_JSON_STRING && value->length > 0;
}

static bool is_number(const struct tn_json_token *value) {
    return value && (value->kind == TN_JSON_INTEGER || value->kind == TN_JSON_REAL);
}

struct tn_word tn_word_of(const struct tn_response *response, bool opaque_sids) {
    static const char *const names[] = { "status", "httpStatusCode" };
    struct tn_word word = { false, false };
    bool says_it = false;
    if (response->json.problem != TN_JSON_OK || response->json.count == 0 ||
        response->tokens->kind != TN_JSON_OBJECT)
        return word;
    const struct tn_json_token *code = member(response, "code");
    if (opaque_sids) {
        word.has_code = is_text(code) || is_number(code);
        says_it = is_text(member(response, "message"));
    } else {
        word.has_code = code && is_code(response, code);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct tn_json_token *named = member(response, names[i]);
        if (opaque_sids && !is_number(named))
            continue; /* "error", or whatever the service says there */
        if (named && integer_of(response, named) != response->status)
            return word;
        says_it |= named != NULL && !opaque_sids;
    }
    word.is_twilios = (says_it || word.has_code) && response->status != PROXY_AUTHENTICATION;
    return word;
}
