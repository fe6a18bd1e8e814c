/* Until when a request may be sent, by a clock that goes on while the machine sleeps and by the
 * wall clock. Knows neither Lua nor libcurl. Used by transfer.c, its callbacks and the binding.
 */
#ifndef TN_HTTP_SEND_LIMIT_H
#define TN_HTTP_SEND_LIMIT_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct tn_send_limit {
    double boot; /* on tn_send_limit_now()'s clock; 0: there is no limit */
    double wall; /* the same moment by the wall clock, as that was when the limit was set */
};

/* Seconds on CLOCK_BOOTTIME. Where there is none: CLOCK_MONOTONIC_RAW on macOS, else
 * CLOCK_MONOTONIC, which stand still while some of these systems sleep. INFINITY if the clock
 * cannot be read, which is past every limit. */
double tn_send_limit_now(void);

/* The limit at a time on that clock; 0: none. */
struct tn_send_limit tn_send_limit_at(double boot);

/* Whether that time has come by either clock. The first clock counts a suspended laptop, and
 * only the wall clock counts what a virtual machine missed before it was restored. */
bool tn_send_limit_is_over(const struct tn_send_limit *limit);

#pragma GCC visibility pop

#endif
