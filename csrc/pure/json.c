/* The grammar of JSON: see json.h. */
#include "pure/json.h"

#include <math.h>
#include <string.h>

#include "pure/ascii.h"

#ifdef __SSE2__
#include <emmintrin.h>
enum { BLOCK = sizeof(__m128i) };
#endif

/* An array or object that is being read. */
struct level {
    struct tn_json_token *token;
    uint32_t members, nulls;
    char closer; /* ']' or '}' */
};

struct reader {
    const char *start, *next, *end; /* of the text */
    struct tn_json_token *tokens;
    size_t count, room;
    struct level levels[TN_JSON_DEPTH_MAX];
    size_t depth;
    enum tn_json_problem problem;
};

size_t tn_json_tokens_at_most(const char *bytes, size_t length) {
    size_t count = 0, i = 0;
#ifdef __SSE2__
    /* A match is -1 in its byte, so a byte counts up to 255 blocks. */
    while (length - i >= BLOCK) {
        __m128i sums = _mm_setzero_si128();
        for (int times = 0; times < 255 && length - i >= BLOCK; times++, i += BLOCK) {
            __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
            /* with this bit '[' becomes '{', and no other byte does */
            __m128i folded = _mm_or_si128(block, _mm_set1_epi8(0x20));
            sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(folded, _mm_set1_epi8('{')));
            sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(block, _mm_set1_epi8(',')));
            sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(block, _mm_set1_epi8(':')));
        }
        __m128i halves = _mm_sad_epu8(sums, _mm_setzero_si128());
        count += (size_t)_mm_cvtsi128_si32(halves) + (size_t)_mm_extract_epi16(halves, 4);
    }
#endif
    for (; i < length; i++)
        count += bytes[i] == ',' || bytes[i] == ':' || bytes[i] == '[' || bytes[i] == '{';
    return count;
}

/* Skips bytes that need no check: all but quotes, backslashes and control characters. */
static const char *skip_plain(const char *next, const char *end) {
#ifdef __SSE2__
    while (end - next >= BLOCK) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)next);
        __m128i last_control = _mm_set1_epi8(0x1F);
        __m128i stops = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                                  _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))),
                                     _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block));
        int found = _mm_movemask_epi8(stops);
        if (found)
            return next + __builtin_ctz((unsigned)found);
        next += BLOCK;
    }
#endif
    while (next < end && *next != '"' && *next != '\\' && (unsigned char)*next >= 0x20)
        next++;
    return next;
}

static bool fail(struct reader *reader, enum tn_json_problem problem) {
    reader->problem = problem;
    return false;
}

/* Fails at the current byte, or at the end of the text. */
static bool fail_here(struct reader *reader, enum tn_json_problem problem) {
    return fail(reader, reader->next == reader->end ? TN_JSON_CUT : problem);
}

static void skip_blanks(struct reader *reader) {
    const char *next = reader->next, *end = reader->end;
    while (next < end && (*next == ' ' || *next == '\n' || *next == '\r' || *next == '\t'))
        next++;
    reader->next = next;
}

static bool is_next(const struct reader *reader, char wanted) {
    return reader->next < reader->end && *reader->next == wanted;
}

static bool take(struct reader *reader, char wanted) {
    skip_blanks(reader);
    if (!is_next(reader, wanted))
        return fail_here(reader, TN_JSON_UNEXPECTED);
    reader->next++;
    return true;
}

/* The next token; NULL if there is no room for it. */
static struct tn_json_token *add_token(struct reader *reader, enum tn_json_kind kind) {
    if (reader->count == reader->room) {
        fail(reader, TN_JSON_NO_ROOM);
        return NULL;
    }
    struct tn_json_token *token = &reader->tokens[reader->count++];
    *token = (struct tn_json_token){ .start = (uint32_t)(reader->next - reader->start),
                                     .kind = (uint8_t)kind };
    return token;
}

static bool is_digit_next(const struct reader *reader) {
    return reader->next < reader->end && *reader->next >= '0' && *reader->next <= '9';
}

/* ---- strings ---- */

/* A backslash and the escape after it. */
static bool skip_escape(struct reader *reader) {
    reader->next++;
    if (is_next(reader, 'u')) {
        reader->next++;
        for (int i = 0; i < 4; i++, reader->next++)
            if (reader->next == reader->end || !tn_is_hex_digit(*reader->next))
                return fail_here(reader, TN_JSON_BAD_ESCAPE);
        return true;
    }
    if (reader->next == reader->end || !*reader->next || !strchr("\"\\/bfnrt", *reader->next))
        return fail_here(reader, TN_JSON_BAD_ESCAPE);
    reader->next++;
    return true;
}

static bool read_string(struct reader *reader) {
    struct tn_json_token *token = add_token(reader, TN_JSON_STRING);
    if (!token)
        return false;
    token->start++; /* after the quote */
    reader->next++;
    for (;;) {
        reader->next = skip_plain(reader->next, reader->end);
        if (is_next(reader, '"'))
            break;
        if (!is_next(reader, '\\'))
            return fail_here(reader, TN_JSON_CONTROL);
        token->has_escapes = true;
        if (!skip_escape(reader))
            return false;
    }
    token->length = (uint32_t)(reader->next - reader->start) - token->start;
    reader->next++;
    return true;
}

/* ---- numbers and words ---- */

static bool skip_digits(struct reader *reader) {
    if (!is_digit_next(reader))
        return fail_here(reader, TN_JSON_BAD_NUMBER);
    while (is_digit_next(reader))
        reader->next++;
    return true;
}

/* Only a number with an exponent, or with this many digits, can be too large for a double. */
enum { SAFE_DIGITS = 308 };

