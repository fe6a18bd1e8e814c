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

/* These create non-blocking descriptors that are closed on exec. They use a single call where
 * the system has one, since another thread may start a program between two. -1 on failure. */
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

bool tn_wakeup_init(struct tn_wakeup *wakeup) {
    int ends[2] = { -1, -1 };
    *wakeup = (struct tn_wakeup){ .read_fd = -1, .write_fd = -1, .listener = -1, .socket = -1 };
    bool opened = open_pipe(ends);
    wakeup->read_fd = ends[0];
    wakeup->write_fd = ends[1];
    return opened;
}

void tn_wakeup_free(struct tn_wakeup *wakeup) {
    tn_wakeup_unlisten(wakeup);
    close_fd(&wakeup->read_fd);
    close_fd(&wakeup->write_fd);
}

/* A full pipe is readable too, so EINTR is the only error to handle. */
static void fill_pipe(struct tn_wakeup *wakeup) {
    while (write(wakeup->write_fd, "", 1) < 0 && errno == EINTR)
        ;
}

void tn_wakeup_ring(struct tn_wakeup *wakeup) {
    if (wakeup->is_rung)
        return;
    wakeup->is_rung = true;
    if (wakeup->socket < 0 || send(wakeup->socket, "", 1, MSG_NOSIGNAL) != 1)
        fill_pipe(wakeup);
}

void tn_wakeup_clear(struct tn_wakeup *wakeup) {
    char bytes[16];
    ssize_t count;
    if (!wakeup->is_rung)
        return;
    wakeup->is_rung = false;
    do
        count = read(wakeup->read_fd, bytes, sizeof bytes);
    while (count == (ssize_t)sizeof bytes || (count < 0 && errno == EINTR));
}

/* Removes the socket and its directory, which mkdtemp() created and only this user can enter.
 */
static void remove_path(struct tn_wakeup *wakeup) {
    char *slash = strrchr(wakeup->path, '/');
    if (!slash)
        return;
    unlink(wakeup->path);
    *slash = '\0';
    rmdir(wakeup->path);
    wakeup->path[0] = '\0';
}

static bool make_path(struct tn_wakeup *wakeup) {
    const char *folder = getenv("TMPDIR");
    int length = snprintf(wakeup->path, sizeof wakeup->path, "%s/twilio-XXXXXX",
                          folder && folder[0] ? folder : "/tmp");
    if (length < 0 || (size_t)length + sizeof "/wakeup" > sizeof wakeup->path ||
        !mkdtemp(wakeup->path)) {
        wakeup->path[0] = '\0';
        return false;
    }
    memcpy(wakeup->path + length, "/wakeup", sizeof "/wakeup");
    return true;
}

bool tn_wakeup_listen(struct tn_wakeup *wakeup) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    tn_wakeup_unlisten(wakeup);
    if (!make_path(wakeup))
        return false;
    memcpy(address.sun_path, wakeup->path, sizeof wakeup->path);
    wakeup->listener = open_socket();
    if (wakeup->listener >= 0 &&
        bind(wakeup->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(wakeup->listener, 1) == 0)
        return true;
    tn_wakeup_unlisten(wakeup);
    return false;
}

bool tn_wakeup_accept(struct tn_wakeup *wakeup) {
    int fd = accept_on(wakeup->listener);
    close_fd(&wakeup->listener);
    remove_path(wakeup);
    if (fd < 0)
        return false;
    wakeup->socket = fd;
    if (wakeup->is_rung) /* signalled before there was a connection */
        (void)!send(fd, "", 1, MSG_NOSIGNAL);
    return true;
}

void tn_wakeup_unlisten(struct tn_wakeup *wakeup) {
    close_fd(&wakeup->listener);
    close_fd(&wakeup->socket);
    remove_path(wakeup);
    if (wakeup->is_rung && wakeup->write_fd >= 0)
        fill_pipe(wakeup);
}
