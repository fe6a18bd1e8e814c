/* The JSON reader, without Lua: the tokens lie within the text and form a tree, the array has
 * room for each of them, a truncated text is never accepted, and every number equals
 * strtod()'s. The input is the text. */
#define _GNU_SOURCE /* strtod_l */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pure/json.h"
#include "support.h"

struct tree {
    const char *text;
    size_t length;
    const struct tn_json_token *next, *end;
};

static double by_strtod(const char *number) {
    static locale_t plain;
    if (!plain)
        plain = newlocale(LC_ALL_MASK, "C", 0);
    return strtod_l(number, NULL, plain);
}

static void check_number(const char *number, size_t length, bool is_integer) {
    int64_t integer = 0;
    char *copy = calloc(1, length + 1);
    TN_FUZZ_CHECK(copy);
    memcpy(copy, number, length);
    double expected = by_strtod(copy), real = tn_json_real(number, length);
    TN_FUZZ_CHECK(isfinite(expected));
    TN_FUZZ_CHECK(real == expected && signbit(real) == signbit(expected));
    if (is_integer) {
        errno = 0;
        long long value = strtoll(copy, NULL, 10);
        bool fits = errno == 0;
        TN_FUZZ_CHECK(tn_json_integer(number, length, &integer) == fits);
        TN_FUZZ_CHECK(!fits || integer == value);
    }
    free(copy);
}

static void check_string(const char *string, const struct tn_json_token *token) {
    char *room = malloc(token->length + 1);
    TN_FUZZ_CHECK(room);
    size_t written = (size_t)(tn_json_unescape(room, string, token->length) - room);
    TN_FUZZ_CHECK(written <= token->length);
    bool has_escapes = memchr(string, '\\', token->length);
    TN_FUZZ_CHECK(token->has_escapes == has_escapes);
    TN_FUZZ_CHECK(has_escapes || memcmp(room, string, token->length) == 0);
    free(room);
}

/* Also checks that the depth is bounded. */
static void check_value(struct tree *tree, int depth) {
    TN_FUZZ_CHECK(depth <= TN_JSON_DEPTH_MAX && tree->next < tree->end);
    const struct tn_json_token *token = tree->next++;
    const char *start = tree->text + token->start;
    uint32_t nulls = 0;
    switch (token->kind) {
    case TN_JSON_ARRAY:
    case TN_JSON_OBJECT:
        for (uint32_t i = 0; i < token->length; i++) {
            if (token->kind == TN_JSON_OBJECT) {
                TN_FUZZ_CHECK(tree->next < tree->end && tree->next->kind == TN_JSON_STRING);
                check_value(tree, depth);
            }
            TN_FUZZ_CHECK(tree->next < tree->end);
            nulls += tree->next->kind == TN_JSON_NULL;
            check_value(tree, depth + (tree->next->kind >= TN_JSON_ARRAY));
        }
        TN_FUZZ_CHECK(token->start == token->length - nulls);
        return;
    case TN_JSON_INTEGER:
    case TN_JSON_REAL:
        TN_FUZZ_CHECK(token->start + (size_t)token->length <= tree->length);
        check_number(start, token->length, token->kind == TN_JSON_INTEGER);
        return;
    case TN_JSON_STRING:
        TN_FUZZ_CHECK(token->start + (size_t)token->length < tree->length);
        TN_FUZZ_CHECK(start[-1] == '"' && start[token->length] == '"');
        check_string(start, token);
        return;
    default:
        TN_FUZZ_CHECK(token->kind <= TN_JSON_TRUE);
    }
}

static size_t tokens_at_most(const char *text, size_t length) {
    size_t half = length / 2, all = tn_json_tokens_at_most(text, length);
    TN_FUZZ_CHECK(all == tn_json_tokens_at_most(text, half) +
                             tn_json_tokens_at_most(text + half, length - half));
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = tn_fuzz_copy(data, size);
    size_t room = tokens_at_most(text, size) + 1;
    struct tn_json_token *tokens = calloc(room, sizeof *tokens);
    TN_FUZZ_CHECK(tokens);
    struct tn_json_result result = tn_json_read(text, size, tokens, room);
    TN_FUZZ_CHECK(result.at <= size && result.count <= room);
    TN_FUZZ_CHECK(result.problem != TN_JSON_NO_ROOM && result.problem != TN_JSON_TOO_LARGE);
    TN_FUZZ_CHECK((result.problem == TN_JSON_CUT) <= (result.at == size));
    if (result.problem == TN_JSON_OK) {
        struct tree tree = { text, size, tokens, tokens + result.count };
        check_value(&tree, tokens[0].kind >= TN_JSON_ARRAY);
        TN_FUZZ_CHECK(tree.next == tree.end);
        if (tokens[0].kind >= TN_JSON_ARRAY) {
            size_t last = size - 1;
            while (text[last] != ']' && text[last] != '}')
                last--;
            TN_FUZZ_CHECK(tn_json_read(text, last, tokens, room).problem == TN_JSON_CUT);
        }
    }
    free(tokens);
    free(text);
    return 0;
}
