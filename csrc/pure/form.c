/* See pure/form.h. */
#include "pure/form.h"

#include "pure/ascii.h"

static const struct tn_ascii_set stays = {
    .low = TN_ASCII_DIGITS | TN_ASCII_BIT('*') | TN_ASCII_BIT('-') | TN_ASCII_BIT('.'),
    .high = TN_ASCII_LETTERS | TN_ASCII_BIT('_'),
};

char *tn_form_write(char *out, const char *text, size_t length) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (tn_ascii_has(stays, text[i])) {
            *out++ = text[i];
        } else if (c == ' ') {
            *out++ = '+';
        } else {
            *out++ = '%';
            *out++ = digits[c >> 4];
            *out++ = digits[c & 15];
        }
    }
    return out;
}
