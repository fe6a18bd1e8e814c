/* See postgresql_library.h. */
#include "journal/postgresql_library.h"

#include <stdint.h>
#include <stdio.h>

#include "journal/library.h"
#include "journal/thread.h"

/* Declares the dependency to packaging tools, which cannot see it through the linker:
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ */
#if defined(__ELF__) && defined(__GNUC__)
#define NOTE                                                                                   \
    "[{\"soname\":[\"libpq.so.5\"],\"feature\":\"postgresql\","                                \
    "\"description\":\"Journals of purchases for a fleet\",\"priority\":\"suggested\"}]"

__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {
    uint32_t name_size, size, type;
    char name[4];
    char text[sizeof NOTE];
} note = { sizeof "FDO", sizeof NOTE, 0x407c0c0a, "FDO", NOTE };
#endif

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

/* Makes OpenSSL register its exit handler before ours, so that ours runs first: OpenSSL's frees
 * its memory, even while a connection is being opened. Not every libpq uses OpenSSL. */
static bool prepare_exit(void) {
    int (*start)(uint64_t options, const void *settings);
    if (tn_library_find(&library, "OPENSSL_init_ssl", &start) && !start(0, NULL))
        return false;
    return tn_store_hold_at_exit();
}

bool tn_libpq_open(struct tn_libpq *pq, char *message, size_t size) {
    if (!tn_library_open(&library, pq, message, size))
        return false;
    const char *problem = !pq->PQisthreadsafe() ? "this libpq is built without threads"
                          : !prepare_exit()     ? "not enough memory for OpenSSL"
                                                : NULL;
    if (problem)
        (void)snprintf(message, size, "%s", problem);
    return !problem;
}
