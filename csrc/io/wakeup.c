/* See io/wakeup.h. */
#define _GNU_SOURCE
#include "io/wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* older macOS: see accept_on() */
#endif

/* These create descriptors that do not block and are closed on exec: where the system can, in
 * one call, since another thread may start a program between two. -1 on failure. */
#ifdef SOCK_CLOEXEC
static bool open_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0;
}

static int open_socket(void) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int accept_on(int listener) {
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}
#else
static int prepare(int fd) {
    if (fd < 0 || (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0))
        return fd;
    close(fd);
    return -1;
}

static bool open_pipe(int ends[2]) {
    if (pipe(ends) != 0)
        return false;
    ends[0] = prepare(ends[0]);
    ends[1] = prepare(ends[1]);
    return ends[0] >= 0 && ends[1] >= 0;
}

static int open_socket(void) {
    return prepare(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int accept_on(int listener) {
    int fd = prepare(accept(listener, NULL, NULL));
#ifdef SO_NOSIGPIPE
    int on = 1;
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) != 0) {
        close(fd);
        return -1;
    }
#endif
    return fd;
}
#endif

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

bool tn_wakeup_init(struct tn_wakeup *bell) {
    int ends[2] = { -1, -1 };
    *bell = (struct tn_wakeup){ .read_fd = -1, .write_fd = -1, .listener = -1, .socket = -1 };
    bool opened = open_pipe(ends);
    bell->read_fd = ends[0];
    bell->write_fd = ends[1];
    return opened;
}

void tn_wakeup_free(struct tn_wakeup *bell) {
    tn_wakeup_unlisten(bell);
    close_fd(&bell->read_fd);
    close_fd(&bell->write_fd);
}

/* A full pipe is readable too, so that EINTR is the only error to handle. */
static void fill_pipe(struct tn_wakeup *bell) {
    while (write(bell->write_fd, "", 1) < 0 && errno == EINTR)
        ;
}

void tn_wakeup_ring(struct tn_wakeup *bell) {
    if (bell->is_rung)
        return;
    bell->is_rung = true;
    if (bell->socket < 0 || send(bell->socket, "", 1, MSG_NOSIGNAL) != 1)
        fill_pipe(bell);
}

void tn_wakeup_clear(struct tn_wakeup *bell) {
    char bytes[16];
    ssize_t count;
    if (!bell->is_rung)
        return;
    bell->is_rung = false;
    do
        count = read(bell->read_fd, bytes, sizeof bytes);
    while (count == (ssize_t)sizeof bytes || (count < 0 && errno == EINTR));
}

/* The socket is in a directory of its own, from mkdtemp(), that only this user can enter. */
static void remove_path(struct tn_wakeup *bell) {
    char *slash = strrchr(bell->path, '/');
    if (!slash)
        return;
    unlink(bell->path);
    *slash = '\0';
    rmdir(bell->path);
    bell->path[0] = '\0';
}

static bool make_path(struct tn_wakeup *bell) {
    const char *folder = getenv("TMPDIR");
    int length = snprintf(bell->path, sizeof bell->path, "%s/twilio-XXXXXX",
                          folder && folder[0] ? folder : "/tmp");
    if (length < 0 || (size_t)length + sizeof "/bell" > sizeof bell->path ||
        !mkdtemp(bell->path)) {
        bell->path[0] = '\0';
        return false;
    }
    memcpy(bell->path + length, "/bell", sizeof "/bell");
    return true;
}

bool tn_wakeup_listen(struct tn_wakeup *bell) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    tn_wakeup_unlisten(bell);
    if (!make_path(bell))
        return false;
    memcpy(address.sun_path, bell->path, sizeof bell->path);
    bell->listener = open_socket();
    if (bell->listener >= 0 &&
        bind(bell->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(bell->listener, 1) == 0)
        return true;
    tn_wakeup_unlisten(bell);
    return false;
}

bool tn_wakeup_accept(struct tn_wakeup *bell) {
    int fd = accept_on(bell->listener);
    close_fd(&bell->listener);
    remove_path(bell);
    if (fd < 0)
        return false;
    bell->socket = fd;
    if (bell->is_rung) /* it was rung before there was a connection */
        (void)!send(fd, "", 1, MSG_NOSIGNAL);
    return true;
}

void tn_wakeup_unlisten(struct tn_wakeup *bell) {
    close_fd(&bell->listener);
    close_fd(&bell->socket);
    remove_path(bell);
    if (bell->is_rung && bell->write_fd >= 0)
        fill_pipe(bell);
}
