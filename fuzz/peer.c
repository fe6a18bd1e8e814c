/* See peer.h. Connections are only shut down for sending, and reset at the end, so that none
 * stays in TIME_WAIT. */
#define _GNU_SOURCE /* memmem */
#include "peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 8,
    REQUEST_MAX = 16384,
    KEPT_MS = 5,
    FLOOD = 1200000,
    FLOOD_BLOCK = 16384
};

/* Belongs to the thread between start and stop. */
static struct {
    int listener, stop;
    pthread_t thread;
    const struct tn_fuzz_script *script;
    struct tn_fuzz_seen *seen;
    int connections[CONNECTIONS_MAX];
    int count;
} peer = { .listener = -1 };

unsigned tn_fuzz_peer_port(void) {
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (peer.listener < 0) {
        peer.listener = socket(AF_INET, SOCK_STREAM, 0);
        peer.stop = eventfd(0, 0);
        TN_FUZZ_CHECK(peer.listener >= 0 && peer.stop >= 0);
        TN_FUZZ_CHECK(bind(peer.listener, (void *)&address, length) == 0);
        TN_FUZZ_CHECK(listen(peer.listener, CONNECTIONS_MAX) == 0);
    }
    TN_FUZZ_CHECK(getsockname(peer.listener, (void *)&address, &length) == 0);
    return ntohs(address.sin_port);
}

/* Waits for a descriptor. False at the time limit (-1: none) or when the peer is asked to stop.
 */
static bool wait_for(int fd, short events, int milliseconds) {
    struct pollfd fds[] = { { fd, events, 0 }, { peer.stop, POLLIN, 0 } };
    return poll(fds, 2, milliseconds) > 0 && fds[1].revents == 0;
}

static void reset(int fd) {
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
}

static bool write_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = wait_for(fd, POLLOUT, -1)
                              ? send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT)
                              : -1;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static size_t body_length(const char *head, size_t length) {
    static const char name[] = "Content-Length: ";
    const char *found = memmem(head, length, name, sizeof name - 1);
    return found ? strtoul(found + sizeof name - 1, NULL, 10) : 0;
}

/* Reads one request and returns the number at the end of its path, or -1. */
static int read_request(int fd, int milliseconds) {
    char request[REQUEST_MAX + 1];
    size_t length = 0, wanted = 0;
    while (wanted == 0 || length < wanted) {
        ssize_t got = wait_for(fd, POLLIN, milliseconds)
                          ? recv(fd, request + length, REQUEST_MAX - length, 0)
                          : -1;
        if (got <= 0)
            return -1;
        length += (size_t)got;
        request[length] = '\0';
        const char *end = strstr(request, "\r\n\r\n");
        if (end)
            wanted = (size_t)(end + 4 - request) + body_length(request, length);
    }
    const char *version = strstr(request, " HTTP/1.1\r\n");
    /* A flood answers requests unread, so the next one may follow this one. */
    TN_FUZZ_CHECK(version && (length == wanted || peer.script->floods));
    int number = version[-1] - '0';
    TN_FUZZ_CHECK(number >= 0 && (size_t)number < peer.script->count);
    return number;
}

/* Writes the end of a response repeatedly. */
static bool flood(int fd, struct tn_fuzz_part part) {
    char block[FLOOD_BLOCK];
    size_t tail = part.length < FLOOD_BLOCK ? part.length : FLOOD_BLOCK, length = 0, sent = 0;
    for (; length + tail <= sizeof block; length += tail)
        memcpy(block + length, part.text + part.length - tail, tail);
    while (sent < FLOOD && write_all(fd, block, length))
        sent += length;
    return sent >= FLOOD;
}

static bool answer(int fd, struct tn_fuzz_part part) {
    bool floods = peer.script->floods && part.length > 0;
    return write_all(fd, part.text, part.length) && (!floods || flood(fd, part));
}

static void serve(int fd) {
    const struct tn_fuzz_script *script = peer.script;
    for (bool is_new = true;; is_new = false) {
        int number = read_request(fd, is_new ? -1 : KEPT_MS);
        if (number < 0)
            break;
        struct tn_fuzz_seen *seen = &peer.seen[number];
        seen->requests++;
        seen->on_new = is_new && seen->requests == 1;
        seen->answered_whole = answer(fd, script->answers[number]);
        if (!script->keeps || (size_t)number + 1 == script->count)
            break;
    }
    if (script->resets)
        reset(fd);
    else
        shutdown(fd, SHUT_WR);
}

static void *run(void *unused) {
    while (peer.count < CONNECTIONS_MAX && wait_for(peer.listener, POLLIN, -1)) {
        int fd = accept(peer.listener, NULL, NULL), yes = 1;
        TN_FUZZ_CHECK(fd >= 0);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (peer.script->deaf)
            reset(fd);
        else
            serve(fd);
        if (!peer.script->deaf && !peer.script->resets)
            peer.connections[peer.count++] = fd;
    }
    while (peer.count > 0)
        reset(peer.connections[--peer.count]);
    return unused;
}

void tn_fuzz_peer_start(const struct tn_fuzz_script *script, struct tn_fuzz_seen *seen) {
    peer.script = script;
    peer.seen = seen;
    peer.count = 0;
    TN_FUZZ_CHECK(pthread_create(&peer.thread, NULL, run, NULL) == 0);
}

void tn_fuzz_peer_stop(void) {
    uint64_t one = 1;
    TN_FUZZ_CHECK(write(peer.stop, &one, sizeof one) == sizeof one);
    TN_FUZZ_CHECK(pthread_join(peer.thread, NULL) == 0);
    TN_FUZZ_CHECK(read(peer.stop, &one, sizeof one) == sizeof one);
    /* drop a request that was abandoned unread, or the next input would get it */
    while (wait_for(peer.listener, POLLIN, 0))
        reset(accept(peer.listener, NULL, NULL));
}
