/* Limits the requests in flight (AIMD): halves the limit on a 429, and adds one after each
 * round of responses without one. Pure. Used by io/multi.c. */
#ifndef TN_IO_CONCURRENCY_H
#define TN_IO_CONCURRENCY_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* A zeroed struct with `limit` and `most` set is ready. */
struct tn_concurrency {
    size_t limit, most;
    size_t answers;             /* responses since the limit last changed */
    unsigned long sent, halved; /* requests sent so far, and when the limit was last halved */
};

/* Counts a request that is being sent. Returns its place, to be given with its response. */
unsigned long tn_concurrency_send(struct tn_concurrency *concurrency);

/* Counts a response; too_many: its status is 429. Requests sent before the last halving do not
 * halve the limit again. */
void tn_concurrency_answer(struct tn_concurrency *concurrency, unsigned long place,
                           bool too_many);

#pragma GCC visibility pop

#endif
