/* See pure/url.h. */
#define _POSIX_C_SOURCE 200809L
#include "pure/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "pure/ascii.h"

enum { PORT_MAX = 65535, PORT_DIGITS_MAX = 5 };

/* RFC 3986: the characters of a URL, which are the printable ones except "<>\^`{|}, and the
 * characters of a host name. */
static const struct tn_ascii_set in_url = {
    .low = UINT64_C(0xFFFFFFFF00000000) &
           ~(TN_ASCII_BIT(' ') | TN_ASCII_BIT('"') | TN_ASCII_BIT('<') | TN_ASCII_BIT('>')),
    .high = TN_ASCII_LETTERS | TN_ASCII_BIT('@') | TN_ASCII_BIT('[') | TN_ASCII_BIT(']') |
            TN_ASCII_BIT('_') | TN_ASCII_BIT('~'),
};
static const struct tn_ascii_set in_host = {
    .low = TN_ASCII_DIGITS | TN_ASCII_BIT('-') | TN_ASCII_BIT('.'),
    .high = TN_ASCII_LETTERS | TN_ASCII_BIT('_') | TN_ASCII_BIT('~'),
};

static const char *const problem_names[TN_URL_PROBLEM_COUNT] = {
    [TN_URL_CHARACTER] = "character", [TN_URL_ESCAPE] = "escape", [TN_URL_SCHEME] = "scheme",
    [TN_URL_HOST] = "host",           [TN_URL_PORT] = "port",
};

const char *tn_url_problem_name(enum tn_url_problem problem) {
    return problem_names[problem];
}

/* The characters of a path and query that need no further check, in any position. */
static const struct tn_ascii_set in_plain_rest = {
    .low = TN_ASCII_DIGITS | TN_ASCII_BIT('-') | TN_ASCII_BIT('.') | TN_ASCII_BIT('/') |
           TN_ASCII_BIT('?') | TN_ASCII_BIT('&') | TN_ASCII_BIT('='),
    .high = TN_ASCII_LETTERS | TN_ASCII_BIT('_') | TN_ASCII_BIT('~'),
};

static bool refuse(struct tn_url *url, enum tn_url_problem problem, size_t at) {
    url->problem = problem;
    url->at = at;
    return false;
}

/* The first character of a span that is not in a set; the end if there is none. */
static const char *find_other(struct tn_span span, struct tn_ascii_set set) {
    size_t i = 0;
    while (i < span.length && tn_ascii_has(set, span.text[i]))
        i++;
    return span.text + i;
}

/* The first percent sign that two hex digits do not follow; the end if there is none. */
static const char *find_broken_escape(struct tn_span span) {
    const char *at = span.text, *end = span.text + span.length;
    while (at < end && (at = memchr(at, '%', (size_t)(end - at)))) {
        if (end - at < 3 || !tn_is_hex_digit(at[1]) || !tn_is_hex_digit(at[2]))
            return at;
        at += 3;
    }
    return end;
}

/* Removes a prefix from the rest, ignoring the case of ASCII letters; false if it has another
 * one. */
static bool take_prefix(struct tn_span *rest, const char *prefix) {
    size_t length = strlen(prefix);
    if (rest->length < length)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = rest->text[i];
        if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != prefix[i])
            return false;
    }
    rest->text += length;
    rest->length -= length;
    return true;
}

/* Removes from the rest, and returns, everything before the first of three characters. */
static struct tn_span take_until(struct tn_span *rest, char a, char b, char c) {
    struct tn_span taken = { rest->text, 0 };
    for (; taken.length < rest->length; taken.length++) {
        char next = rest->text[taken.length];
        if (next == a || next == b || next == c)
            break;
    }
    rest->text += taken.length;
    rest->length -= taken.length;
    return taken;
}

/* The first bracket of a span; NULL if there is none. */
static const char *find_bracket(struct tn_span span) {
    for (size_t i = 0; i < span.length; i++)
        if (span.text[i] == '[' || span.text[i] == ']')
            return span.text + i;
    return NULL;
}

