/* What a libcurl handle is told once, whatever it is used for: what is safe, whom to trust,
 * which HTTP. Knows no Lua. Used by exchange.c. */
#ifndef TN_HANDLE_H
#define TN_HANDLE_H

#include <curl/curl.h>

#include "exchange.h"
#include "trust.h"

/* Sets everything that no request changes. Says in *trust how much the handle trusts. */
CURLcode tn_handle_configure(CURL *easy, const struct tn_exchange_options *options,
                             enum tn_trust *trust);

/* Some libcurls read freed memory if the first header of an answer is folded, that is, begins
 * with a blank, and the handle had an answer before. With them, such a blank is replaced.
 * *has_header: whether a header was seen; to be set to false before each request. */
CURLcode tn_handle_guard_folding(CURL *easy, bool *has_header);

/* Sets an option if all before it were set: wants a CURL *easy and a CURLcode code in scope. */
#define TN_SET(option, value)                                                                  \
    do {                                                                                       \
        if (code == CURLE_OK)                                                                  \
            code = curl_easy_setopt(easy, option, value);                                      \
    } while (0)

#endif
