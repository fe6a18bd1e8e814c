/* The clock of a journal on one machine. No wall clock: an administrator or NTP may set that.
 */
#ifndef TN_JOURNAL_BOOT_CLOCK_H
#define TN_JOURNAL_BOOT_CLOCK_H

#include "journal/driver.h"

#pragma GCC visibility push(hidden)

/* Milliseconds since the system started, with the time it was suspended (macOS: without). */
int64_t tn_boot_clock_now(void);

/* Names what that clock counts from: the same in all processes until the system is started
 * again. False if the system does not tell. */
bool tn_boot_clock_era(char era[TN_STORE_ERA_MAX]);

#pragma GCC visibility pop

#endif
