/* Retry-After: never negative and at most a day, whatever the header and the clock say; dates
 * must agree with the C library's calendar. The input is the header's value, which is read at
 * several times. */
#define _GNU_SOURCE /* strptime, timegm */
#include "pure/retry_after.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define DATE_PATTERN                                                                           \
    "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} "                                                \
    "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} "                              \
    "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT *$"

static long bounded(long long seconds) {
    return seconds < 0 ? 0 : seconds > TN_RETRY_AFTER_MAX ? TN_RETRY_AFTER_MAX : (long)seconds;
}

static long seconds_of(const char *text, size_t length) {
    char digits[8] = "";
    size_t count = 0;
    for (size_t i = 0; i < length && text[i] != ' '; i++) {
        if (count == 0 && text[i] == '0')
            continue;
        if (count == sizeof digits - 1)
            return TN_RETRY_AFTER_MAX;
        digits[count++] = text[i];
    }
    return bounded(strtoll(digits, NULL, 10));
}

/* Sets the seconds since 1970; false if there is no such day, which the C library would move to
 * the next month. */
static bool date_of(const char *text, size_t length, long long *when) {
    char month[4] = "", *copy = tn_fuzz_copy(text, length);
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm date = { 0 };
    copy[length - 1] = '\0'; /* the T of GMT, or a blank */
    /* The pattern admits only digits. NOLINTNEXTLINE(cert-err34-c) */
    int read = sscanf(copy + 5, "%2d %3s %4d %2d:%2d:%2d", &date.tm_mday, month, &date.tm_year,
                      &date.tm_hour, &date.tm_min, &date.tm_sec);
    free(copy);
    TN_FUZZ_CHECK(read == 6);
    date.tm_mon = (int)(strstr(months, month) - months) / 3;
    date.tm_year -= 1900;
    struct tm asked = date;
    if (date.tm_hour > 23 || date.tm_min > 59 || date.tm_sec > 60)
        return false;
    date.tm_hour = date.tm_min = date.tm_sec = 0;
    time_t midnight = timegm(&date);
    *when = (long long)midnight + asked.tm_hour * 3600L + asked.tm_min * 60L + asked.tm_sec;
    return date.tm_mday == asked.tm_mday && date.tm_mon == asked.tm_mon;
}

static void check_at(const char *text, size_t length, time_t now) {
    long seconds = -1;
    long long when;
    bool taken = tn_retry_after_parse(text, length, now, &seconds);
    TN_FUZZ_CHECK(!taken || (seconds >= 0 && seconds <= TN_RETRY_AFTER_MAX));
    if (tn_fuzz_fits("^[0-9]+ *$", text, length))
        TN_FUZZ_CHECK(taken && seconds == seconds_of(text, length));
    else if (tn_fuzz_fits(DATE_PATTERN, text, length) && date_of(text, length, &when))
        TN_FUZZ_CHECK(taken && seconds == bounded(when - (long long)now));
    else
        TN_FUZZ_CHECK(!taken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const time_t times[] = { 0, 784111777, 1767225600, 4102444800, -62167219200 };
    char *text = tn_fuzz_copy(data, size);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        check_at(text, size, times[i]);
    free(text);
    return 0;
}
