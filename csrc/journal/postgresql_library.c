/* See postgresql_library.h. */
#include "journal/postgresql_library.h"

#include <stdio.h>

#include "journal/library.h"

static const char *const files[] = { "libpq.so.5", "libpq.5.dylib", NULL };

static const struct tn_library_symbol symbols[] = {
#define SYMBOL(type, name, arguments) { #name, offsetof(struct tn_libpq, name) },
    TN_LIBPQ_FUNCTIONS(SYMBOL)
#undef SYMBOL
};

static const struct tn_library library = {
    .title = "PostgreSQL's client library",
    .package = "libpq5",
    .files = files,
    .symbols = symbols,
    .count = sizeof symbols / sizeof *symbols,
};

bool tn_libpq_open(struct tn_libpq *pq, char *message, size_t size) {
    if (!tn_library_open(&library, pq, message, size))
        return false;
    if (pq->PQisthreadsafe())
        return true;
    (void)snprintf(message, size, "this libpq is built without threads");
    return false;
}
