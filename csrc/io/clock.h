/* Clocks, an interruptible sleep, and random numbers for jitter and names. POSIX; knows no Lua.
 * Used by io, journal and the binding. */
#ifndef TN_IO_CLOCK_H
#define TN_IO_CLOCK_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Seconds on a monotonic clock with an arbitrary origin. */
double tn_clock_now(void);

/* Seconds since 1970 on the wall clock, which may be set back. */
double tn_clock_wall(void);

/* Sleeps for `seconds`, or until a signal arrives, so that Ctrl-C works. */
void tn_clock_sleep(double seconds);

/* A uniformly distributed random value in [0, 1). Not math.random: scripts leave it unseeded,
 * and the forks of a server share its state, so their retries would coincide. False if the
 * system provides no entropy. */
bool tn_clock_jitter(double *fraction);

/* Writes 32 random hex digits and a NUL. False if the system provides no entropy. */
bool tn_clock_random_name(char name[33]);

#pragma GCC visibility pop

#endif
