/* The values of JSON's numbers: see json.h. */
#include "pure/json.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    INTEGER_DIGITS = 19,     /* always fit into an unsigned 64-bit integer */
    EXACT_DIGITS = 15,       /* always fit into a double exactly */
    EXACT_EXPONENT = 22,     /* the largest power of ten that a double holds exactly */
    DIGITS = 800,            /* kept: more than the 767 that can decide a double, */
    EXPONENT_TEXT = 32,      /* and after them "e" and the exponent */
    EXPONENT_MAX = 100000000 /* beyond it the value is zero or infinite */
};

bool tn_json_integer(const char *number, size_t length, int64_t *value) {
    const char *end = number + length;
    bool is_negative = *number == '-';
    uint64_t sum = 0;
    if (is_negative)
        number++;
    if (end - number > INTEGER_DIGITS)
        return false;
    for (; number < end; number++)
        sum = sum * 10 + (uint64_t)(*number - '0');
    if (sum > (uint64_t)INT64_MAX + is_negative)
        return false;
    *value = (int64_t)(is_negative ? 0 - sum : sum);
    return true;
}

/* A number as its significant digits, times a power of ten. */
struct decimal {
    char text[DIGITS + EXPONENT_TEXT];
    size_t count;     /* digits */
    long exponent;    /* of the power of ten */
    uint64_t leading; /* the value of the first 19 digits */
    bool is_cut;      /* a nonzero digit was dropped */
};

static void add_digit(struct decimal *decimal, char digit) {
    if (decimal->count == 0 && digit == '0')
        return;
    if (decimal->count == DIGITS) {
        decimal->exponent++;
        decimal->is_cut |= digit != '0';
        return;
    }
    if (decimal->count < INTEGER_DIGITS)
        decimal->leading = decimal->leading * 10 + (uint64_t)(digit - '0');
    decimal->text[decimal->count++] = digit;
}

/* The exponent after the "e". */
static long read_exponent(const char *next, const char *end) {
    bool is_negative = *next == '-';
    long value = 0;
    if (*next == '-' || *next == '+')
        next++;
    for (; next < end; next++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (*next - '0');
    return is_negative ? -value : value;
}

static void read_decimal(struct decimal *decimal, const char *next, const char *end) {
    bool is_fraction = false;
    for (; next < end && *next != 'e' && *next != 'E'; next++) {
        if (*next == '.') {
            is_fraction = true;
        } else {
            decimal->exponent -= is_fraction;
            add_digit(decimal, *next);
        }
    }
    if (next < end)
        decimal->exponent += read_exponent(next + 1, end);
}

/* Converts with strtod(), without a decimal point, which depends on the locale. The digits that
 * were dropped can only break a tie between two doubles, and a single nonzero digit does that
 * as well. */
static double convert(struct decimal *decimal) {
    if (decimal->is_cut) {
        decimal->text[decimal->count++] = '1';
        decimal->exponent--;
    }
    (void)snprintf(decimal->text + decimal->count, EXPONENT_TEXT - 1, "e%ld",
                   decimal->exponent);
    return strtod(decimal->text, NULL);
}

double tn_json_real(const char *number, size_t length) {
    static const double powers[EXACT_EXPONENT + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    };
    const char *end = number + length;
    struct decimal decimal;
    bool is_negative = *number == '-';
    double value;
    decimal.count = 0;
    decimal.exponent = 0;
    decimal.leading = 0;
    decimal.is_cut = false;
    read_decimal(&decimal, number + is_negative, end);
    /* one operation on two exact values rounds once, so the result is correct */
    if (decimal.count == 0)
        value = 0;
    else if (decimal.count <= EXACT_DIGITS && labs(decimal.exponent) <= EXACT_EXPONENT)
        value = decimal.exponent < 0 ? (double)decimal.leading / powers[-decimal.exponent]
                                     : (double)decimal.leading * powers[decimal.exponent];
    else
        value = convert(&decimal);
    return is_negative ? -value : value;
}
