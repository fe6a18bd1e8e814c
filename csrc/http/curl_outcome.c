/* See http/curl_outcome.h. */
#include "http/curl_outcome.h"

#include <stddef.h>

#include "http/libcurl.h"

/* What libcurl's codes mean here. A code that is not in the table means TN_NETWORK if the
 * request was sent, else TN_CONNECT. Rows with TN_TLS or TN_CONNECT apply only if nothing was
 * sent. */
static const struct meaning {
    CURLcode code;
    enum tn_outcome outcome;
    bool permanent;
} meanings[] = {
    { CURLE_OK, TN_ANSWERED, false },
    { CURLE_OPERATION_TIMEDOUT, TN_TIMEOUT, false },
    { CURLE_SSL_CONNECT_ERROR, TN_TLS, false },
    { CURLE_PEER_FAILED_VERIFICATION, TN_TLS, true },
    { CURLE_SSL_CACERT_BADFILE, TN_TLS, true },
    { CURLE_SSL_CERTPROBLEM, TN_TLS, true },
    { CURLE_SSL_CIPHER, TN_TLS, true },
    { CURLE_SSL_ENGINE_INITFAILED, TN_TLS, true },
    { CURLE_SSL_ISSUER_ERROR, TN_TLS, true },
    { CURLE_USE_SSL_FAILED, TN_TLS, true },
    { CURLE_URL_MALFORMAT, TN_CONNECT, true },
    { CURLE_COULDNT_RESOLVE_PROXY, TN_CONNECT, false },
    { CURLE_UNSUPPORTED_PROTOCOL, TN_CONNECT, true },  /* a libcurl without TLS */
    { CURLE_UNSUPPORTED_PROTOCOL, TN_RESPONSE, true }, /* HTTP/0.9: a response without a head */
    { CURLE_WEIRD_SERVER_REPLY, TN_RESPONSE, false },
    { CURLE_BAD_CONTENT_ENCODING, TN_RESPONSE, false },
    { CURLE_WRITE_ERROR, TN_RESPONSE, false }, /* our own limits */
};

enum tn_outcome tn_outcome_of(int curl_code, bool sent, bool *permanent) {
    *permanent = false;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        const struct meaning *meaning = &meanings[i];
        bool only_before = meaning->outcome == TN_TLS || meaning->outcome == TN_CONNECT;
        if ((int)meaning->code != curl_code || (only_before && sent))
            continue;
        *permanent = meaning->permanent;
        return meaning->outcome;
    }
    return sent ? TN_NETWORK : TN_CONNECT;
}