static bool is_port(struct tn_span port) {
    unsigned long value = 0;
    for (size_t i = 0; i < port.length; i++) {
        if (port.text[i] < '0' || port.text[i] > '9')
            return false;
        value = value * 10 + (unsigned long)(port.text[i] - '0');
    }
    return port.length > 0 && port.length <= PORT_DIGITS_MAX && value > 0 && value <= PORT_MAX;
}

static bool is_ipv6_address(struct tn_span host) {
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (host.length >= sizeof text)
        return false;
    memcpy(text, host.text, host.length);
    text[host.length] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* host = name | "[" IPv6 address "]" */
static bool parse_host(struct tn_span *authority, struct tn_url *url) {
    if (authority->length == 0 || authority->text[0] != '[') {
        url->host = take_until(authority, ':', ':', ':');
        return url->host.length > 0 &&
               find_other(url->host, in_host) == url->host.text + url->host.length;
    }
    authority->text++;
    authority->length--;
    url->host = take_until(authority, ']', ']', ']');
    if (authority->length == 0 || !is_ipv6_address(url->host))
        return false;
    authority->text++;
    authority->length--;
    return authority->length == 0 || authority->text[0] == ':';
}

/* authority = [ user info "@" ] host [ ":" port ]; the last @ ends the user info, as in
 * WHATWG's standard. */
static bool parse_authority(const char *text, struct tn_span authority, struct tn_url *url) {
    for (size_t i = authority.length; i > 0; i--) {
        if (authority.text[i - 1] != '@')
            continue;
        const char *bracket = find_bracket((struct tn_span){ authority.text, i });
        url->has_user_info = true;
        if (bracket)
            return refuse(url, TN_URL_CHARACTER, (size_t)(bracket - text));
        authority.text += i;
        authority.length -= i;
        break;
    }
    size_t host_at = (size_t)(authority.text - text);
    if (!parse_host(&authority, url))
        return refuse(url, TN_URL_HOST, host_at);
    if (authority.length == 0)
        return true;
    url->port = (struct tn_span){ authority.text + 1, authority.length - 1 };
    return is_port(url->port) || refuse(url, TN_URL_PORT, (size_t)(url->port.text - text));
}

bool tn_url_is_plain(const char *text, size_t length) {
    struct tn_span rest = { text, length };
    const char *end = text + length;
    if (!take_prefix(&rest, "https://"))
        return false;
    const char *path = find_other(rest, in_host);
    if (path == rest.text || path == end || *path != '/')
        return false;
    return find_other((struct tn_span){ path, (size_t)(end - path) }, in_plain_rest) == end;
}

bool tn_url_parse(const char *text, size_t length, struct tn_url *url) {
    struct tn_span all = { text, length }, rest = all;
    *url = (struct tn_url){ .is_https = false };
    url->is_https = take_prefix(&rest, "https://");
    if (!url->is_https && !take_prefix(&rest, "http://"))
        return refuse(url, TN_URL_SCHEME, 0);
    size_t other = (size_t)(find_other(all, in_url) - text);
    if (other < length)
        return refuse(url, TN_URL_CHARACTER, other);
    size_t escape = (size_t)(find_broken_escape(all) - text);
    if (escape < length)
        return refuse(url, TN_URL_ESCAPE, escape);
    if (!parse_authority(text, take_until(&rest, '/', '?', '#'), url))
        return false;
    url->path = take_until(&rest, '?', '#', '#');
    url->query = rest;
    const char *wrong = find_bracket(url->path);
    take_until(&rest, '#', '#', '#'); /* one # starts the fragment */
    if (!wrong && rest.length > 1) {
        struct tn_span fragment = { rest.text + 1, rest.length - 1 };
        wrong = memchr(fragment.text, '#', fragment.length);
        wrong = wrong ? wrong : find_bracket(fragment);
    }
    return !wrong || refuse(url, TN_URL_CHARACTER, (size_t)(wrong - text));
}
