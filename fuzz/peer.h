/* A server on 127.0.0.1, in a thread of its own, that responds with the bytes of a script. */
#ifndef TN_FUZZ_PEER_H
#define TN_FUZZ_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "support.h"

#define TN_FUZZ_ANSWERS_MAX 3

/* A request's path ends with a number: the nth gets the nth response. */
struct tn_fuzz_script {
    struct tn_fuzz_part answers[TN_FUZZ_ANSWERS_MAX];
    size_t count;
    bool keeps;  /* keeps the connection open for another request */
    bool resets; /* resets the connection instead of closing it, which may lose what was written
                  */
    bool deaf;   /* resets it before reading anything */
    bool floods; /* repeats the end of a response until it exceeds every limit */
};

/* What the peer saw; valid once it has stopped. */
struct tn_fuzz_seen {
    unsigned requests;   /* read completely */
    bool on_new;         /* the first of them came on a new connection */
    bool answered_whole; /* all bytes could be written */
};

/* The port it listens on; opened once. */
unsigned tn_fuzz_peer_port(void);

void tn_fuzz_peer_start(const struct tn_fuzz_script *script, struct tn_fuzz_seen *seen);
void tn_fuzz_peer_stop(void);

#endif
