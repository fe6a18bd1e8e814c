/* Reads JSON (RFC 8259), strictly, into an array of tokens that the caller owns. Knows no Lua,
 * allocates nothing and keeps no state; the result does not depend on the locale. Used by
 * response.c and lua/json.c.
 *
 * Where the RFC leaves a choice: a text may be any value; bytes of a string that are not valid
 * UTF-8 pass unchanged; a lone surrogate is read as U+FFFD; a duplicate name is kept, in its
 * place. */
#ifndef TN_PURE_JSON_H
#define TN_PURE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The deepest nesting of arrays and objects; Twilio's responses have two or three. */
#define TN_JSON_DEPTH_MAX 32

enum tn_json_kind {
    TN_JSON_NULL,
    TN_JSON_FALSE,
    TN_JSON_TRUE,
    TN_JSON_INTEGER, /* a number without fraction or exponent */
    TN_JSON_REAL,
    TN_JSON_STRING,
    TN_JSON_ARRAY,
    TN_JSON_OBJECT
};

/* One for each value, and one for each name before its value, in the order of the text. */
struct tn_json_token {
    uint32_t start;   /* of a number: its offset; of a string: the offset after its quote; of an
                         array or object: how many of its members are not null */
    uint32_t length;  /* of a number or string, in bytes as written; of an array or object: the
                       * number of its members */
    uint8_t kind;     /* enum tn_json_kind */
    bool has_escapes; /* of a string: decode it with tn_json_unescape() */
};

enum tn_json_problem {
    TN_JSON_OK,
    TN_JSON_NO_ROOM, /* the token array is too small */
    TN_JSON_TOO_LARGE,
    TN_JSON_TOO_DEEP,
    TN_JSON_CUT,      /* the text ends within a value */
    TN_JSON_TRAILING, /* more text follows the value */
    TN_JSON_UNEXPECTED,
    TN_JSON_BAD_NUMBER,
    TN_JSON_OUT_OF_RANGE, /* a number too large for a double */
    TN_JSON_BAD_ESCAPE,
    TN_JSON_CONTROL, /* a control character within a string */
    TN_JSON_PROBLEM_COUNT
};

/* The result of reading a text. */
struct tn_json_result {
    enum tn_json_problem problem;
    size_t count; /* tokens */
    size_t at;    /* the offset of the problem */
};

/* An upper bound on the tokens that start in these bytes. The sum over all parts of a text,
 * plus one, bounds the tokens of the text. */
size_t tn_json_tokens_at_most(const char *bytes, size_t length);

/* Validates a whole text and fills the array, in one pass. */
struct tn_json_result tn_json_read(const char *text, size_t length,
                                   struct tn_json_token *tokens, size_t room);

/* The name of a problem, such as "unexpected character". */
const char *tn_json_problem_name(enum tn_json_problem problem);

/* Decodes the escapes of a string into at most `length` bytes. Returns the end of what was
 * written. */
char *tn_json_unescape(char *out, const char *string, size_t length);

/* The value of an integer; false if it does not fit. */
bool tn_json_integer(const char *number, size_t length, int64_t *value);

/* The double nearest to a number; infinite if that is out of range. */
double tn_json_real(const char *number, size_t length);

#pragma GCC visibility pop

#endif
