/* What the targets share: a check that ends the process, and patterns as a second opinion. */
#ifndef TN_FUZZ_SUPPORT_H
#define TN_FUZZ_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls with each input; a target is a file with this function. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process, which libFuzzer reports together with the input. */
#define TN_FUZZ_CHECK(condition)                                                               \
    ((condition) ? (void)0 : tn_fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void tn_fuzz_fail(const char *file, int line, const char *what);

/* Whether a pattern (POSIX, extended, a literal) fits the whole text; a NUL byte fits none.
 * Each pattern is compiled once. */
bool tn_fuzz_fits(const char *pattern, const char *text, size_t length);

/* The parts of an input that lie between separators, the last one at the end. */
struct tn_fuzz_part {
    const char *text;
    size_t length;
};
struct tn_fuzz_part tn_fuzz_take(struct tn_fuzz_part *rest, const char *separator);

/* A copy of the size of the text alone, so that reading beyond its end is seen; free() it. */
char *tn_fuzz_copy(const void *text, size_t length);

#endif
