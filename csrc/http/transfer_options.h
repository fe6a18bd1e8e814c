/* The options of a transfer, which apply to all of its requests. Knows neither Lua nor libcurl.
 * Used by transfer.c, easy.c, io/io_thread.c and io/multi.c. */
#ifndef TN_HTTP_TRANSFER_OPTIONS_H
#define TN_HTTP_TRANSFER_OPTIONS_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

enum tn_http_version {
    TN_HTTP_1_1,
    TN_HTTP_2, /* by ALPN, else HTTP/1.1 */
    TN_HTTP_2_PRIOR_KNOWLEDGE,
    TN_HTTP_VERSION_COUNT
};

struct tn_sockets;

/* NULL: not set. */
struct tn_transfer_options {
    const char *ca_file; /* replaces the default trust store */
    const char *proxy;   /* NULL: libcurl reads the environment, unless `direct` */
    const char *user_agent;
    enum tn_http_version http_version;
    bool plain;     /* http instead of https, and no proxy: for loopback */
    bool direct;    /* no proxy: libcurl skips its lookup for each request */
    bool all_trust; /* load the complete trust store, since the quick one was not enough */
    struct tn_sockets
        *sockets; /* of a curl_multi's shared connections; NULL: the transfer's own */
};

/* Copies the options and their strings, but shares the sockets. False if there is no memory;
 * either way the copy must be freed with tn_transfer_options_free(). */
bool tn_transfer_options_copy(struct tn_transfer_options *to,
                              const struct tn_transfer_options *from);
void tn_transfer_options_free(struct tn_transfer_options *options);

/* Whether an environment variable that libcurl reads for https names a proxy. (Ignores
 * NO_PROXY.) */
bool tn_transfer_environment_names_proxy(void);

/* Lua's name of a version, such as "1.1"; in easy.c. */
const char *tn_http_version_name(enum tn_http_version version);

#pragma GCC visibility pop

#endif
