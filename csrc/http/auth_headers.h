/* The header lines that go with every request; they hold the credentials. Shared and counted:
 * requests in flight outlive a change of credentials, and belong to another thread. Knows no
 * Lua. Used by transfer.c, io_thread.c and the binding. */
#ifndef TN_HTTP_AUTH_HEADERS_H
#define TN_HTTP_AUTH_HEADERS_H

#pragma GCC visibility push(hidden)

struct curl_slist;
struct tn_auth_headers;

/* Makes the lines for the value of an Authorization header, with one owner; NULL if there is no
 * memory. */
struct tn_auth_headers *tn_auth_headers_new(const char *authorization);

/* One more owner, who releases them; nothing for NULL. Safe in any thread. */
struct tn_auth_headers *tn_auth_headers_share(struct tn_auth_headers *headers);

/* One owner fewer; the last one wipes the secrets and frees. Safe in any thread, and for NULL.
 */
void tn_auth_headers_release(struct tn_auth_headers *headers);

/* "Name: value", for who free()s it; NULL if there is no memory. */
char *tn_auth_headers_line(const char *name, const char *value);

/* For libcurl; NULL for NULL. */
struct curl_slist *tn_auth_headers_lines(const struct tn_auth_headers *headers);

#pragma GCC visibility pop

#endif
