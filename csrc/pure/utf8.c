/* See pure/utf8.h. */
#include "pure/utf8.h"

#include <stdint.h>
#include <string.h>

/* The lead bytes of each length, and the range of the second byte (RFC 3629, section 4). */
static const struct lead {
    unsigned char first, last;
    unsigned char second_min, second_max;
    size_t length;
} leads[] = {
    { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 },
    { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
    { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
};

/* The length of the multi-byte character at `text`, or 0 if it is invalid. */
static size_t sequence_length(const unsigned char *text, size_t length) {
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        const struct lead *lead = &leads[i];
        if (text[0] < lead->first || text[0] > lead->last)
            continue;
        if (length < lead->length || text[1] < lead->second_min || text[1] > lead->second_max)
            return 0;
        for (size_t k = 2; k < lead->length; k++)
            if ((text[k] & 0xC0) != 0x80)
                return 0;
        return lead->length;
    }
    return 0;
}

/* How many ASCII characters there are at the start, eight at a time. */
static size_t ascii_length(const unsigned char *text, size_t length) {
    size_t count = 0;
    for (uint64_t eight; length - count >= sizeof eight; count += sizeof eight) {
        memcpy(&eight, text + count, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    return count;
}

bool tn_utf8_count(const char *text, size_t length, size_t *characters) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t count = ascii_length(bytes, length);
    for (size_t i = count; i < length; count++) {
        size_t step = bytes[i] < 0x80 ? 1 : sequence_length(bytes + i, length - i);
        if (step == 0)
            return false;
        i += step;
    }
    *characters = count;
    return true;
}
