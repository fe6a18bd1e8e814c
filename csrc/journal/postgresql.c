/* The PostgreSQL driver: not built yet. */
#include <stdlib.h>

#include "journal/driver.h"

void *tn_postgresql_new(const char *conninfo, bool create) {
    (void)conninfo;
    (void)create;
    return malloc(1);
}

static void run(void *database, struct tn_store_request *first) {
    (void)database;
    for (; first; first = first->next)
        tn_store_fail(first, TN_STORE_FAILED, "PostgreSQL: not built yet");
}

const struct tn_store_driver tn_postgresql_driver = { run, free };
