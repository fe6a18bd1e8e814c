/* See library.h. */
#define _POSIX_C_SOURCE 200809L
#include "journal/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void explain(const struct tn_library *library, const char *problem, char *message,
                    size_t size) {
    (void)snprintf(message, size, "%s cannot be loaded: install %s (%s)", library->title,
                   library->package, problem);
}

/* Looks up a function. POSIX guarantees the conversion of dlsym()'s result, but ISO C has no
 * cast for it. */
static bool find(void *opened, const struct tn_library_symbol *symbol, void *functions) {
    void *address = dlsym(opened, symbol->name);
    memcpy((char *)functions + symbol->offset, &address, sizeof address);
    return address != NULL;
}

/* RTLD_LOCAL: its symbols must not clash with another copy in the host's process. Never closed:
 * its threads, exit handlers and locks may still be in use. */
bool tn_library_open(const struct tn_library *library, void *functions, char *message,
                     size_t size) {
    char first_problem[160] = "no such library";
    void *opened = NULL;
    for (const char *const *file = library->files; *file && !opened; file++) {
        opened = dlopen(*file, RTLD_NOW | RTLD_LOCAL);
        const char *problem = opened ? NULL : dlerror();
        if (problem && file == library->files)
            (void)snprintf(first_problem, sizeof first_problem, "%s", problem);
    }
    if (!opened) {
        explain(library, first_problem, message, size);
        return false;
    }
    for (size_t i = 0; i < library->count; i++)
        if (!find(opened, &library->symbols[i], functions)) {
            (void)snprintf(first_problem, sizeof first_problem, "it has no %s: too old",
                           library->symbols[i].name);
            explain(library, first_problem, message, size);
            return false;
        }
    return true;
}

bool tn_library_find(const struct tn_library *library, const char *name, void *function) {
    const struct tn_library_symbol symbol = { name, 0 };
    void *opened = NULL;
    for (const char *const *file = library->files; *file && !opened; file++)
        opened = dlopen(*file, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    return opened && find(opened, &symbol, function);
}
