/* The values of JSON's strings: see json.h. */
#include "pure/json.h"

#include <string.h>

enum {
    HIGH_FIRST = 0xD800,
    HIGH_LAST = 0xDBFF,
    LOW_FIRST = 0xDC00,
    LOW_LAST = 0xDFFF,
    REPLACEMENT = 0xFFFD, /* for a lone surrogate */
    UNICODE_ESCAPE = 6    /* bytes of "\u12ab" */
};

/* The value of four hexadecimal digits. */
static unsigned hex_value(const char *digits) {
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        unsigned digit = (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        value = value * 16 + digit;
    }
    return value;
}

static char *write_utf8(char *out, unsigned code) {
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
    } else {
        *out++ = (char)(0xF0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3F));
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (code & 0x3F));
    return out;
}

/* Reads "\u12ab", or a surrogate pair of two, and advances past it. */
static unsigned read_code(const char **next, const char *end) {
    unsigned code = hex_value(*next + 2);
    *next += UNICODE_ESCAPE;
    if (code < HIGH_FIRST || code > LOW_LAST)
        return code;
    const char *second = *next;
    if (code > HIGH_LAST || end - second < UNICODE_ESCAPE || second[0] != '\\' ||
        second[1] != 'u')
        return REPLACEMENT;
    unsigned low = hex_value(second + 2);
    if (low < LOW_FIRST || low > LOW_LAST)
        return REPLACEMENT;
    *next += UNICODE_ESCAPE;
    return 0x10000 + ((code - HIGH_FIRST) << 10) + (low - LOW_FIRST);
}

char *tn_json_unescape(char *out, const char *string, size_t length) {
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *next = string, *end = string + length;
    while (next < end) {
        const char *backslash = memchr(next, '\\', (size_t)(end - next));
        size_t plain = (size_t)((backslash ? backslash : end) - next);
        memmove(out, next, plain);
        out += plain;
        next += plain;
        if (!backslash)
            break;
        if (next[1] == 'u') {
            out = write_utf8(out, read_code(&next, end));
        } else {
            const char *letter = strchr(letters, next[1]);
            *out++ = letter ? meanings[letter - letters] : next[1];
            next += 2;
        }
    }
    return out;
}
