/* spec_killing: ends the process that preloads it by SIGKILL at a certain call, the nth of all its threads
 * together, of those that are named below: what writes to disks and to the network. It intercepts the calls
 * that libraries make, such as libsqlite3, libpq, libcurl and OpenSSL; not of those within the C library, by
 * which Lua reads and writes files. A child of fork() reads the variables again and counts from 0; a program
 * that is started does not.
 *   KILLING_AT     n; without it nothing is killed
 *   KILLING_WHEN   "before" (the default) or "after" that call
 *   KILLING_COUNT  a file that gets, when the process exits, how many calls there were, and then a line
 *                  for each name: "pwrite64 12" */
#undef _FORTIFY_SOURCE /* whose inline functions conflict with ours */
#define _DEFAULT_SOURCE
#define _LARGEFILE64_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMES(NAME)                                                                            \
    NAME(write)                                                                                \
    NAME(pwrite)                                                                               \
    NAME(pwrite64)                                                                             \
    NAME(fsync)                                                                                \
    NAME(fdatasync)                                                                            \
    NAME(ftruncate)                                                                            \
    NAME(ftruncate64)                                                                          \
    NAME(unlink)                                                                               \
    NAME(send)                                                                                 \
    NAME(sendto)                                                                               \
    NAME(sendmsg)                                                                              \
    NAME(recv)                                                                                 \
    NAME(connect)                                                                              \
    NAME(fcntl)                                                                                \
    NAME(fcntl64)                                                                              \
    NAME(close)

#define PLACE(name) PLACE_##name,
enum place { NAMES(PLACE) PLACE_COUNT };

#define TEXT(name) #name,
static const char *const names[] = { NAMES(TEXT) };

static struct {
    long at; /* 0: never */
    bool after;
    const char *count_path;
    atomic_long calls, of_name[PLACE_COUNT];
} killing;

static void read_environment(void) {
    const char *at = getenv("KILLING_AT"), *when = getenv("KILLING_WHEN");
    killing.at = at ? strtol(at, NULL, 10) : 0;
    killing.after = when && strcmp(when, "after") == 0;
    killing.count_path = getenv("KILLING_COUNT");
}

static void begin_in_child(void) {
    read_environment();
    atomic_store(&killing.calls, 0);
    for (int i = 0; i < PLACE_COUNT; i++)
        atomic_store(&killing.of_name[i], 0);
}

__attribute__((constructor)) static void begin_in_program(void) {
    read_environment();
    unsetenv("LD_PRELOAD"); /* for programs that this one starts */
    if (pthread_atfork(NULL, NULL, begin_in_child) != 0)
        abort();
}

__attribute__((destructor)) static void write_count(void) {
    FILE *file = killing.count_path ? fopen(killing.count_path, "w") : NULL;
    if (!file)
        return;
    (void)fprintf(file, "%ld\n", atomic_load(&killing.calls));
    for (int i = 0; i < PLACE_COUNT; i++)
        if (atomic_load(&killing.of_name[i]) > 0)
            (void)fprintf(file, "%s %ld\n", names[i], atomic_load(&killing.of_name[i]));
    (void)fclose(file);
}

static void end_process(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
}

/* Counts a call that begins. Whether the process ends behind it. */
static bool begin(enum place place) {
    atomic_fetch_add(&killing.of_name[place], 1);
    bool is_it = atomic_fetch_add(&killing.calls, 1) + 1 == killing.at;
    if (is_it && !killing.after)
        end_process();
    return is_it;
}

/* A function of the C library, as the system call that it is. */
#define DEFINE(type, name, parameters, ...)                                                    \
    type name parameters {                                                                     \
        bool is_last = begin(PLACE_##name);                                                    \
        type result = (type)syscall(__VA_ARGS__);                                              \
        if (is_last)                                                                           \
            end_process();                                                                     \
        return result;                                                                         \
    }

DEFINE(ssize_t, write, (int fd, const void *bytes, size_t length), SYS_write, fd, bytes, length)
DEFINE(ssize_t, pwrite, (int fd, const void *bytes, size_t length, off_t offset), SYS_pwrite64,
       fd, bytes, length, offset)
DEFINE(ssize_t, pwrite64, (int fd, const void *bytes, size_t length, off64_t offset),
       SYS_pwrite64, fd, bytes, length, offset)
DEFINE(int, fsync, (int fd), SYS_fsync, fd)
DEFINE(int, fdatasync, (int fd), SYS_fdatasync, fd)
DEFINE(int, ftruncate, (int fd, off_t length), SYS_ftruncate, fd, length)
DEFINE(int, ftruncate64, (int fd, off64_t length), SYS_ftruncate, fd, length)
DEFINE(int, unlink, (const char *path), SYS_unlinkat, AT_FDCWD, path, 0)
DEFINE(ssize_t, send, (int fd, const void *bytes, size_t length, int flags), SYS_sendto, fd,
       bytes, length, flags, NULL, 0)
DEFINE(ssize_t, sendto,
       (int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to,
        socklen_t size),
       SYS_sendto, fd, bytes, length, flags, to, size)
DEFINE(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), SYS_sendmsg, fd,
       message, flags)
DEFINE(ssize_t, recv, (int fd, void *bytes, size_t length, int flags), SYS_recvfrom, fd, bytes,
       length, flags, NULL, NULL)
DEFINE(int, connect, (int fd, const struct sockaddr *to, socklen_t size), SYS_connect, fd, to,
       size)
DEFINE(int, close, (int fd), SYS_close, fd)

/* Every argument of fcntl() is of that size, or not looked at. */
#define DEFINE_FCNTL(name)                                                                     \
    int name(int fd, int command, ...) {                                                       \
        va_list arguments;                                                                     \
        va_start(arguments, command);                                                          \
        void *argument = va_arg(arguments, void *);                                            \
        va_end(arguments);                                                                     \
        bool is_last = begin(PLACE_##name);                                                    \
        int result = (int)syscall(SYS_fcntl, fd, command, argument);                           \
        if (is_last)                                                                           \
            end_process();                                                                     \
        return result;                                                                         \
    }
DEFINE_FCNTL(fcntl)
DEFINE_FCNTL(fcntl64)

/* What libraries call that were built with checks of their buffers. */
ssize_t __recv_chk(int fd, void *bytes, size_t length, size_t room, int flags);
ssize_t __recv_chk(int fd, void *bytes, size_t length, size_t room, int flags) {
    (void)room;
    return recv(fd, bytes, length, flags);
}
