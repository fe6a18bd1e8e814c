/* The header lines of every request, including the credentials. Reference-counted: requests in
 * flight outlive a change of credentials, and belong to another thread. Knows no Lua. Used by
 * transfer.c, io/job.c and the binding. */
#ifndef TN_HTTP_AUTH_HEADERS_H
#define TN_HTTP_AUTH_HEADERS_H

#pragma GCC visibility push(hidden)

struct curl_slist;
struct tn_auth_headers;

/* Makes the lines, with one reference, from the value of an Authorization header. NULL if there
 * is no memory. */
struct tn_auth_headers *tn_auth_headers_new(const char *authorization);

/* Adds a reference, which the caller must release. Safe in any thread; NULL is allowed. */
struct tn_auth_headers *tn_auth_headers_share(struct tn_auth_headers *headers);

/* Drops a reference; the last one wipes the secrets and frees them. Safe in any thread; NULL is
 * allowed. */
void tn_auth_headers_release(struct tn_auth_headers *headers);

/* Returns "Name: value", to be free()d by the caller; NULL if there is no memory. */
char *tn_auth_headers_line(const char *name, const char *value);

/* The lines for libcurl; NULL for NULL. */
struct curl_slist *tn_auth_headers_lines(const struct tn_auth_headers *headers);

#pragma GCC visibility pop

#endif
