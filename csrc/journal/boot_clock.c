/* See boot_clock.h. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "journal/boot_clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#ifdef CLOCK_BOOTTIME
#define CLOCK CLOCK_BOOTTIME
#else
#define CLOCK CLOCK_MONOTONIC
#endif

int64_t tn_boot_clock_now(void) {
    struct timespec now = { 0, 0 };
    clock_gettime(CLOCK, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#if defined(__APPLE__)
bool tn_boot_clock_era(char era[TN_STORE_ERA_MAX]) {
    size_t length = TN_STORE_ERA_MAX - 1;
    memset(era, 0, TN_STORE_ERA_MAX);
    return sysctlbyname("kern.bootsessionuuid", era, &length, NULL, 0) == 0 && era[0] != '\0';
}
#else
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define TIME_NAMESPACE "/proc/self/ns/time"

/* A time namespace shifts the clock, so its number is part of the era. The initial namespace
 * always has this one; old kernels have none. */
#define OWN_NAMESPACE "time:[4026531834]"

bool tn_boot_clock_era(char era[TN_STORE_ERA_MAX]) {
    char id[TN_STORE_ERA_MAX / 2] = "", namespace[TN_STORE_ERA_MAX / 2] = "";
    int file = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t count = read(file, id, sizeof id - 1);
    (void)close(file);
    id[count > 0 ? count : 0] = '\0';
    id[strcspn(id, "\n")] = '\0';
    ssize_t length = readlink(TIME_NAMESPACE, namespace, sizeof namespace - 1);
    namespace[length > 0 ? length : 0] = '\0';
    bool is_own = length <= 0 || strcmp(namespace, OWN_NAMESPACE) == 0;
    (void)snprintf(era, TN_STORE_ERA_MAX, "%s%s%s", id, is_own ? "" : " ",
                   is_own ? "" : namespace);
    return id[0] != '\0';
}
#endif
