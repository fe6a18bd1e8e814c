/* Keeps SIGPIPE from the host: some libcurls write into closed TLS connections (see
 * tn_easy_may_raise_sigpipe()), and CURLOPT_NOSIGNAL has them leave the signal alone. Around
 * whatever may write in a thread of the host's; the I/O thread blocks all signals. Knows no Lua
 * and no libcurl. Used by transfer.c and io/multi.c. */
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

/* Forgets the signal, unless it waited before; the mask is as it was. */
void tn_sigpipe_release(const struct tn_sigpipe *sigpipe);

#pragma GCC visibility pop

#endif
