/* Wakes the host's event loop: a descriptor that is readable from tn_wakeup_ring() to
 * tn_wakeup_clear(). nginx only watches its own sockets, so it connects to a unix socket, and
 * each ring writes a byte to that instead. Not thread-safe: io_thread.c locks. */
#ifndef TN_IO_WAKEUP_H
#define TN_IO_WAKEUP_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

#define TN_WAKEUP_PATH_MAX 100 /* bytes; a socket's address holds 104 or 108 */

struct tn_wakeup {
    int read_fd, write_fd; /* a pipe */
    bool is_rung;
    int listener, socket; /* -1: none */
    char path[TN_WAKEUP_PATH_MAX];
};

/* False if there is no descriptor left; either way tn_wakeup_free() must be called. */
bool tn_wakeup_init(struct tn_wakeup *wakeup);
void tn_wakeup_free(struct tn_wakeup *wakeup);

void tn_wakeup_ring(struct tn_wakeup *wakeup);
void tn_wakeup_clear(struct tn_wakeup *wakeup);

/* Listens on the unix socket wakeup->path, which only this user can reach. */
bool tn_wakeup_listen(struct tn_wakeup *wakeup);

/* Accepts the connection, if there is one, and removes the path. From now on each ring writes a
 * byte to it. */
bool tn_wakeup_accept(struct tn_wakeup *wakeup);

/* Closes the connection, or stops listening. From now on each ring makes read_fd readable
 * again. */
void tn_wakeup_unlisten(struct tn_wakeup *wakeup);

#pragma GCC visibility pop

#endif
