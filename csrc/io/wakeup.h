/* How the I/O thread tells its host that something is done: a descriptor that is readable from
 * tn_wakeup_ring() to tn_wakeup_hush(). For nginx, which watches no descriptor but its own
 * sockets', a unix socket that it connects to is rung in its place. Not thread-safe:
 * io_thread.c locks. */
#ifndef TN_IO_WAKEUP_H
#define TN_IO_WAKEUP_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

#define TN_WAKEUP_PATH_MAX 100 /* bytes; a socket's address has room for 104 or 108 */

struct tn_wakeup {
    int read_fd, write_fd; /* a pipe */
    bool is_rung;
    int listener, socket; /* -1 if not */
    char path[TN_WAKEUP_PATH_MAX];
};

/* False if the system gives no more descriptors. Either way tn_wakeup_free() is in order. */
bool tn_wakeup_init(struct tn_wakeup *bell);
void tn_wakeup_free(struct tn_wakeup *bell);

void tn_wakeup_ring(struct tn_wakeup *bell);
void tn_wakeup_hush(struct tn_wakeup *bell);

/* Waits for somebody to connect to the unix socket bell->path, which nobody else can reach. */
bool tn_wakeup_listen(struct tn_wakeup *bell);

/* Takes the connection, if there is one, and removes the path: from now on each ring is a byte
 * there. */
bool tn_wakeup_accept(struct tn_wakeup *bell);

/* Closes the connection, or what waits for it. The descriptor is rung again. */
void tn_wakeup_unlisten(struct tn_wakeup *bell);

#pragma GCC visibility pop

#endif
