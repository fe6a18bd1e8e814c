/* See url.h. */
#define _POSIX_C_SOURCE 200809L
#include "url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "ascii.h"

enum { PORT_MAX = 65535, PORT_DIGITS_MAX = 5 };

/* RFC 3986: what a URL may hold, which is all that is printed but "<>\^`{|}, and a name. */
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

static bool has_only(struct tn_span span, struct tn_ascii_set set) {
    for (size_t i = 0; i < span.length; i++)
        if (!tn_ascii_has(set, span.text[i]))
            return false;
    return true;
}

/* Whether two hex digits follow each percent sign. */
static bool has_whole_escapes(struct tn_span span) {
    const char *at = span.text, *end = span.text + span.length;
    while (at < end && (at = memchr(at, '%', (size_t)(end - at)))) {
        if (end - at < 3 || !tn_is_hex_digit(at[1]) || !tn_is_hex_digit(at[2]))
            return false;
        at += 3;
    }
    return true;
}

/* Cuts a prefix off the rest, ignoring the case of ASCII letters. */
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

/* Cuts off the rest everything before the first of three characters. */
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

static bool has_bracket(struct tn_span span) {
    return memchr(span.text, '[', span.length) || memchr(span.text, ']', span.length);
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

/* authority = [ user info "@" ] host [ ":" port ]; the last @ ends the user info. */
static bool parse_authority(struct tn_span authority, struct tn_url *url) {
    for (size_t i = authority.length; i > 0; i--) {
        if (authority.text[i - 1] != '@')
            continue;
        url->has_user_info = true;
        if (has_bracket((struct tn_span){ authority.text, i }))
            return false;
        authority.text += i;
        authority.length -= i;
        break;
    }
    if (authority.length > 0 && authority.text[0] == '[') {
        authority.text++;
        authority.length--;
        url->host = take_until(&authority, ']', ']', ']');
        if (!is_ipv6_address(url->host) || authority.length == 0)
            return false;
        authority.text++;
        authority.length--;
    } else {
        url->host = take_until(&authority, ':', ':', ':');
        if (url->host.length == 0 || !has_only(url->host, in_host))
            return false;
    }
    if (authority.length == 0)
        return true;
    url->port = (struct tn_span){ authority.text + 1, authority.length - 1 };
    return authority.text[0] == ':' && is_port(url->port);
}

bool tn_url_parse(const char *text, size_t length, struct tn_url *url) {
    struct tn_span rest = { text, length };
    *url = (struct tn_url){ .is_https = false };
    if (!has_only(rest, in_url) || !has_whole_escapes(rest))
        return false;
    url->is_https = take_prefix(&rest, "https://");
    if (!url->is_https && !take_prefix(&rest, "http://"))
        return false;
    if (!parse_authority(take_until(&rest, '/', '?', '#'), url))
        return false;
    url->path = take_until(&rest, '?', '#', '#');
    url->query = rest;
    /* brackets belong to an IPv6 address, and one # begins the fragment */
    take_until(&rest, '#', '#', '#');
    bool second = rest.length > 1 && memchr(rest.text + 1, '#', rest.length - 1);
    return !second && !has_bracket(url->path) && !has_bracket(url->query);
}
