/* See support.h. */
#define _GNU_SOURCE /* memmem */
#include "support.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tn_fuzz_fail(const char *file, int line, const char *what) {
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/* Compiled patterns are cached by the address of the literal. */
static const regex_t *compiled(const char *pattern) {
    enum { PATTERNS_MAX = 64 };
    static struct {
        const char *pattern;
        regex_t regex;
    } known[PATTERNS_MAX];
    size_t i = 0;
    while (i < PATTERNS_MAX && known[i].pattern && known[i].pattern != pattern)
        i++;
    TN_FUZZ_CHECK(i < PATTERNS_MAX);
    if (!known[i].pattern) {
        TN_FUZZ_CHECK(regcomp(&known[i].regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
        known[i].pattern = pattern;
    }
    return &known[i].regex;
}

bool tn_fuzz_fits(const char *pattern, const char *text, size_t length) {
    if (length > 0 && memchr(text, '\0', length))
        return false;
    char *copy = malloc(length + 1); /* regexec() needs a NUL at the end */
    TN_FUZZ_CHECK(copy);
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    bool fits = regexec(compiled(pattern), copy, 0, NULL, 0) == 0;
    free(copy);
    return fits;
}

struct tn_fuzz_part tn_fuzz_take(struct tn_fuzz_part *rest, const char *separator) {
    struct tn_fuzz_part part = *rest;
    size_t length = strlen(separator);
    const char *found =
        rest->length > 0 ? memmem(rest->text, rest->length, separator, length) : NULL;
    if (!found) {
        rest->text += rest->length;
        rest->length = 0;
        return part;
    }
    part.length = (size_t)(found - part.text);
    rest->text = found + length;
    rest->length -= part.length + length;
    return part;
}

char *tn_fuzz_copy(const void *text, size_t length) {
    char *copy = malloc(length > 0 ? length : 1);
    TN_FUZZ_CHECK(copy);
    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}
