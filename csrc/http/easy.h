/* Sets up an easy handle once, for all of its requests: safety, trust, HTTP version. Knows no
 * Lua. Used by transfer.c. */
#ifndef TN_HTTP_EASY_H
#define TN_HTTP_EASY_H

#include "http/libcurl.h"
#include "http/transfer.h"
#include "http/sockets.h"
#include "http/ca_store.h"

#pragma GCC visibility push(hidden)

/* Sets all options that are the same for every request. *trust receives how much of the trust
 * store the handle uses. */
CURLcode tn_easy_configure(CURL *easy, const struct tn_transfer_options *options,
                           struct tn_sockets *sockets, enum tn_ca_store *trust);

/* Works around a use after free in some versions of libcurl: the first header of a response is
 * folded (starts with a blank), and the handle had a response before. The guard replaces such a
 * blank. tn_easy_guard_lines() sets it up, once for a handle; tn_easy_expect_lines() arms it
 * with each status line. It works through CURLOPT_VERBOSE, which is on until the first header:
 * earlier, libcurl would format a message for each header of an HTTP/2 request. */
struct tn_line_guard {
    bool is_needed, has_header;
};
CURLcode tn_easy_guard_lines(CURL *easy, struct tn_line_guard *guard);
void tn_easy_expect_lines(CURL *easy, struct tn_line_guard *guard);

/* Whether a line of a response's head is a status line, as libcurl sees it. */
bool tn_easy_is_status_line(const char *line, size_t length);

/* Whether a send by this libcurl may raise SIGPIPE. From 7.87 it writes for OpenSSL and GnuTLS
 * itself, with MSG_NOSIGNAL as everywhere else; other TLS libraries and c-ares may write
 * without it. */
bool tn_easy_may_raise_sigpipe(void);

/* Sets an option, unless an earlier one failed. Needs a CURL *easy and a CURLcode code in
 * scope. */
#define TN_SET(option, value)                                                                  \
    do {                                                                                       \
        if (code == CURLE_OK)                                                                  \
            code = curl_easy_setopt(easy, option, value);                                      \
    } while (0)

#pragma GCC visibility pop

#endif
