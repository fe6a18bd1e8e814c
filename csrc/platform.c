/* See platform.h. */
#define _POSIX_C_SOURCE 200809L
#include "platform.h"

#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

void tn_platform_name(char *name, size_t size) {
    struct utsname system;
    if (uname(&system) < 0)
        (void)snprintf(name, size, "unknown");
    else
        (void)snprintf(name, size, "%s %s", system.sysname, system.machine);
}

long tn_platform_process(void) {
    return (long)getpid();
}
