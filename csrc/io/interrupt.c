/* See io/interrupt.h. */
#define _POSIX_C_SOURCE 200809L
#include "io/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static sigset_t only_sigint(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    return set;
}

void tn_interrupt_hold(bool held) {
    sigset_t set = only_sigint();
    pthread_sigmask(held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

void tn_interrupt_ignore_sigpipe(void) {
    (void)signal(SIGPIPE, SIG_IGN);
}

bool tn_interrupt_take(void) {
    sigset_t set = only_sigint(), pending;
    int number;
    if (sigpending(&pending) != 0 || sigismember(&pending, SIGINT) != 1)
        return false;
    return sigwait(&set, &number) == 0; /* returns at once: the signal is pending */
}
