/* How many requests may be at Twilio at once: halved when it says 429, one more for each round
 * of answers without it. Pure. Used by io/multi.c. */
#ifndef TN_IO_CONCURRENCY_H
#define TN_IO_CONCURRENCY_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* A zeroed struct with `limit` and `most` set is ready. */
struct tn_concurrency {
    size_t limit, most;
    size_t answers;             /* since the limit last changed */
    unsigned long sent, halved; /* requests so far, and until it was last halved */
};

/* Counts a request that is sent now; returns its place, for its response. */
unsigned long tn_concurrency_send(struct tn_concurrency *window);

/* An response, with status 429 or not. Those that were sent before the last halving do not
 * halve again: they say the same. */
void tn_concurrency_answer(struct tn_concurrency *window, unsigned long place, bool too_many);

#pragma GCC visibility pop

#endif
