/* The file of a journal, as far as it can be looked at without opening it: to open and close it
 * by other means than SQLite's drops the locks that this process has on it. Used by the SQLite
 * driver and the binding. */
#ifndef TN_JOURNAL_SQLITE_FILE_H
#define TN_JOURNAL_SQLITE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

enum tn_sqlite_file {
    TN_SQLITE_FILE_GOOD,
    TN_SQLITE_FILE_MISSING,
    TN_SQLITE_FILE_UNSUITABLE, /* a folder, on a network's disk, or mounted alone */
    TN_SQLITE_FILE_UNREADABLE  /* the system does not let us look */
};

/* What there is under that path; the message, which names the path, says what is wrong. */
enum tn_sqlite_file tn_sqlite_file_check(const char *path, char *message, size_t size);

/* A path cut for a message: its end. */
const char *tn_sqlite_file_name(const char *path);

/* The path of the folder that a file is in, cut to `size`. */
void tn_sqlite_file_folder(const char *path, char *folder, size_t size);

#pragma GCC visibility pop

#endif
