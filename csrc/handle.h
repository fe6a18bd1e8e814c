/* What a libcurl handle is told once, whatever it is used for: what is safe, whom to trust,
 * which HTTP. Knows no Lua. Used by exchange.c. */
#ifndef TN_HANDLE_H
#define TN_HANDLE_H

#include <curl/curl.h>

#include "exchange.h"
#include "sockets.h"
#include "trust.h"

/* Sets everything that no request changes. Says in *trust how much the handle trusts. */
CURLcode tn_handle_configure(CURL *easy, const struct tn_exchange_options *options,
                             struct tn_sockets *sockets, enum tn_trust *trust);

/* Some libcurls read freed memory if the first header of an answer is folded, that is, begins
 * with a blank, and the handle had an answer before. With them, such a blank is replaced: set
 * up once for a handle, and told when an answer may come. Until its first header libcurl is
 * verbose, to a function that only looks for that. */
struct tn_line_guard {
    bool is_needed, has_header;
};
CURLcode tn_handle_guard_lines(CURL *easy, struct tn_line_guard *guard);
void tn_handle_expect_lines(CURL *easy, struct tn_line_guard *guard);

/* Sets an option if all before it were set: wants a CURL *easy and a CURLcode code in scope. */
#define TN_SET(option, value)                                                                  \
    do {                                                                                       \
        if (code == CURLE_OK)                                                                  \
            code = curl_easy_setopt(easy, option, value);                                      \
    } while (0)

#endif
