/* See pure/redact.h. */
#include "pure/redact.h"

#include <stdbool.h>
#include <string.h>

#include "pure/ascii.h"

/* Whether `count` hex digits encode the character. */
static bool is_number_of(char wanted, const char *digits, size_t count) {
    unsigned value = 0;
    for (size_t i = 0; i < count; i++) {
        char c = digits[i];
        if (!tn_is_hex_digit(c))
            return false;
        value = value * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value == (unsigned char)wanted;
}

/* How many bytes at the start of a text encode the character; 0 if it starts with another one.
 */
static size_t match_character(const char *text, size_t length, char wanted) {
    if (length >= 3 && text[0] == '%' && is_number_of(wanted, text + 1, 2))
        return 3;
    if (length >= 6 && text[0] == '\\' && text[1] == 'u' && is_number_of(wanted, text + 2, 4))
        return 6;
    if (length >= 2 && text[0] == '\\' && text[1] == wanted)
        return 2;
    return length > 0 && text[0] == wanted;
}

size_t tn_redact_match(const char *text, size_t length, const char *secret,
                       size_t secret_length) {
    size_t found = 0;
    if (secret_length == 0)
        return 0;
    if (secret_length <= length && memcmp(text, secret, secret_length) == 0)
        return secret_length;
    for (size_t i = 0; i < secret_length; i++) {
        size_t bytes = match_character(text + found, length - found, secret[i]);
        if (bytes == 0)
            return 0;
        found += bytes;
    }
    return found;
}
