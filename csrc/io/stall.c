/* See io/stall.h. */
#include "io/stall.h"

#define ANSWER_MAX 30 /* seconds; Twilio's own limit is about that */

static size_t place_of(long port) {
    return (size_t)port % TN_STALL_PLACES;
}

void tn_stall_begin(struct tn_stall *stall, long port, double now) {
    size_t place = place_of(port);
    if (stall->places[place].waiting++ == 0)
        stall->places[place].since = now;
}

void tn_stall_end(struct tn_stall *stall, long port, double now, bool answered) {
    size_t place = place_of(port);
    stall->places[place].waiting--;
    if (answered)
        stall->places[place].since = now;
}

bool tn_stall_is_death(const struct tn_stall *stall, long port, double sent_at, double now) {
    size_t place = place_of(port);
    double since = stall->places[place].since;
    return since <= sent_at && (stall->places[place].waiting == 1 || now - since >= ANSWER_MAX);
}
