/* Classes of ASCII characters, independent of the locale, unlike isxdigit(). Pure. Used by the
 * other pure parts and by lua/form_compare.c. */
#ifndef TN_PURE_ASCII_H
#define TN_PURE_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of characters: one bit each, in `low` up to '?' and in `high` from '@'. */
struct tn_ascii_set {
    uint64_t low, high;
};

#define TN_ASCII_BIT(c) (UINT64_C(1) << ((c)&63))
#define TN_ASCII_DIGITS UINT64_C(0x03FF000000000000)  /* low: 0 to 9 */
#define TN_ASCII_LETTERS UINT64_C(0x07FFFFFE07FFFFFE) /* high: A to Z, a to z */

static inline bool tn_ascii_has(struct tn_ascii_set set, char c) {
    unsigned char code = (unsigned char)c;
    return code < 128 && ((code < 64 ? set.low : set.high) >> (code & 63) & 1);
}

/* Whether two texts are equal, ignoring the case of ASCII letters. */
static inline bool tn_ascii_is_same(const char *a, const char *b, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char x = a[i] >= 'A' && a[i] <= 'Z' ? (char)(a[i] | 0x20) : a[i];
        char y = b[i] >= 'A' && b[i] <= 'Z' ? (char)(b[i] | 0x20) : b[i];
        if (x != y)
            return false;
    }
    return true;
}

static inline bool tn_is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

#endif
