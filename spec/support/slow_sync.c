/* spec_slow_sync: makes fsync() and fdatasync() of the process that preloads it slow, as on a bad disk.
 *   SLOW_SYNC_MS     milliseconds that each takes longer
 *   SLOW_SYNC_UNTIL  a file; each call hangs until it exists
 *   SLOW_SYNC_BEGUN  a file that is created when a call begins */
#undef _FORTIFY_SOURCE /* whose inline functions conflict with ours */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void pause_for(long milliseconds) {
    struct timespec left = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
    while (nanosleep(&left, &left) != 0)
        ; /* a signal came */
}

static void be_slow(void) {
    const char *milliseconds = getenv("SLOW_SYNC_MS");
    const char *until = getenv("SLOW_SYNC_UNTIL"), *begun = getenv("SLOW_SYNC_BEGUN");
    int fd = begun ? open(begun, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) : -1;
    if (fd >= 0)
        close(fd);
    if (milliseconds)
        pause_for(strtol(milliseconds, NULL, 10));
    while (until && access(until, F_OK) != 0)
        pause_for(1);
}

int fsync(int fd) {
    be_slow();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    be_slow();
    return (int)syscall(SYS_fdatasync, fd);
}
