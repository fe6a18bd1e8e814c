/* spec_network_disk: makes statfs() report NFS for every path once the file that NETWORK_DISK names exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define NFS_MAGIC 0x6969

static int is_network(void) {
    const char *path = getenv("NETWORK_DISK");
    return path && access(path, F_OK) == 0;
}

#define DEFINE(name, type)                                                                     \
    int name(const char *path, struct type *system) {                                          \
        int (*next)(const char *, struct type *);                                              \
        void *found = dlsym(RTLD_NEXT, #name);                                                 \
        memcpy(&next, &found, sizeof next);                                                    \
        int status = next(path, system);                                                       \
        if (status == 0 && is_network())                                                       \
            system->f_type = NFS_MAGIC;                                                        \
        return status;                                                                         \
    }
DEFINE(statfs, statfs)
DEFINE(statfs64, statfs64)
