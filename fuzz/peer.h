/* A server on 127.0.0.1 that answers with the bytes of a script, in a thread of its own. */
#ifndef TN_FUZZ_PEER_H
#define TN_FUZZ_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "support.h"

#define TN_FUZZ_ANSWERS_MAX 3

/* Requests are told apart by the number that their path ends with: the nth gets the nth answer.
 */
struct tn_fuzz_script {
    struct tn_fuzz_part answers[TN_FUZZ_ANSWERS_MAX];
    size_t count;
    bool keeps;  /* the connection, for another request */
    bool resets; /* the connection instead of closing it: what was written may be lost */
    bool deaf;   /* resets it before anything is read */
    bool floods; /* repeats the end of an answer until it is larger than any limit */
};

/* What the peer saw; to be read when it has stopped. */
struct tn_fuzz_seen {
    unsigned requests;   /* read to their end */
    bool on_new;         /* the first of them on a new connection */
    bool answered_whole; /* all bytes could be written */
};

/* The port it listens on; opened once. */
unsigned tn_fuzz_peer_port(void);

void tn_fuzz_peer_start(const struct tn_fuzz_script *script, struct tn_fuzz_seen *seen);
void tn_fuzz_peer_stop(void);

#endif
