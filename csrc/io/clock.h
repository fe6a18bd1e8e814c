/* Time and chance: a clock that never goes back, a sleep that a signal ends, random fractions
 * for jitter. POSIX; knows no Lua. Used by the binding. */
#ifndef TN_IO_CLOCK_H
#define TN_IO_CLOCK_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* Seconds on a clock that only goes forward; its zero means nothing. */
double tn_clock_now(void);

/* Seconds since 1970, on the clock that people set. */
double tn_clock_wall(void);

/* Sleeps up to so many seconds; returns early when a signal comes, so that Ctrl-C is heard. */
void tn_clock_sleep(double seconds);

/* An even chance of each value in [0, 1). Not math.random: scripts leave that unseeded, and all
 * forks of a server share its state, so their retries would come together. False if the system
 * has no entropy to give. */
bool tn_clock_jitter(double *fraction);

/* Writes 32 random hex digits and a zero. False if the system has no entropy to give. */
bool tn_clock_random_name(char name[33]);

#pragma GCC visibility pop

#endif
