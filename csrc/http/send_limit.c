/* See http/send_limit.h. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "http/send_limit.h"

#include <math.h> /* only for INFINITY, so no -lm */
#include <time.h>

#if defined(CLOCK_BOOTTIME)
#define BOOT_CLOCK CLOCK_BOOTTIME
#elif defined(__APPLE__)
#define BOOT_CLOCK CLOCK_MONOTONIC_RAW
#else
#define BOOT_CLOCK CLOCK_MONOTONIC
#endif

static double seconds_of(clockid_t clock) {
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return INFINITY;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double tn_send_limit_now(void) {
    return seconds_of(BOOT_CLOCK);
}

struct tn_send_limit tn_send_limit_at(double boot) {
    struct tn_send_limit limit = { boot, 0 };
    if (boot != 0)
        limit.wall = seconds_of(CLOCK_REALTIME) + (boot - tn_send_limit_now());
    return limit;
}

/* A limit that is NaN is over. */
bool tn_send_limit_is_over(const struct tn_send_limit *limit) {
    return limit->boot != 0 &&
           !(seconds_of(BOOT_CLOCK) < limit->boot && seconds_of(CLOCK_REALTIME) < limit->wall);
}
