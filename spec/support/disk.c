/* spec_disk: makes the disk of one file, and of the files whose names begin with its name, hang or fail
 * in the process that preloads it.
 *   DISK=path         the file's path; other files are unaffected
 *   DISK_HANG=path    of a FIFO: while it exists each sync writes a line to path.reached, which is
 *                     another FIFO, and then waits until another program opens and closes the first
 *   DISK_FAIL=n       the nth write, sync or truncate, and all that follow, fail with EIO
 *   DISK_FROM=path    but they are counted only while this file exists */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int calls;

static int is_ours(int fd) {
    char own[64], target[4096];
    const char *wanted = getenv("DISK");
    (void)snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(own, target, sizeof target);
    size_t prefix = wanted ? strlen(wanted) : 0;
    return prefix > 0 && length >= (ssize_t)prefix && memcmp(target, wanted, prefix) == 0;
}

static int fails(int fd) {
    const char *from = getenv("DISK_FROM"), *count = getenv("DISK_FAIL");
    if (!count || (from && access(from, F_OK) != 0) || !is_ours(fd))
        return 0;
    if (atomic_fetch_add(&calls, 1) + 1 < strtol(count, NULL, 10))
        return 0;
    errno = EIO;
    return 1;
}

static void hang(int fd) {
    const char *path = getenv("DISK_HANG");
    char reached[4096], byte;
    if (!path || access(path, F_OK) != 0 || !is_ours(fd))
        return;
    (void)snprintf(reached, sizeof reached, "%s.reached", path);
    int file = open(reached, O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        (void)!write(file, "hung\n", 5);
        close(file);
    }
    file = open(path, O_RDONLY | O_CLOEXEC);
    while (file >= 0 && read(file, &byte, 1) > 0)
        ;
    if (file >= 0)
        close(file);
}

/* The next library's function of that name. ISO C has no cast to it. */
#define NEXT(type, name)                                                                       \
    type next;                                                                                 \
    void *found = dlsym(RTLD_NEXT, name);                                                      \
    memcpy(&next, &found, sizeof next)

typedef int (*sync_function)(int);
typedef int (*truncate_function)(int, off_t);
typedef int (*truncate64_function)(int, off64_t);
typedef ssize_t (*write_function)(int, const void *, size_t, off_t);
typedef ssize_t (*write64_function)(int, const void *, size_t, off64_t);

int fsync(int fd) {
    NEXT(sync_function, "fsync");
    hang(fd);
    return fails(fd) ? -1 : next(fd);
}

int fdatasync(int fd) {
    NEXT(sync_function, "fdatasync");
    hang(fd);
    return fails(fd) ? -1 : next(fd);
}

int ftruncate(int fd, off_t length) {
    NEXT(truncate_function, "ftruncate");
    return fails(fd) ? -1 : next(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    NEXT(truncate64_function, "ftruncate64");
    return fails(fd) ? -1 : next(fd, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
    NEXT(write_function, "pwrite");
    return fails(fd) ? -1 : next(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    NEXT(write64_function, "pwrite64");
    return fails(fd) ? -1 : next(fd, bytes, size, at);
}
