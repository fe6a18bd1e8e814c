/* Parses absolute http and https URLs (RFC 3986). Pure: no Lua, no libcurl. Used by
 * pure/param_check.c and by the binding. */
#ifndef TN_PURE_URL_H
#define TN_PURE_URL_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* A view of a part of the caller's text; owns nothing. */
struct tn_span {
    const char *text;
    size_t length;
};

/* Why a text is not a URL. */
enum tn_url_problem {
    TN_URL_CHARACTER, /* one that must be percent-encoded, or is not allowed there */
    TN_URL_ESCAPE,    /* a percent sign without two hex digits */
    TN_URL_SCHEME,
    TN_URL_HOST,
    TN_URL_PORT,
    TN_URL_PROBLEM_COUNT
};

struct tn_url {
    enum tn_url_problem problem; /* set if the text is rejected: the problem, */
    size_t at;                   /* and its offset */
    bool is_https;
    bool has_user_info;
    struct tn_span host;  /* without the brackets of an IPv6 address */
    struct tn_span port;  /* empty if not given */
    struct tn_span path;  /* empty or from the first slash to the end of the path */
    struct tn_span query; /* query and fragment with their ? and #, or empty */
};

/* Parses an absolute http(s) URL; false if `text` is not one. Characters that RFC 3986 requires
 * to be percent-encoded (spaces, controls, anything beyond ASCII) are rejected, except for
 * brackets in a query, which Twilio's own pages, WHATWG and browsers use. */
bool tn_url_parse(const char *text, size_t length, struct tn_url *url);

/* Whether a URL is https://host/... and contains only characters that are valid anywhere. Most
 * URLs are, and need no tn_url_parse() to be known valid. */
bool tn_url_is_plain(const char *text, size_t length);

/* The name of a problem, such as "character". */
const char *tn_url_problem_name(enum tn_url_problem problem);

#pragma GCC visibility pop

#endif
