/* Absolute http and https URLs (RFC 3986): is this one, and what are its parts?
 * Pure: no Lua, no libcurl. Used by pure/params.c and by the binding. */
#ifndef TN_PURE_URL_H
#define TN_PURE_URL_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* A part of somebody else's text: a view that owns nothing. */
struct tn_span {
    const char *text;
    size_t length;
};

/* Why a text is no URL. */
enum tn_url_problem {
    TN_URL_CHARACTER, /* one that must be percent-encoded, or stands where it cannot */
    TN_URL_ESCAPE,    /* a percent sign without two hex digits */
    TN_URL_SCHEME,
    TN_URL_HOST,
    TN_URL_PORT,
    TN_URL_PROBLEM_COUNT
};

struct tn_url {
    enum tn_url_problem problem; /* these two where the text was refused: what is wrong, */
    size_t at;                   /* and where it begins */
    bool is_https;
    bool has_user_info;
    struct tn_span host;  /* without the brackets of an IPv6 address */
    struct tn_span port;  /* empty if not given */
    struct tn_span path;  /* empty or from the first slash to the end of the path */
    struct tn_span query; /* query and fragment with their signs; empty if there are none */
};

/* Takes an absolute http(s) URL apart; false if `text` is not one. Characters that a URL may
 * not hold (spaces, controls, anything beyond ASCII: RFC 3986 wants them percent-encoded) are
 * refused; brackets in a query are not, as Twilio's own pages, WHATWG and browsers have them.
 */
bool tn_url_parse(const char *text, size_t length, struct tn_url *url);

/* Whether a URL is https://host/..., all of it characters that mean the same wherever they
 * stand: most are, and need no tn_url_parse() where only their validity counts. */
bool tn_url_is_plain(const char *text, size_t length);

/* The name of a problem, such as "character". */
const char *tn_url_problem_name(enum tn_url_problem problem);

#pragma GCC visibility pop

#endif
