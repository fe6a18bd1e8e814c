/* See io/concurrency.h. */
#include "io/concurrency.h"

unsigned long tn_concurrency_send(struct tn_concurrency *window) {
    return window->sent++;
}

void tn_concurrency_answer(struct tn_concurrency *window, unsigned long place, bool too_many) {
    if (too_many && place >= window->halved) {
        window->limit = window->limit > 1 ? window->limit / 2 : 1;
        window->halved = window->sent;
        window->answers = 0;
    } else if (!too_many && window->limit < window->most &&
               ++window->answers >= window->limit) {
        window->limit++;
        window->answers = 0;
    }
}
