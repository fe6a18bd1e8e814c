/* spec_power: records what a process that preloads it, or several of them, write to the files of a folder,
 * so that spec/support/power.lua can make what a power cut leaves of it.
 *   POWER_FOLDER  the folder, as an absolute path without symbolic links
 *   POWER_LOG     the file of records, outside of it
 * A record is a line of words, then the bytes that were written, and a newline:
 *   create INODE 0 0 NAME    a file that was not there
 *   open INODE 0 0 NAME      one that was
 *   write INODE OFFSET LENGTH
 *   truncate INODE LENGTH 0
 *   sync INODE 0 0           of a file
 *   sync_folder 0 0 0        of the folder: names that came and went last from then on
 *   unlink 0 0 0 NAME, rename 0 0 0 NAME/NAME
 *   mark 0 0 0 :TEXT         the program removed a file of that name, which need not be there
 * What does not succeed is not recorded, nor is a name that unlink() or rename() get as a relative path. Other ways to write (mmap, writev, fallocate) are not seen, nor are
 * Lua's files, which the C library writes by itself. Names have no slash and no newline. Linux. */
#undef _FORTIFY_SOURCE /* whose inline functions conflict with ours */
#define _DEFAULT_SOURCE
#define _LARGEFILE64_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_MAX_HERE = 4096 };

static struct {
    const char *folder, *log;
    size_t length; /* of the folder's path */
} power;

__attribute__((constructor)) static void read_environment(void) {
    power.folder = getenv("POWER_FOLDER");
    power.log = getenv("POWER_LOG");
    power.length = power.folder ? strlen(power.folder) : 0;
}

/* ---- the log ---- */

/* One operation of all processes at a time: the order of the records is that of what they tell. (A lock of
 * an own description each, since a child of fork() shares its parent's.) */
static int begin(void) {
    int log = power.log && power.folder ? (int)syscall(SYS_openat, AT_FDCWD, power.log,
                                                       O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC,
                                                       0600)
                                        : -1;
    if (log >= 0 && flock(log, LOCK_EX) != 0)
        abort();
    return log;
}

static void end(int log) {
    if (log >= 0)
        syscall(SYS_close, log);
}

static void put(int log, const void *bytes, size_t length) {
    const char *from = bytes;
    while (length > 0) {
        long written = syscall(SYS_write, log, from, length);
        if (written <= 0)
            abort(); /* a log with a hole would prove nothing */
        from += written;
        length -= (size_t)written;
    }
}

static void record(int log, const char *what, unsigned long long inode, long long a, long long b,
                   const char *name) {
    char line[PATH_MAX_HERE * 2 + 100];
    int length = snprintf(line, sizeof line, "%s %llu %lld %lld %s\n", what, inode, a, b, name);
    if (length <= 0 || (size_t)length >= sizeof line)
        abort();
    put(log, line, (size_t)length);
}

/* ---- what belongs to the folder ---- */

/* The name of a path within the folder, which may be the folder itself (""); NULL: outside. */
static const char *name_in_folder(const char *path) {
    if (strncmp(path, power.folder, power.length) != 0)
        return NULL;
    path += power.length;
    return *path == '/' ? path + 1 : *path == '\0' ? path : NULL;
}

struct place {
    bool is_inside, is_folder;
    unsigned long long inode;
    char path[PATH_MAX_HERE];
};

static struct place place_of(int fd) {
    struct place place = { .is_inside = false };
    struct stat status;
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, place.path, sizeof place.path - 1);
    if (length <= 0 || fstat(fd, &status) != 0)
        return place;
    place.path[length] = '\0';
    place.is_inside = name_in_folder(place.path) != NULL;
    place.is_folder = S_ISDIR(status.st_mode);
    place.inode = status.st_ino;
    return place;
}

/* ---- files ---- */

