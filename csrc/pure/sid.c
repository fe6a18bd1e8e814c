/* See pure/sid.h. Pattern in Twilio's OpenAPI document: ^XX[0-9a-fA-F]{32}$ */
#include "pure/sid.h"

#include <string.h>

#include "pure/ascii.h"

static bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

bool tn_sid_is_valid(const char *text, size_t length, const char *prefix) {
    if (length != TN_SID_LENGTH || !is_capital(text[0]) || !is_capital(text[1]))
        return false;
    if (prefix && memcmp(text, prefix, TN_SID_PREFIX_LENGTH) != 0)
        return false;
    for (size_t i = TN_SID_PREFIX_LENGTH; i < TN_SID_LENGTH; i++)
        if (!tn_is_hex_digit(text[i]))
            return false;
    return true;
}

const char *tn_sid_find(const char *text, size_t length, const char *prefix) {
    for (; length >= TN_SID_LENGTH; text++, length--)
        if (tn_sid_is_valid(text, TN_SID_LENGTH, prefix))
            return text;
    return NULL;
}
