/* Shared by the fuzz targets: a check that ends the process, and matching of patterns. */
#ifndef TN_FUZZ_SUPPORT_H
#define TN_FUZZ_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer calls this with each input; a target is a file that defines it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts if the condition is false; libFuzzer then reports the input. */
#define TN_FUZZ_CHECK(condition)                                                               \
    ((condition) ? (void)0 : tn_fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void tn_fuzz_fail(const char *file, int line, const char *what);

/* Whether a pattern (a POSIX extended regular expression, as a literal) matches the whole text;
 * a text with a NUL byte matches none. Each pattern is compiled once. */
bool tn_fuzz_fits(const char *pattern, const char *text, size_t length);

/* A part of an input, between separators. */
struct tn_fuzz_part {
    const char *text;
    size_t length;
};
struct tn_fuzz_part tn_fuzz_take(struct tn_fuzz_part *rest, const char *separator);

/* A copy exactly as large as the text, so that reading beyond its end is detected. free() it.
 */
char *tn_fuzz_copy(const void *text, size_t length);

#endif
