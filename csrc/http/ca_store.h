/* Which certificates libcurl trusts, and what loading them costs. Knows no Lua. Used by easy.c
 * and transfer.c.
 *
 * Debian's libcurl reads both a bundle (142 roots: 23 to 43 ms, again for every connection,
 * since its CA cache does not work beside a directory) and a directory of hashed names (4 ms,
 * since only the root that is needed is read). Both must count: administrators add roots to
 * either. */
#ifndef TN_HTTP_CA_STORE_H
#define TN_HTTP_CA_STORE_H

#include <stdbool.h>

#include "http/libcurl.h"

#pragma GCC visibility push(hidden)

/* How much of the trust store a handle uses. */
enum tn_ca_store {
    TN_CA_STORE_NAMED,  /* one file, named by the user */
    TN_CA_STORE_HASHED, /* only the directory, which is quick; widened if the root is not there
                         */
    TN_CA_STORE_COMPLETE, /* everything that libcurl trusts by default */
};

/* Sets the handle's trust store: `ca_file`, or the quickest of libcurl's defaults, or with
 * `all` the complete default. */
CURLcode tn_ca_store_set(CURL *easy, const char *ca_file, bool all, enum tn_ca_store *trust);

/* After a verification failure: widens the trust store; false if it was complete already. */
bool tn_ca_store_widen(CURL *easy, enum tn_ca_store *trust);

#pragma GCC visibility pop

#endif
