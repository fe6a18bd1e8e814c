/* What a libcurl handle is told once, whatever it is used for: what is safe, whom to trust,
 * which HTTP. Knows no Lua. Used by transfer.c. */
#ifndef TN_HTTP_EASY_H
#define TN_HTTP_EASY_H

#include "http/libcurl.h"
#include "http/transfer.h"
#include "http/sockets.h"
#include "http/ca_store.h"

#pragma GCC visibility push(hidden)

/* Sets everything that no request changes. Says in *trust how much the handle trusts. */
CURLcode tn_easy_configure(CURL *easy, const struct tn_transfer_options *options,
                           struct tn_sockets *sockets, enum tn_ca_store *trust);

/* Some libcurls read freed memory if the first header of a response is folded, that is, begins
 * with a blank, and the handle had a response before. With them, such a blank is replaced: set
 * up once for a handle, and told when a response may come. Until its first header libcurl is
 * verbose, to a function that only looks for that. */
struct tn_line_guard {
    bool is_needed, has_header;
};
CURLcode tn_easy_guard_lines(CURL *easy, struct tn_line_guard *guard);
void tn_easy_expect_lines(CURL *easy, struct tn_line_guard *guard);

/* Whether a send of this libcurl may raise SIGPIPE. From 7.87 on it writes for OpenSSL itself,
 * with MSG_NOSIGNAL as everywhere; other TLS libraries and c-ares write as they like. */
bool tn_easy_may_raise_sigpipe(void);

/* Sets an option if all before it were set: wants a CURL *easy and a CURLcode code in scope. */
#define TN_SET(option, value)                                                                  \
    do {                                                                                       \
        if (code == CURLE_OK)                                                                  \
            code = curl_easy_setopt(easy, option, value);                                      \
    } while (0)

#pragma GCC visibility pop

#endif
