/* The sockets of kept connections: creates them, and tells whether one may carry another
 * request. Knows no Lua. Used by http/easy.c, transfer.c and io/multi.c. */
#ifndef TN_HTTP_SOCKETS_H
#define TN_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "http/libcurl.h"

#pragma GCC visibility push(hidden)

/* The sockets of one easy handle, or of one curl_multi. A zeroed struct is ready. Belongs to
 * the thread that runs libcurl. */
struct tn_sockets {
    struct tn_socket *list;
    size_t count, room;
};

/* Makes a handle create its sockets through `sockets`, which must outlive its connections. */
CURLcode tn_sockets_attach(CURL *easy, struct tn_sockets *sockets);

/* Notes that the connection from that local port speaks HTTP/1, where a server sends nothing
 * unasked. (With HTTP/2 it does: PING, SETTINGS, GOAWAY.) */
void tn_sockets_note_http_1(struct tn_sockets *sockets, int local_port);

/* Whether the kept connection from that local port must not be reused: the peer has closed it,
 * or it has unread bytes that would pass for the next response. */
bool tn_sockets_is_lost(struct tn_sockets *sockets, int local_port);

/* Whether the system stops retransmitting a dead process's data after 30 seconds without an
 * acknowledgement (TCP_USER_TIMEOUT); otherwise it continues for nearly two minutes. Tries the
 * option on a socket, since an emulated Linux may lack it; false if there is no descriptor
 * left. */
bool tn_sockets_are_limited(void);

/* Frees the list; closes no socket. */
void tn_sockets_forget(struct tn_sockets *sockets);

#pragma GCC visibility pop

#endif
