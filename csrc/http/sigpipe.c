/* See http/sigpipe.h. */
#define _POSIX_C_SOURCE 200809L
#include "http/sigpipe.h"

#include <pthread.h>
#include <time.h>

static bool is_pending(void) {
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static sigset_t only_sigpipe(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

void tn_sigpipe_hold(struct tn_sigpipe *sigpipe) {
    sigset_t set = only_sigpipe();
    sigemptyset(&sigpipe->before);
    pthread_sigmask(SIG_BLOCK, &set, &sigpipe->before);
    /* if it was not blocked, it cannot be pending */
    sigpipe->was_pending = sigismember(&sigpipe->before, SIGPIPE) == 1 && is_pending();
}

void tn_sigpipe_release(const struct tn_sigpipe *sigpipe) {
    if (!sigpipe->was_pending && is_pending()) {
        sigset_t set = only_sigpipe();
#if defined(__APPLE__) || defined(__OpenBSD__) /* no sigtimedwait() */
        int number;
        sigwait(&set, &number);
#else
        static const struct timespec at_once = { 0, 0 };
        sigtimedwait(&set, NULL, &at_once);
#endif
    }
    pthread_sigmask(SIG_SETMASK, &sigpipe->before, NULL);
}
