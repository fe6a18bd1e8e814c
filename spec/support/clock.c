/* spec_clock: shifts the clocks of a process that preloads it, while it runs. CLOCK_SHIFT names a file
 * with two numbers, in seconds: how far CLOCK_BOOTTIME is ahead, and the wall clock. Without that file
 * they are unchanged. CLOCK_BOOT_ID names a file that is opened in place of the kernel's boot id.
 * spec/support/clock.lua writes these files. Linux. */
#undef _FORTIFY_SOURCE /* whose inline functions conflict with ours */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NANOSECONDS = 1000000000, TEXT_MAX = 64 };

static struct {
    const char *shift, *boot_id; /* paths, or NULL */
} paths;

__attribute__((constructor)) static void read_environment(void) {
    paths.shift = getenv("CLOCK_SHIFT");
    paths.boot_id = getenv("CLOCK_BOOT_ID");
}

/* ---- time ---- */

/* The numbers of the file; by system calls alone, since anything may ask for the time. */
static void read_shift(double *boot, double *wall) {
    char text[TEXT_MAX] = "", *end = text;
    *boot = *wall = 0;
    long fd = paths.shift ? syscall(SYS_openat, AT_FDCWD, paths.shift, O_RDONLY | O_CLOEXEC, 0)
                          : -1;
    if (fd < 0)
        return;
    if (syscall(SYS_read, fd, text, sizeof text - 1) > 0) {
        *boot = strtod(text, &end);
        *wall = strtod(end, NULL);
    }
    syscall(SYS_close, fd);
}

static void add(struct timespec *to, double seconds) {
    long long all = (long long)(seconds * NANOSECONDS) + to->tv_nsec;
    long long whole = all / NANOSECONDS;
    if (all % NANOSECONDS < 0)
        whole--;
    to->tv_sec += (time_t)whole;
    to->tv_nsec = (long)(all - whole * NANOSECONDS);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    double boot, wall;
    int status = (int)syscall(SYS_clock_gettime, clock, now);
    if (status != 0 || (clock != CLOCK_BOOTTIME && clock != CLOCK_REALTIME))
        return status;
    read_shift(&boot, &wall);
    add(now, clock == CLOCK_BOOTTIME ? boot : wall);
    return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0)
        return -1;
    *now = (struct timeval){ exact.tv_sec, exact.tv_nsec / 1000 };
    return 0;
}

time_t time(time_t *kept) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return (time_t)-1;
    if (kept)
        *kept = now.tv_sec;
    return now.tv_sec;
}

/* ---- the boot id ---- */

static const char *path_of(const char *path) {
    return paths.boot_id && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0 ? paths.boot_id
                                                                                  : path;
}

static int open_at(int folder, const char *path, int flags, va_list arguments) {
    int mode = 0;
    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE)
        mode = va_arg(arguments, int);
    return (int)syscall(SYS_openat, folder, path_of(path), flags, mode);
}

#define DEFINE_OPEN(name)                                                                      \
    int name(const char *path, int flags, ...) {                                               \
        va_list arguments;                                                                     \
        va_start(arguments, flags);                                                            \
        int fd = open_at(AT_FDCWD, path, flags, arguments);                                    \
        va_end(arguments);                                                                     \
        return fd;                                                                             \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#define DEFINE_OPENAT(name)                                                                    \
    int name(int folder, const char *path, int flags, ...) {                                   \
        va_list arguments;                                                                     \
        va_start(arguments, flags);                                                            \
        int fd = open_at(folder, path, flags, arguments);                                      \
        va_end(arguments);                                                                     \
        return fd;                                                                             \
    }
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

#define DEFINE_FOPEN(name)                                                                     \
    FILE *name(const char *restrict path, const char *restrict mode) {                         \
        FILE *(*real)(const char *, const char *);                                             \
        void *address = dlsym(RTLD_NEXT, #name);                                               \
        memcpy(&real, &address, sizeof real);                                                  \
        return real(path_of(path), mode);                                                      \
    }
DEFINE_FOPEN(fopen)
DEFINE_FOPEN(fopen64)
