/* A library that is opened at run time, so that a host without it can load the module: its
 * functions are a struct of pointers, and a table says where each one goes. Used by the
 * drivers. */
#ifndef TN_JOURNAL_LIBRARY_H
#define TN_JOURNAL_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

struct tn_library_symbol {
    const char *name;
    size_t offset; /* of a pointer to a function in the struct */
};

struct tn_library {
    const char *title;        /* for messages: "SQLite" */
    const char *package;      /* Debian's: "libsqlite3-0" */
    const char *const *files; /* names to try, in this order; NULL ends them */
    const struct tn_library_symbol *symbols;
    size_t count;
};

/* Opens the library, for good, and fills in the struct. False with a message, which names the
 * package, if it is missing or too old. */
bool tn_library_open(const struct tn_library *library, void *functions, char *message,
                     size_t size);

/* Finds a function of that library, which is open, or of one that it depends on, for a pointer
 * to it. False if there is none. */
bool tn_library_find(const struct tn_library *library, const char *name, void *function);

#pragma GCC visibility pop

#endif
