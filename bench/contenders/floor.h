/* Shared by the two floors: an easy handle that sends the order's bytes and only checks the
 * status of the response. The bytes are in the environment: REQUEST_PATH, AUTHORIZATION and
 * FORM. With CHEAPEST in the environment, libcurl is used in its cheapest way: it parses the
 * URL once, has the agent as a header line, and does not look for a proxy at each request. */
#include "program.h"

#define AGENT "twilio-numbers/1.0.0 (Linux x86_64) Lua/5.4 libcurl"

static struct curl_slist *headers;
static CURLU *parsed_url; /* NULL: libcurl parses it at each request */

static size_t take(char *bytes, size_t size, size_t count, void *user) {
    (void)bytes, (void)user;
    return size * count;
}

/* Shared by all handles. `forget` frees it, after them. */
static void prepare(const char *url) {
    char line[512];
    (void)snprintf(line, sizeof line, "Authorization: %s", variable("AUTHORIZATION"));
    headers = curl_slist_append(NULL, line);
    headers = curl_slist_append(headers, "Accept: application/json");
    headers = curl_slist_append(headers, "Expect:");
    if (!getenv("CHEAPEST"))
        return;
    headers = curl_slist_append(headers, "User-Agent: " AGENT);
    parsed_url = curl_url();
    curl_url_set(parsed_url, CURLUPART_URL, url, 0);
}

static void forget(void) {
    curl_slist_free_all(headers);
    curl_url_cleanup(parsed_url);
}

static CURL *new_easy(const struct arguments *order) {
    CURL *easy = curl_easy_init();
    char url[512];
    (void)snprintf(url, sizeof url, "%s%s", order->url, variable("REQUEST_PATH"));
    if (!headers)
        prepare(url);
    set_connection(easy, order);
    if (parsed_url) {
        curl_easy_setopt(easy, CURLOPT_CURLU, parsed_url);
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    } else {
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_USERAGENT, AGENT);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, variable("FORM"));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    return easy;
}
