/* Shields the host from SIGPIPE: some versions of libcurl write to closed TLS connections (see
 * tn_easy_may_raise_sigpipe()), and with CURLOPT_NOSIGNAL they do not block the signal. Wraps
 * every call that may write in a thread of the host; the I/O thread blocks all signals. Knows
 * no Lua and no libcurl. Used by transfer.c and io/multi.c. */
#ifndef TN_HTTP_SIGPIPE_H
#define TN_HTTP_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct tn_sigpipe {
    sigset_t before; /* the thread's mask */
    bool was_pending;
};

void tn_sigpipe_hold(struct tn_sigpipe *sigpipe);

/* Discards a signal that was not pending before, and restores the mask. */
void tn_sigpipe_release(const struct tn_sigpipe *sigpipe);

#pragma GCC visibility pop

#endif
