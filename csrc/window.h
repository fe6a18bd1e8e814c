/* How many requests may be at Twilio at once: halved when it says 429, one more for each round
 * of answers without it. Pure. Used by multi.c. */
#ifndef TN_WINDOW_H
#define TN_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

/* A zeroed struct with `limit` and `most` set is ready. */
struct tn_window {
    size_t limit, most;
    size_t answers;             /* since the limit last changed */
    unsigned long sent, halved; /* requests so far, and until it was last halved */
};

/* Counts a request that is sent now; returns its place, for its answer. */
unsigned long tn_window_send(struct tn_window *window);

/* An answer, with status 429 or not. Those that were sent before the last halving do not halve
 * again: they say the same. */
void tn_window_answer(struct tn_window *window, unsigned long place, bool too_many);

#endif
