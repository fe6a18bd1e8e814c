/* See transfer_options.h. */
#define _POSIX_C_SOURCE 200809L
#include "http/transfer_options.h"

#include <stdlib.h>
#include <string.h>

#include "pure/wipe.h"

/* Copies a string, which may be NULL. False if there is no memory. */
static bool copy(const char **to, const char *from) {
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

bool tn_transfer_options_copy(struct tn_transfer_options *to,
                              const struct tn_transfer_options *from) {
    *to = *from;
    to->ca_file = to->proxy = to->user_agent = NULL;
    return copy(&to->ca_file, from->ca_file) && copy(&to->proxy, from->proxy) &&
           copy(&to->user_agent, from->user_agent);
}

bool tn_transfer_environment_names_proxy(void) {
    static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
                                         "ALL_PROXY" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return true;
    }
    return false;
}

void tn_transfer_options_free(struct tn_transfer_options *options) {
    tn_wipe_free((char *)options->proxy); /* it may hold a password */
    free((char *)options->ca_file);
    free((char *)options->user_agent);
    options->ca_file = options->proxy = options->user_agent = NULL;
}
