/* See io/concurrency.h. */
#include "io/concurrency.h"

unsigned long tn_concurrency_send(struct tn_concurrency *concurrency) {
    return concurrency->sent++;
}

void tn_concurrency_answer(struct tn_concurrency *concurrency, unsigned long place,
                           bool too_many) {
    if (too_many && place >= concurrency->halved) {
        concurrency->limit = concurrency->limit > 1 ? concurrency->limit / 2 : 1;
        concurrency->halved = concurrency->sent;
        concurrency->answers = 0;
    } else if (!too_many && concurrency->limit < concurrency->most &&
               ++concurrency->answers >= concurrency->limit) {
        concurrency->limit++;
        concurrency->answers = 0;
    }
}
