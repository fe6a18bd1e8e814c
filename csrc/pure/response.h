/* What a server sent, as it comes in: the status line, the few headers that matter, the body
 * and the JSON in it, all within limits. Pure: no Lua, no libcurl, no I/O. Used by transfer.c.
 */
#ifndef TN_PURE_RESPONSE_H
#define TN_PURE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "pure/json.h"

#pragma GCC visibility push(hidden)

/* Limits: more is an error, never memory. A number has some 1,400 bytes, and a page has 1,000.
 */
#define TN_RESPONSE_NUMBER_MAX ((size_t)64 << 10)
#define TN_RESPONSE_PAGE_MAX ((size_t)4 << 20)
#define TN_RESPONSE_HEADERS_MAX ((size_t)64 << 10)
#define TN_HEADER_VALUE_MAX 128

/* The headers that are kept; tn_header_name() gives their names in small letters. */
enum tn_header {
    TN_CONTENT_TYPE,
    TN_DATE,
    TN_RETRY_AFTER,
    TN_TWILIO_REQUEST_ID,
    TN_HEADER_COUNT
};

struct tn_response {
    bool head_complete;   /* the empty line after the last head was seen */
    long status;          /* of the last final status line seen, or 0 */
    size_t headers_bytes; /* of all headers together */
    char headers[TN_HEADER_COUNT]
                [TN_HEADER_VALUE_MAX]; /* empty if absent, or longer than that */
    char *body;                        /* malloc()ed and kept from one response to the next */
    size_t body_length, body_capacity, body_max;
    struct tn_json_token *tokens; /* the same, with room for what the body can have */
    size_t tokens_at_most, tokens_capacity;
    struct tn_json_result json;    /* what the body was read as */
    bool out_of_memory, too_large; /* why a function below returned false */
};

/* Forgets the last response; a zeroed struct is a forgotten one. Keeps the room of its body.
 * The next one may have a body of so many bytes. */
void tn_response_reset(struct tn_response *response, size_t body_max);
void tn_response_free(struct tn_response *response);

/* Takes one line of the head: a status line or a header, with its line end. */
bool tn_response_add_head(struct tn_response *response, const char *line, size_t length);

/* Sets a header; a value that is too long is left out. */
void tn_response_set_header(struct tn_response *response, enum tn_header header,
                            const char *value, size_t length);

/* Takes a part of the body, and makes room for its tokens: reading them later cannot fail. */
bool tn_response_add_body(struct tn_response *response, const char *bytes, size_t length);

/* Reads the JSON of a body that has come as far as it comes. */
void tn_response_read_json(struct tn_response *response);

const char *tn_header_name(enum tn_header header);

#pragma GCC visibility pop

#endif