static int open_file(const char *path, int flags, int mode) {
    int log = begin();
    bool was_there = log < 0 || faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && log >= 0) {
        struct place place = place_of(fd);
        if (place.is_inside && !place.is_folder) {
            record(log, was_there ? "open" : "create", place.inode, 0, 0,
                   name_in_folder(place.path));
            if (was_there && (flags & O_TRUNC))
                record(log, "truncate", place.inode, 0, 0, "");
        }
    }
    end(log);
    return fd;
}

#define DEFINE_OPEN(name)                                                                      \
    int name(const char *path, int flags, ...) {                                               \
        va_list arguments;                                                                     \
        va_start(arguments, flags);                                                            \
        int mode = (flags & O_CREAT) ? va_arg(arguments, int) : 0;                             \
        va_end(arguments);                                                                     \
        return open_file(path, flags, mode);                                                   \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

/* An offset below 0: where the descriptor is. */
static ssize_t write_at(int fd, const void *bytes, size_t length, long long offset) {
    int log = begin();
    long long at = offset;
    ssize_t written;
    if (offset < 0) {
        int flags = (int)syscall(SYS_fcntl, fd, F_GETFL, 0);
        at = lseek(fd, 0, flags >= 0 && (flags & O_APPEND) ? SEEK_END : SEEK_CUR);
        written = syscall(SYS_write, fd, bytes, length);
    } else {
        written = syscall(SYS_pwrite64, fd, bytes, length, offset);
    }
    if (written > 0 && log >= 0) {
        struct place place = place_of(fd);
        if (place.is_inside) {
            record(log, "write", place.inode, at, written, "");
            put(log, bytes, (size_t)written);
            put(log, "\n", 1);
        }
    }
    end(log);
    return written;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    struct stat status;
    bool is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    return is_file ? write_at(fd, bytes, length, -1)
                   : syscall(SYS_write, fd, bytes, length); /* may block */
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return write_at(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    return write_at(fd, bytes, length, offset);
}

static int truncate_to(int fd, long long length) {
    int log = begin(), status = (int)syscall(SYS_ftruncate, fd, length);
    if (status == 0 && log >= 0) {
        struct place place = place_of(fd);
        if (place.is_inside)
            record(log, "truncate", place.inode, length, 0, "");
    }
    end(log);
    return status;
}

int ftruncate(int fd, off_t length) {
    return truncate_to(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    return truncate_to(fd, length);
}

static int sync_file(int fd, long number) {
    int log = begin(), status = (int)syscall(number, fd);
    if (status == 0 && log >= 0) {
        struct place place = place_of(fd);
        if (place.is_inside)
            record(log, place.is_folder ? "sync_folder" : "sync", place.inode, 0, 0, "");
    }
    end(log);
    return status;
}

int fsync(int fd) {
    return sync_file(fd, SYS_fsync);
}

int fdatasync(int fd) {
    return sync_file(fd, SYS_fdatasync);
}

/* ---- names ---- */

int unlink(const char *path) {
    int log = begin(), status = 0;
    const char *name = log >= 0 ? name_in_folder(path) : NULL;
    bool is_mark = name && name[0] == ':';
    if (!is_mark)
        status = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (status == 0 && name)
        record(log, is_mark ? "mark" : "unlink", 0, 0, 0, name);
    end(log);
    return status;
}

int remove(const char *path) {
    int status = unlink(path);
    return status != 0 && errno == EISDIR ? rmdir(path) : status;
}

int rename(const char *from, const char *to) {
    int log = begin();
    int status = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    const char *old_name = log >= 0 ? name_in_folder(from) : NULL;
    const char *new_name = log >= 0 ? name_in_folder(to) : NULL;
    if (status == 0 && old_name && new_name) {
        char names[PATH_MAX_HERE * 2];
        (void)snprintf(names, sizeof names, "%s/%s", old_name, new_name);
        record(log, "rename", 0, 0, 0, names);
    }
    end(log);
    return status;
}
