/* See io/platform.h. */
#define _POSIX_C_SOURCE 200809L
#include "io/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

void tn_platform_name(char *name, size_t size) {
    struct utsname system;
    if (uname(&system) < 0)
        (void)snprintf(name, size, "unknown");
    else
        (void)snprintf(name, size, "%s %s", system.sysname, system.machine);
}

/* Without O_NONBLOCK, opening a pipe without a writer would block. */
const char *tn_platform_file_problem(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return errno == ENOENT ? "missing" : errno == EACCES ? "denied" : "other";
    struct stat status;
    bool is_directory = fstat(file, &status) == 0 && S_ISDIR(status.st_mode);
    (void)close(file);
    return is_directory ? "directory" : NULL;
}

bool tn_platform_is_terminal(int descriptor) {
    return isatty(descriptor) == 1;
}
