/* The parameters of purchases, updates, searches, lists and addresses: tables of data, one row
 * each, and the checks derived from them. Pure: no Lua, no libcurl. Used by the binding; the
 * Lua layer writes the messages. */
#ifndef TN_PURE_PARAMS_H
#define TN_PURE_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* What a value must be. */
enum tn_kind {
    TN_KIND_TEXT,      /* UTF-8; at most row.most characters, if that is not 0 */
    TN_KIND_SID,       /* row.expects: its two letters */
    TN_KIND_CHOICE,    /* row.expects: the words, separated by spaces */
    TN_KIND_URL,       /* absolute, http or https */
    TN_KIND_BOOLEAN,   /* true or false */
    TN_KIND_FLAG,      /* a boolean whose default is false, which is not sent */
    TN_KIND_PHONE,     /* E.164 */
    TN_KIND_AREA_CODE, /* three digits */
    TN_KIND_LAT_LONG,  /* "37.84,-122.26" */
    TN_KIND_INTEGER,   /* from 1 to row.most */
    TN_KIND_PATTERN,   /* of a phone number: "415***", "STORM$" */
    TN_KIND_COUNTRY,   /* two capital letters, ISO 3166-1 */
    TN_KIND_COUNT
};

/* What can be wrong with a value. tn_problem_name() returns the Lua layer's name of each. */
enum tn_problem {
    TN_PROBLEM_NONE,
    TN_PROBLEM_TYPE,
    TN_PROBLEM_UNKNOWN,
    TN_PROBLEM_EMPTY,
    TN_PROBLEM_NUL,
    TN_PROBLEM_UTF8,
    TN_PROBLEM_TOO_LONG,
    TN_PROBLEM_CHARACTERS,
    TN_PROBLEM_SID,
    TN_PROBLEM_CHOICE,
    TN_PROBLEM_URL,
    TN_PROBLEM_PHONE,
    TN_PROBLEM_AREA_CODE,
    TN_PROBLEM_LAT_LONG,
    TN_PROBLEM_INTEGER,
    TN_PROBLEM_PATTERN,
    TN_PROBLEM_COUNTRY,
    TN_PROBLEM_MISSING,
    TN_PROBLEM_BOTH,
    TN_PROBLEM_NEEDS,
    TN_PROBLEM_COUNT
};

/* The longest value, in bytes; it keeps the sizes of forms from overflowing. */
#define TN_VALUE_MAX ((size_t)16384)

struct tn_param {
    const char *name; /* as Lua callers write it */
    size_t name_length;
    const char *wire_name; /* as Twilio writes it */
    size_t wire_length;
    enum tn_kind kind;
    const char *expects;
    unsigned long most; /* the most characters of a text, or the largest integer */
    bool clears;        /* in an update, an empty string clears the field */
};

/* How two parameters depend on each other: at most one of them, exactly one of them, or the
 * first requires the second (or `alternative`, unless that is NULL). */
enum tn_relation { TN_NOT_BOTH, TN_JUST_ONE, TN_NEEDS };
struct tn_pair {
    const char *name, *other;
    enum tn_relation relation;
    const char *alternative;
};

/* The parameters of a kind of request. */
#define TN_PARAMS_MAX 24
#define TN_PAIRS_MAX 2
struct tn_params {
    const char *name;
    const struct tn_param *rows;
    int count;
    bool may_clear;
    int required; /* the first `required` rows are required */
    struct tn_pair pairs[TN_PAIRS_MAX];
};

/* The 24 parameters of POST .../IncomingPhoneNumbers.json. tn_params_named() finds them as
 * "purchase", and "update", "search", "list", "address", "addresses" and "bundles"; NULL for
 * any other name. */
extern const struct tn_params tn_params_purchase;
const struct tn_params *tn_params_named(const char *name);

/* The index of the row with this name, or -1. */
int tn_params_find(const struct tn_params *params, const char *name, size_t length);

/* Checks a value given as a string; TN_KIND_BOOLEAN and TN_KIND_FLAG never are. opaque_sids:
 * see pure/sid.h. */
enum tn_problem tn_param_check(const struct tn_params *params, const struct tn_param *row,
                               const char *text, size_t length, bool opaque_sids);

/* Checks two parameters against each other: `given` has bit 1 << row set for each parameter
 * that is present. */
enum tn_problem tn_pair_check(const struct tn_params *params, const struct tn_pair *pair,
                              uint32_t given);

const char *tn_kind_name(enum tn_kind kind);
const char *tn_problem_name(enum tn_problem problem);

#pragma GCC visibility pop

#endif
