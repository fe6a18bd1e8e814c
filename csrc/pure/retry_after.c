/* See pure/retry_after.h. */
#include "pure/retry_after.h"

#include <string.h>

/* The format of a date (IMF-fixdate): lower-case letters are fields, anything else is literal.
 */
static const char date_form[] = "www, dd mmm yyyy hh:nn:ss GMT";

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool parse_seconds(const char *text, size_t length, long *seconds) {
    long value = 0;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
        if (value <= TN_RETRY_AFTER_MAX)
            value = value * 10 + (text[i] - '0');
    }
    *seconds = value;
    return length > 0;
}

/* The position of a three-letter name in the list, from 1; 0 if it is not there. */
static int name_number(const char *names, const char *name) {
    for (const char *known = names; *known; known += 3)
        if (memcmp(known, name, 3) == 0)
            return (int)(known - names) / 3 + 1;
    return 0;
}

/* The number of days from 1970-01-01 to a date of the Gregorian calendar. Years start in March,
 * so that the leap day is the last day of the year, and are shifted by 400, after which the
 * calendar repeats, so that no year is negative. */
static long long days_since_epoch(int year, int month, int day) {
    long long y = (month > 2 ? year : year - 1) + 400;
    long long day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468 - 146097;
}

/* The number whose digits are where the format has `letter`. */
static int field(const char *text, char letter) {
    int value = 0;
    for (size_t i = 0; date_form[i]; i++)
        if (date_form[i] == letter)
            value = value * 10 + (text[i] - '0');
    return value;
}

static bool has_date_form(const char *text, size_t length) {
    if (length != sizeof date_form - 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool number = strchr("dyhns", date_form[i]);
        bool word = strchr("wm", date_form[i]);
        if (number ? !is_digit(text[i]) : !word && text[i] != date_form[i])
            return false;
    }
    return true;
}

static int days_in_month(int year, int month) {
    long long first = days_since_epoch(year, month, 1);
    long long next =
        month < 12 ? days_since_epoch(year, month + 1, 1) : days_since_epoch(year + 1, 1, 1);
    return (int)(next - first);
}

static bool parse_date(const char *text, size_t length, long long *when) {
    if (!has_date_form(text, length))
        return false;
    int year = field(text, 'y'), day = field(text, 'd');
    int weekday = name_number("MonTueWedThuFriSatSun", text);
    int month = name_number("JanFebMarAprMayJunJulAugSepOctNovDec",
                            text + (strchr(date_form, 'm') - date_form));
    int hour = field(text, 'h'), minute = field(text, 'n'), second = field(text, 's');
    if (weekday == 0 || month == 0 || day < 1 || day > days_in_month(year, month))
        return false;
    if (hour > 23 || minute > 59 || second > 60) /* 60: a leap second */
        return false;
    *when = days_since_epoch(year, month, day) * 86400 + hour * 3600LL + minute * 60LL + second;
    return true;
}

bool tn_retry_after_parse(const char *text, size_t length, time_t now, long *seconds) {
    long long when;
    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (!parse_seconds(text, length, seconds)) {
        if (!parse_date(text, length, &when))
            return false;
        long long wait = when - (long long)now;
        *seconds = wait < 0 ? 0 : wait > TN_RETRY_AFTER_MAX ? TN_RETRY_AFTER_MAX : (long)wait;
    }
    if (*seconds > TN_RETRY_AFTER_MAX)
        *seconds = TN_RETRY_AFTER_MAX;
    return true;
}
