/* UTF-8: must agree with a decoder that only knows the rule of the shortest form, also on the
 * number of characters. Base64: a decoder of its own must read the bytes back. The input is the
 * text. */
#include <stdlib.h>
#include <string.h>

#include "pure/base64.h"
#include "support.h"
#include "pure/utf8.h"

/* Reads one character by its bits alone. Returns its length, or 0. */
static size_t read_character(const unsigned char *text, size_t length) {
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t size = text[0] < 0x80             ? 1
                  : (text[0] & 0xE0) == 0xC0 ? 2
                  : (text[0] & 0xF0) == 0xE0 ? 3
                  : (text[0] & 0xF8) == 0xF0 ? 4
                                             : 0;
    if (size <= 1 || size > length)
        return size <= length ? size : 0;
    uint32_t code = text[0] & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3FU);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code >= least[size] && code <= 0x10FFFF && !surrogate ? size : 0;
}

static void check_utf8(const char *text, size_t length) {
    size_t characters = 0, counted = 0, at = 0;
    bool valid = true;
    while (valid && at < length) {
        size_t size = read_character((const unsigned char *)text + at, length - at);
        valid = size > 0;
        at += size;
        characters++;
    }
    TN_FUZZ_CHECK(tn_utf8_count(text, length, &counted) == valid);
    TN_FUZZ_CHECK(!valid || counted == characters);
}

static uint32_t sextet(char c) {
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0' + 52);
    TN_FUZZ_CHECK(c == '+' || c == '/');
    return c == '+' ? 62 : 63;
}

/* Decodes four characters at a time; padding at the end stands for no bits. */
static void check_base64(const char *bytes, size_t length) {
    size_t coded_length = tn_base64_length(length), padding = 0, decoded = 0;
    TN_FUZZ_CHECK(coded_length % 4 == 0);
    char *coded = malloc(coded_length > 0 ? coded_length : 1);
    TN_FUZZ_CHECK(coded);
    tn_base64_write(coded, bytes, length);
    while (padding < coded_length && coded[coded_length - 1 - padding] == '=')
        padding++;
    TN_FUZZ_CHECK(padding <= 2);
    uint32_t bits = 0;
    int waiting = 0;
    for (size_t i = 0; i < coded_length - padding; i++) {
        bits = (bits << 6 | sextet(coded[i])) & 0xFFFFFF;
        waiting += 6;
        if (waiting < 8)
            continue;
        waiting -= 8;
        TN_FUZZ_CHECK(decoded < length);
        TN_FUZZ_CHECK((unsigned char)bytes[decoded++] == (bits >> waiting & 0xFF));
    }
    TN_FUZZ_CHECK(decoded == length);
    TN_FUZZ_CHECK((bits & ((1U << waiting) - 1)) == 0);
    free(coded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = tn_fuzz_copy(data, size);
    check_utf8(text, size);
    check_base64(text, size);
    free(text);
    return 0;
}
