/* The idle transfers of a curl_multi, which are kept for later jobs. See multi_private.h. */
#include "io/multi_private.h"

#include <stdlib.h>

#define IDLE_MAX 16   /* transfers kept in quiet times, about 75 KB each */
#define QUIET_MIN 1.0 /* seconds without a finished job */

struct tn_transfer *tn_multi_take_transfer(struct tn_multi *multi) {
    if (multi->idle_count > 0)
        return multi->idle[--multi->idle_count];
    return tn_transfer_new(&multi->options);
}

static bool make_room(struct tn_multi *multi) {
    if (multi->idle_count < multi->idle_room)
        return true;
    size_t room = multi->idle_room ? multi->idle_room * 2 : IDLE_MAX;
    struct tn_transfer **idle = realloc(multi->idle, room * sizeof(struct tn_transfer *));
    if (!idle)
        return false;
    multi->idle = idle;
    multi->idle_room = room;
    return true;
}

void tn_multi_keep_transfer(struct tn_multi *multi, struct tn_transfer *transfer) {
    if (!make_room(multi)) {
        tn_transfer_delete(transfer);
        return;
    }
    tn_transfer_release_headers(transfer);
    multi->idle[multi->idle_count++] = transfer;
    if (multi->idle_count > IDLE_MAX)
        tn_multi_note_expiry(multi, multi->last_end + QUIET_MIN);
}

void tn_multi_trim_idle(struct tn_multi *multi, double now) {
    if (now - multi->last_end < QUIET_MIN && multi->idle_count > IDLE_MAX)
        tn_multi_note_expiry(multi, multi->last_end + QUIET_MIN);
    else
        while (multi->idle_count > IDLE_MAX)
            tn_transfer_delete(multi->idle[--multi->idle_count]);
}
