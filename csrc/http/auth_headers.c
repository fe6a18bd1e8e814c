/* See http/auth_headers.h. */
#include "http/auth_headers.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/libcurl.h"
#include "pure/wipe.h"

struct tn_auth_headers {
    atomic_uint owners;
    struct curl_slist *lines;
};

static bool append(struct tn_auth_headers *headers, const char *line) {
    struct curl_slist *longer = curl_slist_append(headers->lines, line);
    if (longer)
        headers->lines = longer;
    return longer != NULL;
}

char *tn_auth_headers_line(const char *name, const char *value) {
    size_t size = strlen(name) + strlen(value) + sizeof ": ";
    char *line = malloc(size);
    if (line)
        (void)snprintf(line, size, "%s: %s", name, value);
    return line;
}

struct tn_auth_headers *tn_auth_headers_new(const char *authorization) {
    struct tn_auth_headers *headers = calloc(1, sizeof *headers);
    if (!headers)
        return NULL;
    atomic_init(&headers->owners, 1);
    char *line = tn_auth_headers_line("Authorization", authorization);
    bool made = line && append(headers, line) && append(headers, "Accept: application/json") &&
                append(headers, "Expect:");
    tn_wipe_free(line);
    if (made)
        return headers;
    tn_auth_headers_release(headers);
    return NULL;
}

struct tn_auth_headers *tn_auth_headers_share(struct tn_auth_headers *headers) {
    if (headers)
        atomic_fetch_add(&headers->owners, 1);
    return headers;
}

void tn_auth_headers_release(struct tn_auth_headers *headers) {
    if (!headers || atomic_fetch_sub(&headers->owners, 1) > 1)
        return;
    /* libcurl frees the lines without wiping their text */
    for (struct curl_slist *line = headers->lines; line; line = line->next)
        tn_wipe(line->data, strlen(line->data));
    curl_slist_free_all(headers->lines);
    free(headers);
}

struct curl_slist *tn_auth_headers_lines(const struct tn_auth_headers *headers) {
    return headers ? headers->lines : NULL;
}
