/* See io/process.h. */
#define _GNU_SOURCE
#include "io/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { STAT_MAX = 1024, FIELDS_TO_START = 19 }; /* from a process's state to its start time */

/* Reads the start time of a process, in ticks since the boot. Returns 0, 1 if there is no such
 * process, or -1 if that is not known. See proc(5): the name of the program, in parentheses,
 * may contain anything. */
static int read_start(long pid, unsigned long long *start) {
    char path[40], stat[STAT_MAX];
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? 1 : -1;
    ssize_t length = read(file, stat, sizeof stat - 1);
    int problem = errno;
    (void)close(file);
    if (length <= 0)
        return length < 0 && problem == ESRCH ? 1 : -1;
    stat[length] = '\0';
    const char *field = strrchr(stat, ')');
    for (int i = 0; field && i <= FIELDS_TO_START; i++)
        field = strchr(field + 1, ' ');
    char *end;
    if (!field)
        return -1;
    *start = strtoull(field + 1, &end, 10);
    return end != field + 1 ? 0 : -1;
}

/* The PID namespace, such as "pid:[4026531836]". */
static bool read_namespace(char *name, size_t size) {
    ssize_t length = readlink("/proc/self/ns/pid", name, size - 1);
    if (length <= 0)
        return false;
    name[length] = '\0';
    return true;
}

static bool describe(long pid, unsigned long long start, char *identity) {
    char name[40];
    if (!read_namespace(name, sizeof name))
        return false;
    int length = snprintf(identity, TN_PROCESS_IDENTITY_MAX, "%ld:%llu:%s", pid, start, name);
    return length > 0 && length < TN_PROCESS_IDENTITY_MAX;
}

bool tn_process_identity(char identity[TN_PROCESS_IDENTITY_MAX]) {
    unsigned long long start;
    return read_start((long)getpid(), &start) == 0 && describe((long)getpid(), start, identity);
}

bool tn_process_has_ended(const char *identity) {
    char own[40], now[TN_PROCESS_IDENTITY_MAX], *end;
    const char *namespace = strchr(identity, ':');
    namespace = namespace ? strchr(namespace + 1, ':') : NULL;
    long pid = strtol(identity, &end, 10);
    if (!namespace || *end != ':' || pid <= 0 || !read_namespace(own, sizeof own) ||
        strcmp(own, namespace + 1) != 0)
        return false;
    unsigned long long start;
    int result = read_start(pid, &start);
    if (result == 1) /* /proc may hide the processes of other users */
        return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
    return result == 0 && describe(pid, start, now) && strcmp(now, identity) != 0;
}
