/* The parameters of a purchase: a table of data, one row each, and the checks that follow from
 * it. Pure: no Lua, no libcurl. Used by the binding; the Lua layer finds the words. */
#ifndef TN_PARAMS_H
#define TN_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a value must be. */
enum tn_kind {
    TN_KIND_TEXT,      /* UTF-8; at most row.characters, if that is not 0 */
    TN_KIND_SID,       /* row.expects: its two letters */
    TN_KIND_CHOICE,    /* row.expects: the words, a space between them */
    TN_KIND_URL,       /* absolute, http or https */
    TN_KIND_BOOLEAN,   /* true or false */
    TN_KIND_PHONE,     /* E.164 */
    TN_KIND_AREA_CODE, /* three digits */
    TN_KIND_COUNT
};

/* What may be wrong. tn_problem_name() gives the word that the Lua layer knows each by. */
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
    TN_PROBLEM_MISSING,
    TN_PROBLEM_BOTH,
    TN_PROBLEM_COUNT
};

/* No value may be longer, so that the sizes of a form cannot overflow. */
#define TN_VALUE_MAX ((size_t)16384)

struct tn_param {
    const char *name; /* as Lua callers write it */
    size_t name_length;
    const char *wire_name; /* as Twilio writes it */
    enum tn_kind kind;
    const char *expects;
    size_t characters;
};

/* The 24 parameters of POST .../IncomingPhoneNumbers.json, in the order of Twilio's OpenAPI
 * document (CreateIncomingPhoneNumberRequest). */
enum tn_purchase_param {
    TN_API_VERSION,
    TN_FRIENDLY_NAME,
    TN_SMS_APPLICATION_SID,
    TN_SMS_FALLBACK_METHOD,
    TN_SMS_FALLBACK_URL,
    TN_SMS_METHOD,
    TN_SMS_URL,
    TN_STATUS_CALLBACK,
    TN_STATUS_CALLBACK_METHOD,
    TN_VOICE_APPLICATION_SID,
    TN_VOICE_CALLER_ID_LOOKUP,
    TN_VOICE_FALLBACK_METHOD,
    TN_VOICE_FALLBACK_URL,
    TN_VOICE_METHOD,
    TN_VOICE_URL,
    TN_EMERGENCY_STATUS,
    TN_EMERGENCY_ADDRESS_SID,
    TN_TRUNK_SID,
    TN_IDENTITY_SID,
    TN_ADDRESS_SID,
    TN_VOICE_RECEIVE_MODE,
    TN_BUNDLE_SID,
    TN_PHONE_NUMBER,
    TN_AREA_CODE,
    TN_PURCHASE_PARAM_COUNT
};

extern const struct tn_param tn_purchase_params[TN_PURCHASE_PARAM_COUNT];

/* The index of the row with this name, or -1. */
int tn_param_find(const char *name, size_t length);

/* What is wrong with a value that came as a string (TN_KIND_BOOLEAN never does). */
enum tn_problem tn_param_check(const struct tn_param *row, const char *text, size_t length);

/* What is wrong with the parameters taken together: `given` has bit 1 << row set for each that
 * is there. Writes at most TN_CONFLICTS_MAX rows of (problem, the two parameters); returns how
 * many. */
#define TN_CONFLICTS_MAX 2
struct tn_conflict {
    enum tn_problem problem;
    const char *name, *other;
};
size_t tn_params_conflicts(uint32_t given, struct tn_conflict found[TN_CONFLICTS_MAX]);

const char *tn_kind_name(enum tn_kind kind);
const char *tn_problem_name(enum tn_problem problem);

#endif
