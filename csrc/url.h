/* Absolute http and https URLs (RFC 3986): is this one, and what are its parts?
 * Pure: no Lua, no libcurl. Used by params.c and by the binding. */
#ifndef TN_URL_H
#define TN_URL_H

#include <stdbool.h>
#include <stddef.h>

/* A part of somebody else's text: a view that owns nothing. */
struct tn_span {
    const char *text;
    size_t length;
};

struct tn_url {
    bool is_https;
    bool has_user_info;
    struct tn_span host;  /* without the brackets of an IPv6 address */
    struct tn_span port;  /* empty if not given */
    struct tn_span path;  /* empty or from the first slash to the end of the path */
    struct tn_span query; /* query and fragment with their signs; empty if there are none */
};

/* Takes an absolute http(s) URL apart; false if `text` is not one. Characters that a URL may
 * not hold (spaces, controls, anything beyond ASCII: RFC 3986 wants them percent-encoded) are
 * refused. */
bool tn_url_parse(const char *text, size_t length, struct tn_url *url);

#endif
