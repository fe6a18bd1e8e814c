/* An HTTP response as it arrives: the status line, the few headers that matter, the body and
 * the JSON in it, all within limits. Pure: no Lua, no libcurl, no I/O. Used by http, io and the
 * binding. */
#ifndef TN_PURE_RESPONSE_H
#define TN_PURE_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "pure/json.h"

#pragma GCC visibility push(hidden)

/* Limits: a larger response is an error, and takes no more memory. A number has about 1,400
 * bytes, and a page up to 1,000 numbers. */
#define TN_RESPONSE_NUMBER_MAX ((size_t)64 << 10)
#define TN_RESPONSE_PAGE_MAX ((size_t)4 << 20)
#define TN_RESPONSE_HEADERS_MAX ((size_t)64 << 10)
#define TN_HEADER_VALUE_MAX 128

/* The headers that are kept; tn_header_name() returns their names in lower case. */
enum tn_header {
    TN_CONTENT_TYPE,
    TN_DATE,
    TN_RETRY_AFTER,
    TN_TWILIO_REQUEST_ID,
    TN_HEADER_COUNT
};

struct tn_response {
    bool head_complete;   /* the empty line that ends the head was seen */
    long status;          /* of the last final status line seen, or 0 */
    size_t headers_bytes; /* of all headers together */
    char headers[TN_HEADER_COUNT][TN_HEADER_VALUE_MAX]; /* empty if absent or longer */
    char *body; /* malloc()ed; reused by the next response */
    size_t body_length, body_capacity, body_max;
    struct tn_json_token *tokens; /* likewise */
    size_t tokens_capacity;
    struct tn_json_result json;    /* the result of reading the body */
    bool out_of_memory, too_large; /* why a function below returned false */
};

/* Forgets the last response, but keeps its buffers; a zeroed struct is ready too. `body_max`:
 * the largest body of the next response, in bytes. */
void tn_response_reset(struct tn_response *response, size_t body_max);
void tn_response_free(struct tn_response *response);

/* Adds one line of the head: a status line or a header, with its line ending. */
bool tn_response_add_head(struct tn_response *response, const char *line, size_t length);

/* Sets a header; a value that is too long is dropped. */
void tn_response_set_header(struct tn_response *response, enum tn_header header,
                            const char *value, size_t length);

/* Appends to the body. */
bool tn_response_add_body(struct tn_response *response, const char *bytes, size_t length);

/* Reads the JSON of the body, once no more of it will arrive. */
bool tn_response_read_json(struct tn_response *response);

const char *tn_header_name(enum tn_header header);

#pragma GCC visibility pop

#endif
