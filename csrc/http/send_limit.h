/* The time after which a request must not be sent, on a clock that includes suspend and on the
 * wall clock. Knows neither Lua nor libcurl. Used by transfer.c, its callbacks and the binding.
 */
#ifndef TN_HTTP_SEND_LIMIT_H
#define TN_HTTP_SEND_LIMIT_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct tn_send_limit {
    double boot; /* on tn_send_limit_now()'s clock; 0: no limit */
    double wall; /* the same time on the wall clock, as it was set then */
};

/* Seconds on CLOCK_BOOTTIME. Without it: CLOCK_MONOTONIC_RAW on macOS, else CLOCK_MONOTONIC,
 * which stop on some systems during suspend. INFINITY, later than every limit, if the clock
 * cannot be read. */
double tn_send_limit_now(void);

/* A limit at that time on the clock; 0: no limit. */
struct tn_send_limit tn_send_limit_at(double boot);

/* Whether the limit has passed on either clock. The boot clock includes the time a laptop was
 * suspended; only the wall clock includes the time before a virtual machine was restored. */
bool tn_send_limit_is_over(const struct tn_send_limit *limit);

#pragma GCC visibility pop

#endif
