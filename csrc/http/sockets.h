/* The sockets of connections that are kept: how each is made, and whether it may carry another
 * request. Knows no Lua. Used by http/easy.c, transfer.c and io/multi.c. */
#ifndef TN_HTTP_SOCKETS_H
#define TN_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "http/libcurl.h"

#pragma GCC visibility push(hidden)

/* Those of the connections that one easy handle keeps, or one curl_multi. A zeroed struct is
 * ready. It belongs to the thread that libcurl runs in. */
struct tn_sockets {
    struct tn_socket *list;
    size_t count, room;
};

/* Has a handle make its sockets here. They must outlive its connections. */
CURLcode tn_sockets_attach(CURL *easy, struct tn_sockets *sockets);

/* The connection from that local port was answered by HTTP/1: there a server does not speak
 * before it is asked. (By HTTP/2 it does: PING, SETTINGS, GOAWAY.) */
void tn_sockets_note_http_1(struct tn_sockets *sockets, int local_port);

/* Whether a kept connection from that local port must not be used again: the other side has
 * closed it, or bytes wait there that the next request would take for its response. */
bool tn_sockets_is_lost(struct tn_sockets *sockets, int local_port);

/* Whether the system gives up what a dead process has sent after 30 seconds without an
 * acknowledgement (TCP_USER_TIMEOUT); else it goes on for nearly two minutes. Asks it, by a
 * socket: an emulated Linux may not know that option. False, too, if there is no descriptor. */
bool tn_sockets_are_limited(void);

/* Frees the list, and closes nothing. */
void tn_sockets_forget(struct tn_sockets *sockets);

#pragma GCC visibility pop

#endif
