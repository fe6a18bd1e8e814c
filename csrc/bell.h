/* How the I/O thread tells its host that something is done: a descriptor that is readable from
 * tn_bell_ring() to tn_bell_hush(). For nginx, which watches no descriptor but its own
 * sockets', a unix socket that it connects to is rung in its place. Not thread-safe: engine.c
 * locks. */
#ifndef TN_BELL_H
#define TN_BELL_H

#include <stdbool.h>

#define TN_BELL_PATH_MAX 100 /* bytes; a socket's address has room for 104 or 108 */

struct tn_bell {
    int read_fd, write_fd; /* a pipe */
    bool is_rung;
    int listener, socket; /* -1 if not */
    char path[TN_BELL_PATH_MAX];
};

/* False if the system gives no more descriptors. Either way tn_bell_free() is in order. */
bool tn_bell_init(struct tn_bell *bell);
void tn_bell_free(struct tn_bell *bell);

void tn_bell_ring(struct tn_bell *bell);
void tn_bell_hush(struct tn_bell *bell);

/* Waits for somebody to connect to the unix socket bell->path, which nobody else can reach. */
bool tn_bell_listen(struct tn_bell *bell);

/* Takes the connection, if there is one, and removes the path: from now on each ring is a byte
 * there. */
bool tn_bell_accept(struct tn_bell *bell);

/* Closes the connection, or what waits for it. The descriptor is rung again. */
void tn_bell_unlisten(struct tn_bell *bell);

#endif
