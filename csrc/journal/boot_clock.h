/* The clock of a journal on one machine. Not the wall clock, which an administrator or NTP may
 * set. */
#ifndef TN_JOURNAL_BOOT_CLOCK_H
#define TN_JOURNAL_BOOT_CLOCK_H

#include "journal/driver.h"

#pragma GCC visibility push(hidden)

/* Milliseconds since the boot, including time suspended (on macOS: excluding it). */
int64_t tn_boot_clock_now(void);

/* Writes a name of the clock's origin, which is the same in all processes until the next boot.
 * False if the system does not provide one. */
bool tn_boot_clock_era(char era[TN_STORE_ERA_MAX]);

#pragma GCC visibility pop

#endif
