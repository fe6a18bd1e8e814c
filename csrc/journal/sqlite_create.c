/* Creates the file of a journal under a temporary name, and then link()s it to its own, which
 * fails like O_EXCL if that exists. A journal is therefore complete or absent, whenever the
 * process ends, and closing it drops no lock of this process on the finished file. See
 * sqlite_private.h. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "journal/sqlite_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/sqlite_file.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* Without a rollback journal: no one else opens the temporary name. The commit syncs the file.
 */
#define SQL                                                                                    \
    "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON;"         \
    "BEGIN IMMEDIATE;"                                                                         \
    "CREATE TABLE journal (key TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL,"           \
    " value TEXT NOT NULL) WITHOUT ROWID;"                                                     \
    "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT"

static bool fill(const struct tn_sqlite *self, const char *path, char *message, size_t size) {
    struct sqlite3 *database = NULL;
    char sql[512];
    (void)snprintf(sql, sizeof sql, SQL, TN_SQLITE_APPLICATION, TN_SQLITE_FORMAT);
    int code = self->call.open_v2(path, &database,
                                  TN_SQLITE_OPEN_READWRITE | TN_SQLITE_OPEN_NOMUTEX, NULL);
    if (code == TN_SQLITE_OK)
        code = tn_sqlite_exec(self, database, sql);
    if (code != TN_SQLITE_OK)
        tn_sqlite_explain(self, code, message, size);
    int end = self->call.close(database);
    if (code == TN_SQLITE_OK && end != TN_SQLITE_OK)
        tn_sqlite_explain(self, end, message, size);
    return code == TN_SQLITE_OK && end == TN_SQLITE_OK;
}

/* Makes the new name in its folder durable. */
static bool sync_folder(const char *path) {
    char folder[PATH_MAX];
    tn_sqlite_file_folder(path, folder, sizeof folder);
    int opened = open(folder, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return false;
    bool synced =
        fsync(opened) == 0 || errno == EINVAL; /* some file systems cannot sync a folder */
    (void)close(opened);
    return synced;
}

static const char *reason(int code) {
    return code == ENOSPC || code == EDQUOT  ? "the disk is full"
           : code == EACCES || code == EPERM ? "permission denied, or no hard links there"
           : code == EROFS                   ? "the disk is read-only"
           : code == ENAMETOOLONG            ? "its name is too long"
           : code == ENOENT                  ? "its folder is missing, create that first"
                                             : "a system call failed";
}

static bool refuse(const struct tn_sqlite *self, int code, char *message, size_t size) {
    (void)snprintf(message, size, "the journal %s cannot be created: %s", self->name,
                   reason(code));
    return false;
}

/* Whether the name exists and leads nowhere, such as into a volume that is not mounted. */
static bool leads_nowhere(const char *path) {
    return access(path, F_OK) != 0 && errno == ENOENT;
}

/* Links the file to its name, unless a journal or anything else has that name. */
static bool link_to_name(const struct tn_sqlite *self, const char *temporary, char *message,
                         size_t size) {
    if (link(temporary, self->path) != 0) {
        if (errno != EEXIST)
            return refuse(self, errno, message, size);
        if (!leads_nowhere(self->path))
            return true;
        (void)snprintf(message, size,
                       "the journal %s is a symbolic link to a file that does not exist",
                       self->name);
        return false;
    }
    if (sync_folder(self->path))
        return true;
    (void)snprintf(message, size, "the folder of the journal %s cannot be synced", self->name);
    return false;
}

bool tn_sqlite_create(const struct tn_sqlite *self, char *message, size_t size) {
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.new-XXXXXX", self->path);
    if (length < 0 || (size_t)length >= sizeof temporary)
        return refuse(self, ENAMETOOLONG, message, size);
    int file = mkostemp(temporary, O_CLOEXEC); /* with mode 0600 */
    if (file < 0)
        return refuse(self, errno, message, size);
    (void)close(file);
    bool created =
        fill(self, temporary, message, size) && link_to_name(self, temporary, message, size);
    (void)unlink(temporary);
    return created;
}
