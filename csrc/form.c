/* See form.h. */
#include "form.h"

#include <stdbool.h>

static bool stays(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '*' || c == '-' || c == '.' || c == '_';
}

size_t tn_form_length(const char *text, size_t length) {
    size_t total = length;
    for (size_t i = 0; i < length; i++)
        if (!stays((unsigned char)text[i]) && text[i] != ' ')
            total += 2;
    return total;
}

char *tn_form_write(char *out, const char *text, size_t length) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (stays(c)) {
            *out++ = (char)c;
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
