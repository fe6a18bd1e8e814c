/* Classes of ASCII characters, without the locale that isxdigit() would ask. Pure. Used by the
 * other pure parts. */
#ifndef TN_ASCII_H
#define TN_ASCII_H

#include <stdbool.h>

static inline bool tn_is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

#endif
