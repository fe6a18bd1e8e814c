/* Detects stalled connections: requests outstanding, no bytes received. Connections are hashed
 * by local port; when two share a place, a stalled one is detected later. Pure. Used by
 * io/multi.c. */
#ifndef TN_IO_STALL_H
#define TN_IO_STALL_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#define TN_STALL_PLACES 64

/* A zeroed struct is ready. Times are of one clock, in seconds. */
struct tn_stall {
    struct {
        size_t waiting; /* requests that were sent there and have not ended */
        double since;   /* when bytes last arrived, or the first of them was sent */
    } places[TN_STALL_PLACES];
};

/* Notes that a request was sent on the connection, and that it ended, answered or not. */
void tn_stall_begin(struct tn_stall *stall, long port, double now);
void tn_stall_end(struct tn_stall *stall, long port, double now, bool answered);

/* Whether a connection is dead, given a request on it that was sent at `sent_at` and timed out:
 * nothing arrived since then, and other requests there, if any, have waited longer than Twilio
 * takes to answer. */
bool tn_stall_is_death(const struct tn_stall *stall, long port, double sent_at, double now);

#pragma GCC visibility pop

#endif
