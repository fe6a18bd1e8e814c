/* See http/sockets.h. */
#define _GNU_SOURCE /* POLLRDHUP */
#include "http/sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef POLLRDHUP
#define POLLRDHUP 0 /* see has_ended() */
#endif

/* Seconds after which the system drops a connection whose peer acknowledges nothing; Twilio
 * answers within that time. The system keeps retransmitting what a killed process sent:
 * docs/money.md relies on this limit. */
#define UNACKNOWLEDGED_MAX 30

enum { FIRST_ROOM = 8 };

struct tn_socket {
    int fd;
    int local_port; /* 0: not known yet */
    bool is_http_1; /* a response on it was HTTP/1 */
};

/* ---- libcurl's callbacks ---- */

static bool reserve(struct tn_sockets *sockets) {
    if (sockets->count < sockets->room)
        return true;
    size_t room = sockets->room ? sockets->room * 2 : FIRST_ROOM;
    struct tn_socket *list = realloc(sockets->list, room * sizeof *list);
    if (!list)
        return false;
    sockets->list = list;
    sockets->room = room;
    return true;
}

/* Limits how long a socket retransmits; false if the system cannot. */
static bool limit_unacknowledged(int fd) {
#ifdef TCP_USER_TIMEOUT
    unsigned milliseconds = UNACKNOWLEDGED_MAX * 1000;
    return setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds) ==
           0;
#else
    (void)fd;
    return false;
#endif
}

/* Creates a socket that is closed on exec: a program started by the host would keep the
 * connection open. */
static int new_socket(int family, int type, int protocol) {
#ifdef SOCK_CLOEXEC
    return socket(family, type | SOCK_CLOEXEC, protocol);
#else
    int fd = socket(family, type, protocol);
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
#endif
}

/* CURLOPT_OPENSOCKETFUNCTION. Opens no socket that it has no memory to track. */
static curl_socket_t open_socket(void *user, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
    struct tn_sockets *sockets = user;
    (void)purpose;
    int fd = reserve(sockets)
                 ? new_socket(address->family, address->socktype, address->protocol)
                 : -1;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    (void)limit_unacknowledged(fd); /* else see tn_sockets_are_limited() */
    sockets->list[sockets->count++] = (struct tn_socket){ .fd = fd };
    return fd;
}

static int close_socket(void *user, curl_socket_t fd) {
    struct tn_sockets *sockets = user;
    for (size_t i = 0; i < sockets->count; i++)
        if (sockets->list[i].fd == fd) {
            sockets->list[i] = sockets->list[--sockets->count];
            break;
        }
    return close(fd);
}

CURLcode tn_sockets_attach(CURL *easy, struct tn_sockets *sockets) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sockets);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets);
    return code;
}

/* ---- a connection ---- */

/* The local port of a socket; 0 if it has none yet. */
static int ask_local_port(int fd) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = { .v6 = { .sin6_port = 0 } };
    socklen_t size = sizeof address;
    if (getsockname(fd, &address.any, &size) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                                   : address.v4.sin_port);
}

/* libcurl identifies a connection by its local port; CURLINFO_ACTIVESOCKET, in 7.88 and 8.14,
 * is set only after the request. Connections to different addresses may share a port: they are
 * then treated as one, which at worst costs a connection. */
static bool is_from(struct tn_socket *one, int local_port) {
    if (one->local_port == 0)
        one->local_port = ask_local_port(one->fd);
    return one->local_port == local_port;
}

void tn_sockets_note_http_1(struct tn_sockets *sockets, int local_port) {
    for (size_t i = 0; i < sockets->count; i++)
        if (is_from(&sockets->list[i], local_port))
            sockets->list[i].is_http_1 = true;
}

/* For systems without POLLRDHUP. Unread bytes hide the end there. */
static bool has_ended(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Whether a kept connection must not be reused. Over TLS unread bytes may be records without
 * content, such as a session ticket. Tickets sent with the handshake were read with the first
 * response; later ones only cost a connection. */
static bool is_lost(const struct tn_socket *one) {
    struct pollfd state = { .fd = one->fd, .events = POLLIN | POLLRDHUP };
    if (poll(&state, 1, 0) <= 0)
        return false;
    return one->is_http_1 || (state.revents & ~POLLIN) || has_ended(one->fd);
}

bool tn_sockets_is_lost(struct tn_sockets *sockets, int local_port) {
    for (size_t i = 0; i < sockets->count; i++)
        if (is_from(&sockets->list[i], local_port) && is_lost(&sockets->list[i]))
            return true;
    return false;
}

bool tn_sockets_are_limited(void) {
    int fd = new_socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fd = new_socket(AF_INET6, SOCK_STREAM, 0);
    bool limited = fd >= 0 && limit_unacknowledged(fd);
    if (fd >= 0)
        close(fd);
    return limited;
}

void tn_sockets_forget(struct tn_sockets *sockets) {
    free(sockets->list);
    *sockets = (struct tn_sockets){ NULL, 0, 0 };
}
