/* See io/clock.h. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "io/clock.h"

#include <stdint.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

double tn_clock_now(void) {
    struct timespec now = { 0, 0 };
    clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double tn_clock_wall(void) {
    struct timespec now = { 0, 0 };
    clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void tn_clock_sleep(double seconds) {
    if (!(seconds > 0))
        return;
    time_t whole = (time_t)seconds;
    struct timespec wanted = { whole, (long)((seconds - (double)whole) * 1e9) };
    nanosleep(&wanted, NULL);
}

bool tn_clock_jitter(double *fraction) {
    uint32_t bits;
    if (getentropy(&bits, sizeof bits) != 0)
        return false;
    *fraction = (double)bits / 4294967296.0;
    return true;
}

bool tn_clock_random_name(char name[33]) {
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    if (getentropy(bytes, sizeof bytes) != 0)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++) {
        name[2 * i] = digits[bytes[i] >> 4];
        name[2 * i + 1] = digits[bytes[i] & 15];
    }
    name[32] = '\0';
    return true;
}
