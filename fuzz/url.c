/* URLs: a URL must be accepted exactly if it matches RFC 3986's grammar for http and https,
 * with valid hosts and ports, and with brackets allowed after the path. The parts must add up
 * to the URL, and a rejection must point at a position within it. The input is the URL. */
#define _GNU_SOURCE /* strncasecmp */
#include "pure/url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "patterns.h"
#include "support.h"

/* Steps over a part, which must come next in the text. */
static void follow(struct tn_span part, const char **at) {
    if (part.length == 0)
        return;
    TN_FUZZ_CHECK(part.text == *at);
    *at += part.length;
}

static void step(char expected, const char **at) {
    TN_FUZZ_CHECK(**at == expected);
    ++*at;
}

static void check_parts(const char *text, size_t length, const struct tn_url *url) {
    const char *at = text, *end = text + length;
    at += url->is_https ? strlen("https://") : strlen("http://");
    TN_FUZZ_CHECK(strncasecmp(text, url->is_https ? "https" : "http:", 5) == 0);
    TN_FUZZ_CHECK(url->host.length > 0);
    bool bracket = url->host.text[-1] == '[';
    if (url->has_user_info) {
        at = url->host.text - bracket - 1;
        step('@', &at);
    }
    if (bracket)
        step('[', &at);
    follow(url->host, &at);
    if (bracket)
        step(']', &at);
    if (url->port.length > 0)
        step(':', &at);
    follow(url->port, &at);
    follow(url->path, &at);
    follow(url->query, &at);
    TN_FUZZ_CHECK(at == end);
    TN_FUZZ_CHECK(url->path.length == 0 || url->path.text[0] == '/');
    TN_FUZZ_CHECK(url->query.length == 0 || strchr("?#", url->query.text[0]));
    TN_FUZZ_CHECK(!memchr(url->host.text, '@', (size_t)(end - url->host.text)) ||
                  url->path.length + url->query.length > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = tn_fuzz_copy(data, size);
    struct tn_url url;
    bool accepted = tn_url_parse(text, size, &url);
    TN_FUZZ_CHECK(accepted == tn_fuzz_fits(URL_PATTERN, text, size));
    TN_FUZZ_CHECK(accepted || !tn_url_is_plain(text, size));
    if (accepted)
        check_parts(text, size, &url);
    else
        TN_FUZZ_CHECK(url.at <= size && tn_url_problem_name(url.problem));
    if (!accepted && url.problem == TN_URL_ESCAPE)
        TN_FUZZ_CHECK(text[url.at] == '%');
    free(text);
    return 0;
}
