/* The options of a transfer, which hold for all of its requests, and how they are copied.
 * Knows neither Lua nor libcurl. Used by transfer.c, easy.c, io/io_thread.c and io/multi.c. */
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
    bool plain;                 /* http instead of https, and no proxy: for loopback */
    bool direct;                /* no proxy: libcurl does not look for one at each request */
    bool all_trust;             /* load the whole trust store: the quick one was not enough */
    struct tn_sockets *sockets; /* of connections that a curl_multi shares; NULL: its own */
};

/* Copies the options and their strings, but shares the sockets. False if there is no memory;
 * either way the copy must be freed with tn_transfer_options_free(). */
bool tn_transfer_options_copy(struct tn_transfer_options *to,
                              const struct tn_transfer_options *from);
void tn_transfer_options_free(struct tn_transfer_options *options);

/* Whether a variable that libcurl reads for https names a proxy. (NO_PROXY is not asked.) */
bool tn_transfer_environment_names_proxy(void);

/* The name that Lua has for it, such as "1.1"; in easy.c. */
const char *tn_http_version_name(enum tn_http_version version);

#pragma GCC visibility pop

#endif
