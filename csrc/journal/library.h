/* Opens a library at run time, so that a host without it can still load the module. The
 * functions are a struct of pointers, which a table of symbols fills. Used by the drivers. */
#ifndef TN_JOURNAL_LIBRARY_H
#define TN_JOURNAL_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

struct tn_library_symbol {
    const char *name;
    size_t offset; /* of the function pointer in the struct */
};

struct tn_library {
    const char *title;        /* for messages: "SQLite" */
    const char *package;      /* Debian's: "libsqlite3-0" */
    const char *const *files; /* names to try, in order, ended by NULL */
    const struct tn_library_symbol *symbols;
    size_t count;
};

/* Opens the library, never to be closed, and fills the struct. If it is missing or too old,
 * returns false with a message that names the package. */
bool tn_library_open(const struct tn_library *library, void *functions, char *message,
                     size_t size);

/* Finds a function of the open library, or of one that it depends on, and stores it in the
 * pointer at `function`. False if there is none. */
bool tn_library_find(const struct tn_library *library, const char *name, void *function);

#pragma GCC visibility pop

#endif
