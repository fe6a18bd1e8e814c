/* Checks the file of a journal without opening it: opening and closing it other than through
 * SQLite would drop the locks that this process holds on it. Used by the SQLite driver and the
 * binding. */
#ifndef TN_JOURNAL_SQLITE_FILE_H
#define TN_JOURNAL_SQLITE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

enum tn_sqlite_file {
    TN_SQLITE_FILE_GOOD,
    TN_SQLITE_FILE_MISSING,
    TN_SQLITE_FILE_UNSUITABLE, /* a folder, on a network file system, or mounted alone */
    TN_SQLITE_FILE_UNREADABLE  /* stat() failed */
};

/* What the path refers to. The message, which includes the path, says what is wrong. */
enum tn_sqlite_file tn_sqlite_file_check(const char *path, char *message, size_t size);

/* Whether the file has at least that many bytes. True also if stat() fails. */
bool tn_sqlite_file_has(const char *path, int64_t size);

/* The end of a path, short enough for a message. */
const char *tn_sqlite_file_name(const char *path);

/* Writes the path of a file's folder, truncated to `size`. */
void tn_sqlite_file_folder(const char *path, char *folder, size_t size);

#pragma GCC visibility pop

#endif
