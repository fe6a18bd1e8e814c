/* See sqlite_file.h. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#define _FILE_OFFSET_BITS 64 /* else stat() and statfs() fail for large disks on 32 bits */
#include "journal/sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#if defined(__linux__)
#include <sys/vfs.h>
#elif defined(__NetBSD__)
#include <sys/statvfs.h>
#define statfs statvfs
#else
#include <sys/mount.h>
#include <sys/param.h>
#endif

#define NAME_MAX_SHOWN 140 /* bytes of a path in a message */

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

const char *tn_sqlite_file_name(const char *path) {
    size_t length = strlen(path);
    return length > NAME_MAX_SHOWN ? path + length - NAME_MAX_SHOWN : path;
}

void tn_sqlite_file_folder(const char *path, char *folder, size_t size) {
    const char *slash = strrchr(path, '/');
    int length = slash ? (int)(slash - path) : 0;
    if (!slash)
        (void)snprintf(folder, size, ".");
    else
        (void)snprintf(folder, size, "%.*s", length > 0 ? length : 1, path);
}

/* File systems whose locks and syncs depend on another machine, or on a program. */
#if defined(__linux__)
static const struct {
    uint32_t magic;
    const char *name;
} refused[] = {
    { 0x6969, "NFS" },        { 0xff534d42, "CIFS" },   { 0x517b, "SMB" },
    { 0xfe534d42, "SMB" },    { 0x01021997, "9P" },     { 0x65735546, "FUSE" },
    { 0x00c36400, "Ceph" },   { 0x0bd00bd0, "Lustre" }, { 0x01161970, "GFS2" },
    { 0x7461636f, "OCFS2" },  { 0x5346414f, "AFS" },    { 0x47504653, "GPFS" },
    { 0x19830326, "BeeGFS" }, { 0x786f4256, "vboxsf" }, { 0xbacbacbc, "vmhgfs" },
};

static const char *refused_system(const char *path) {
    struct statfs system;
    if (statfs(path, &system) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if ((uint32_t)system.f_type == refused[i].magic)
            return refused[i].name;
    return NULL;
}
#else
static const char *const refused[] = {
    "nfs", "smbfs", "afpfs", "webdav", "macfuse", "osxfuse"
};

static const char *refused_system(const char *path) {
    struct statfs system;
    if (statfs(path, &system) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcmp(system.f_fstypename, refused[i]) == 0)
            return refused[i];
    return NULL;
}
#endif

/* Whether the file is a mount point itself, as when one file is mounted into a container. Its
 * rollback journal, without which the file is corrupt after a crash, would then be in the
 * container, and lost with it. */
static bool is_mounted_alone(const char *path) {
#ifdef STATX_MNT_ID
    char file[PATH_MAX], folder[PATH_MAX];
    struct statx own, around;
    if (!realpath(path, file)) /* as SQLite does to name the rollback journal */
        return false;
    tn_sqlite_file_folder(file, folder, sizeof folder);
    return statx(AT_FDCWD, file, 0, STATX_MNT_ID, &own) == 0 &&
           statx(AT_FDCWD, folder, 0, STATX_MNT_ID, &around) == 0 &&
           (own.stx_mask & around.stx_mask & STATX_MNT_ID) != 0 &&
           own.stx_mnt_id != around.stx_mnt_id;
#else
    (void)path;
    return false;
#endif
}

static enum tn_sqlite_file check_missing(const char *path, char *message, size_t size) {
    char folder[PATH_MAX];
    struct stat status;
    tn_sqlite_file_folder(path, folder, sizeof folder);
    bool has_folder = stat(folder, &status) == 0;
    const char *system = has_folder ? refused_system(folder) : NULL;
    if (system) {
        (void)snprintf(message, size, "the journal %s would be on %s: it needs a local disk",
                       tn_sqlite_file_name(path), system);
        return TN_SQLITE_FILE_UNSUITABLE;
    }
    (void)snprintf(message, size,
                   has_folder ? "the journal %s is missing: create it once (create = true, or"
                                " twilio-numbers journal init); if it was there before, restore"
                                " it"
                              : "the folder of the journal %s is missing",
                   tn_sqlite_file_name(path));
    return TN_SQLITE_FILE_MISSING;
}

bool tn_sqlite_file_has(const char *path, int64_t size) {
    struct stat status;
    return stat(path, &status) != 0 || status.st_size >= size;
}

enum tn_sqlite_file tn_sqlite_file_check(const char *path, char *message, size_t size) {
    const char *name = tn_sqlite_file_name(path), *system = NULL;
    struct stat status;
    if (stat(path, &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return check_missing(path, message, size);
        (void)snprintf(message, size, "the journal %s cannot be checked: %s", name,
                       errno == EACCES ? "permission denied" : "stat() failed");
        return TN_SQLITE_FILE_UNREADABLE;
    }
    if (!S_ISREG(status.st_mode))
        (void)snprintf(message, size, "the journal %s is %s, not a file", name,
                       S_ISDIR(status.st_mode) ? "a folder" : "a device");
    else if ((system = refused_system(path)))
        (void)snprintf(message, size, "the journal %s is on %s: it needs a local disk", name,
                       system);
    else if (is_mounted_alone(path))
        (void)snprintf(message, size,
                       "the journal %s is mounted alone: mount its folder, where SQLite needs a"
                       " second file",
                       name);
    else
        return TN_SQLITE_FILE_GOOD;
    return TN_SQLITE_FILE_UNSUITABLE;
}
