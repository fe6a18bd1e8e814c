/* Which connections are dead: requests wait there, and nothing comes. Each is known by its
 * local port, as far as there are places: two that share one are only taken for alive too long.
 * Pure. Used by io/multi.c. */
#ifndef TN_IO_STALL_H
#define TN_IO_STALL_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define TN_STALL_PLACES 64

/* A zeroed struct is ready. Times are of one clock, in seconds. */
struct tn_stall {
    struct {
        size_t waiting; /* requests that were sent there, and are not over */
        double since;   /* when something came last, or the first of them was sent */
    } places[TN_STALL_PLACES];
};

/* A request was sent there; it is over, and was answered or not. */
void tn_stall_begin(struct tn_stall *silence, long port, double now);
void tn_stall_end(struct tn_stall *silence, long port, double now, bool answered);

/* Whether a connection is dead on which a request that was sent at that time waits in vain: all
 * is silent since then, and others that wait there too do so for longer than Twilio takes. */
bool tn_stall_is_death(const struct tn_stall *silence, long port, double sent_at, double now);

#pragma GCC visibility pop

#endif
