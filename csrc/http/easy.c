/* See http/easy.h. */
#define CURL_DISABLE_DEPRECATION /* older options stand in for newer ones */
#define _DEFAULT_SOURCE
#include "http/easy.h"

#include <sys/socket.h>

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    long curl_value;
} http_versions[TN_HTTP_VERSION_COUNT] = {
    [TN_HTTP_1_1] = { "1.1", CURL_HTTP_VERSION_1_1 },
    [TN_HTTP_2] = { "2", CURL_HTTP_VERSION_2TLS },
    [TN_HTTP_2_PRIOR_KNOWLEDGE] = { "2-prior-knowledge", CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE },
};

const char *tn_http_version_name(enum tn_http_version version) {
    return http_versions[version].name;
}

/* libcurl at run time may be older than the headers at build time. */
static CURLcode restrict_protocol(CURL *easy, bool plain) {
    CURLcode code = CURLE_UNKNOWN_OPTION;
#if LIBCURL_VERSION_NUM >= 0x075500
    code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    TN_SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
#endif
    if (code != CURLE_UNKNOWN_OPTION)
        return code;
    code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                            plain ? (long)CURLPROTO_HTTP : (long)CURLPROTO_HTTPS);
    TN_SET(CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
    return code;
}

/* Most of these are libcurl's defaults, set explicitly because safety depends on them. */
static CURLcode make_safe(CURL *easy, const struct tn_transfer_options *options) {
    CURLcode code = restrict_protocol(easy, options->plain);
    TN_SET(CURLOPT_FOLLOWLOCATION, 0L);
    TN_SET(CURLOPT_SSL_VERIFYPEER, 1L);
    TN_SET(CURLOPT_SSL_VERIFYHOST, 2L);
    TN_SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    TN_SET(CURLOPT_PROXY_SSL_VERIFYPEER, 1L); /* the proxy receives its password */
    TN_SET(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    TN_SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    TN_SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    TN_SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE); /* a proxy never sees Authorization */
    TN_SET(CURLOPT_SUPPRESS_CONNECT_HEADERS,
           1L);                                /* a proxy's headers never pass for Twilio's */
    TN_SET(CURLOPT_HTTP_CONTENT_DECODING, 0L); /* no decompression, so no zip bombs */
    TN_SET(CURLOPT_NOSIGNAL, 1L);
    TN_SET(CURLOPT_MAXAGE_CONN, (long)TN_IDLE_CONNECTION_MAX);
    TN_SET(CURLOPT_TCP_KEEPALIVE, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* closing does not wait for a name server, if this libcurl can avoid it */
    if (code == CURLE_OK)
        curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    return code;
}

/* Falls back to HTTP/1.1 if libcurl was built without HTTP/2. */
static CURLcode set_http_version(CURL *easy, enum tn_http_version version) {
    CURLcode code =
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, http_versions[version].curl_value);
    if (code == CURLE_UNSUPPORTED_PROTOCOL && version == TN_HTTP_2)
        code =
            curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, http_versions[TN_HTTP_1_1].curl_value);
    return code;
}

bool tn_easy_is_status_line(const char *line, size_t length) {
    return length >= 5 && strncasecmp(line, "HTTP/", 5) == 0;
}

/* CURLOPT_DEBUGFUNCTION, called with each header line before libcurl stores it. Overwrites the
 * leading blank of a folded first line, which would make libcurl look for the header before it.
 */
static int on_line(CURL *easy, curl_infotype type, char *line, size_t length, void *user) {
    struct tn_line_guard *guard = user;
    if (type != CURLINFO_HEADER_IN || length == 0 || guard->has_header)
        return 0;
    if (line[0] == ' ' || line[0] == '\t')
        line[0] = '_';
    if (tn_easy_is_status_line(line, length) || line[0] == '\r' || line[0] == '\n')
        return 0;
    guard->has_header = true;
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 0L);
    return 0;
}

/* Versions with the bug, from 7.83, which first stored headers, to before 8.1.1:
 * https://github.com/curl/curl/issues/11101 */
enum { STORES_HEADERS = 0x075300, FORGETS_HEADERS = 0x080101 };

CURLcode tn_easy_guard_lines(CURL *easy, struct tn_line_guard *guard) {
    unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
    CURLcode code = CURLE_OK;
    guard->is_needed = version >= STORES_HEADERS && version < FORGETS_HEADERS;
    if (!guard->is_needed)
        return code;
    TN_SET(CURLOPT_DEBUGFUNCTION, on_line);
    TN_SET(CURLOPT_DEBUGDATA, guard);
    return code;
}

void tn_easy_expect_lines(CURL *easy, struct tn_line_guard *guard) {
    guard->has_header = false;
    if (guard->is_needed)
        curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

enum { SENDS_FOR_TLS = 0x075700 };

bool tn_easy_may_raise_sigpipe(void) {
#if defined(MSG_NOSIGNAL)
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    const char *tls = info->ssl_version ? info->ssl_version : "";
    bool is_known = strncmp(tls, "OpenSSL/", 8) == 0 || strncmp(tls, "GnuTLS/", 7) == 0;
    return info->version_num < SENDS_FOR_TLS || !is_known || info->ares;
#else
    return true;
#endif
}

/* Whether requests may share a connection. */
static bool may_share(const struct tn_transfer_options *options) {
    return options->http_version == TN_HTTP_2_PRIOR_KNOWLEDGE ||
           (options->http_version == TN_HTTP_2 && !options->plain);
}

CURLcode tn_easy_configure(CURL *easy, const struct tn_transfer_options *options,
                           struct tn_sockets *sockets, enum tn_ca_store *trust) {
    CURLcode code = make_safe(easy, options);
    if (code == CURLE_OK)
        code = tn_ca_store_set(easy, options->ca_file, options->all_trust, trust);
    if (code == CURLE_OK)
        code = set_http_version(easy, options->http_version);
    /* Prefer to share a connection that is still being opened. But where none can be shared,
     * libcurl may wait for ever for one whose first request failed. */
    if (may_share(options))
        TN_SET(CURLOPT_PIPEWAIT, 1L);
    if (code == CURLE_OK)
        code = tn_sockets_attach(easy, sockets);
    if (options->proxy)
        TN_SET(CURLOPT_PROXY, options->proxy);
    if (options->plain || options->direct)
        TN_SET(CURLOPT_NOPROXY, "*");
    return code;
}