static bool read_number(struct reader *reader) {
    struct tn_json_token *token = add_token(reader, TN_JSON_INTEGER);
    bool has_exponent = false;
    if (!token)
        return false;
    const char *start = reader->next;
    if (is_next(reader, '-'))
        reader->next++;
    if (is_next(reader, '0'))
        reader->next++;
    else if (!skip_digits(reader))
        return false;
    if (is_next(reader, '.')) {
        token->kind = TN_JSON_REAL;
        reader->next++;
        if (!skip_digits(reader))
            return false;
    }
    if (is_next(reader, 'e') || is_next(reader, 'E')) {
        token->kind = TN_JSON_REAL;
        has_exponent = true;
        reader->next++;
        if (is_next(reader, '+') || is_next(reader, '-'))
            reader->next++;
        if (!skip_digits(reader))
            return false;
    }
    token->length = (uint32_t)(reader->next - start);
    if ((has_exponent || token->length > SAFE_DIGITS) &&
        isinf(tn_json_real(start, token->length))) {
        reader->next = start;
        return fail(reader, TN_JSON_OUT_OF_RANGE);
    }
    return true;
}

static bool read_word(struct reader *reader, enum tn_json_kind kind, const char *word) {
    if (!add_token(reader, kind))
        return false;
    for (; *word; word++, reader->next++)
        if (!is_next(reader, *word))
            return fail_here(reader, TN_JSON_UNEXPECTED);
    return true;
}

/* ---- arrays and objects ---- */

static bool open_level(struct reader *reader, enum tn_json_kind kind, char closer) {
    if (reader->depth == TN_JSON_DEPTH_MAX)
        return fail(reader, TN_JSON_TOO_DEEP);
    struct tn_json_token *token = add_token(reader, kind);
    if (!token)
        return false;
    reader->levels[reader->depth++] = (struct level){ .token = token, .closer = closer };
    reader->next++;
    return true;
}

static void close_level(struct reader *reader) {
    const struct level *level = &reader->levels[--reader->depth];
    level->token->length = level->members;
    level->token->start = level->members - level->nulls;
    reader->next++;
}

static bool read_null(struct reader *reader) {
    if (reader->depth > 0)
        reader->levels[reader->depth - 1].nulls++;
    return read_word(reader, TN_JSON_NULL, "null");
}

/* Reads a scalar, or opens an array or object. */
static bool read_value(struct reader *reader) {
    skip_blanks(reader);
    if (reader->next == reader->end)
        return fail(reader, TN_JSON_CUT);
    switch (*reader->next) {
    case '"':
        return read_string(reader);
    case '{':
        return open_level(reader, TN_JSON_OBJECT, '}');
    case '[':
        return open_level(reader, TN_JSON_ARRAY, ']');
    case 't':
        return read_word(reader, TN_JSON_TRUE, "true");
    case 'f':
        return read_word(reader, TN_JSON_FALSE, "false");
    case 'n':
        return read_null(reader);
    default:
        if (*reader->next != '-' && !is_digit_next(reader))
            return fail(reader, TN_JSON_UNEXPECTED);
        return read_number(reader);
    }
}

static bool read_name(struct reader *reader) {
    skip_blanks(reader);
    if (!is_next(reader, '"'))
        return fail_here(reader, TN_JSON_UNEXPECTED);
    return read_string(reader) && take(reader, ':');
}

/* Reads the next member of the innermost array or object, or closes it. */
static bool read_member(struct reader *reader) {
    struct level *level = &reader->levels[reader->depth - 1];
    skip_blanks(reader);
    if (is_next(reader, level->closer)) {
        close_level(reader);
        return true;
    }
    if (level->members++ > 0 && !take(reader, ','))
        return false;
    if (level->closer == '}' && !read_name(reader))
        return false;
    return read_value(reader);
}

static bool read_text(struct reader *reader) {
    bool is_good = read_value(reader);
    while (is_good && reader->depth > 0)
        is_good = read_member(reader);
    if (!is_good)
        return false;
    skip_blanks(reader);
    return reader->next == reader->end || fail(reader, TN_JSON_TRAILING);
}

struct tn_json_result tn_json_read(const char *text, size_t length,
                                   struct tn_json_token *tokens, size_t room) {
    struct reader reader;
    reader.start = reader.next = text;
    reader.end = text + length;
    reader.tokens = tokens;
    reader.room = room;
    reader.count = reader.depth = 0;
    reader.problem = TN_JSON_OK;
    if (length >= UINT32_MAX)
        return (struct tn_json_result){ .problem = TN_JSON_TOO_LARGE };
    read_text(&reader);
    return (struct tn_json_result){ reader.problem, reader.count,
                                    (size_t)(reader.next - text) };
}

static const char *const names[TN_JSON_PROBLEM_COUNT] = {
    [TN_JSON_OK] = "",
    [TN_JSON_NO_ROOM] = "too many values",
    [TN_JSON_TOO_LARGE] = "text too large",
    [TN_JSON_TOO_DEEP] = "nested too deeply",
    [TN_JSON_CUT] = "unexpected end",
    [TN_JSON_TRAILING] = "unexpected text after the value",
    [TN_JSON_UNEXPECTED] = "unexpected character",
    [TN_JSON_BAD_NUMBER] = "malformed number",
    [TN_JSON_OUT_OF_RANGE] = "number out of range",
    [TN_JSON_BAD_ESCAPE] = "invalid escape",
    [TN_JSON_CONTROL] = "control character in a string",
};

const char *tn_json_problem_name(enum tn_json_problem problem) {
    return names[problem];
}
