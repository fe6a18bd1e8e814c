/* See response.h. */
#include "pure/response.h"

#include <stdlib.h>
#include <string.h>

enum {
    BODY_FIRST_CAPACITY = 4096,
    BODY_KEPT_CAPACITY = 64 << 10,
    TOKENS_FIRST_CAPACITY = 128, /* a number has about 80 */
    TOKENS_KEPT_CAPACITY = 4096,
    FIRST_FINAL_STATUS = 200
};

static const char *const header_names[TN_HEADER_COUNT] = {
    [TN_CONTENT_TYPE] = "content-type",
    [TN_DATE] = "date",
    [TN_RETRY_AFTER] = "retry-after",
    [TN_TWILIO_REQUEST_ID] = "twilio-request-id",
};

const char *tn_header_name(enum tn_header header) {
    return header_names[header];
}

static void forget_head(struct tn_response *response) {
    response->status = 0;
    response->head_complete = false;
    for (int i = 0; i < TN_HEADER_COUNT; i++)
        response->headers[i][0] = '\0';
}

void tn_response_reset(struct tn_response *response, size_t body_max) {
    forget_head(response);
    response->headers_bytes = 0;
    response->body_length = 0;
    response->body_max = body_max;
    response->json = (struct tn_json_result){ .problem = TN_JSON_OK };
    response->out_of_memory = response->too_large = false;
    if (response->body_capacity > BODY_KEPT_CAPACITY ||
        response->tokens_capacity > TOKENS_KEPT_CAPACITY)
        tn_response_free(response);
}

void tn_response_free(struct tn_response *response) {
    free(response->body);
    free(response->tokens);
    response->body = NULL;
    response->tokens = NULL;
    response->body_length = response->body_capacity = 0;
    response->tokens_capacity = 0;
    response->json = (struct tn_json_result){ .problem = TN_JSON_OK };
}

/* The three digits of "HTTP/1.1 201 Created" or "HTTP/2 201", or 0. Digits or letters right
 * after them make the status invalid. */
static long parse_status(const char *line, size_t length) {
    const char *space = memchr(line, ' ', length);
    if (!space || length - (size_t)(space - line) < sizeof " 201")
        return 0;
    if (space[4] != ' ' && space[4] != '\r' && space[4] != '\n')
        return 0;
    long status = 0;
    for (int i = 1; i <= 3; i++) {
        if (space[i] < '0' || space[i] > '9')
            return 0;
        status = status * 10 + (space[i] - '0');
    }
    return status;
}

static bool is_named(const char *line, size_t length, const char *name) {
    size_t i = 0;
    for (; name[i]; i++) {
        if (i >= length)
            return false;
        char c = line[i];
        if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != name[i])
            return false;
    }
    return i < length && line[i] == ':';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Copies the value after the colon, trimmed. A value that is too long is dropped: truncated, it
 * could end in part of a secret, which redaction would not recognize. */
static void keep_value(char kept[TN_HEADER_VALUE_MAX], const char *value, size_t length) {
    while (length > 0 && is_blank(value[0])) {
        value++;
        length--;
    }
    while (length > 0 && is_blank(value[length - 1]))
        length--;
    if (length >= TN_HEADER_VALUE_MAX)
        length = 0;
    memcpy(kept, value, length);
    kept[length] = '\0';
}

void tn_response_set_header(struct tn_response *response, enum tn_header header,
                            const char *value, size_t length) {
    keep_value(response->headers[header], value, length);
}

bool tn_response_add_head(struct tn_response *response, const char *line, size_t length) {
    if (length > TN_RESPONSE_HEADERS_MAX - response->headers_bytes) {
        response->too_large = true;
        return false;
    }
    response->headers_bytes += length;
    /* after a final status, such a line is a trailer and changes nothing */
    if (response->status == 0 && length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        long status = parse_status(line, length);
        forget_head(response); /* an interim response (100, 103) came before this one */
        if (status >= FIRST_FINAL_STATUS)
            response->status = status;
        return true;
    }
    if (length > 0 && (line[0] == '\r' || line[0] == '\n'))
        response->head_complete = true;
    for (int i = 0; i < TN_HEADER_COUNT; i++) {
        size_t name_length = strlen(header_names[i]);
        if (is_named(line, length, header_names[i]))
            keep_value(response->headers[i], line + name_length + 1, length - name_length - 1);
    }
    return true;
}

/* Doubles the capacity, starting from `first`, until `needed` fit. */
static size_t capacity_for(size_t needed, size_t capacity, size_t first) {
    capacity = capacity ? capacity : first;
    while (capacity < needed)
        capacity *= 2;
    return capacity;
}

static bool reserve_body(struct tn_response *response, size_t needed) {
    size_t capacity = capacity_for(needed, response->body_capacity, BODY_FIRST_CAPACITY);
    if (capacity == response->body_capacity)
        return true;
    char *body = realloc(response->body, capacity);
    if (!body)
        return false;
    response->body = body;
    response->body_capacity = capacity;
    return true;
}

static bool reserve_tokens(struct tn_response *response, size_t needed) {
    size_t capacity = capacity_for(needed, response->tokens_capacity, TOKENS_FIRST_CAPACITY);
    if (capacity == response->tokens_capacity)
        return true;
    struct tn_json_token *tokens = realloc(response->tokens, capacity * sizeof *tokens);
    if (!tokens)
        return false;
    response->tokens = tokens;
    response->tokens_capacity = capacity;
    return true;
}

bool tn_response_add_body(struct tn_response *response, const char *bytes, size_t length) {
    if (length > response->body_max - response->body_length) {
        response->too_large = true;
        return false;
    }
    if (!reserve_body(response, response->body_length + length)) {
        response->out_of_memory = true;
        return false;
    }
    memcpy(response->body + response->body_length, bytes, length);
    response->body_length += length;
    return true;
}

/* Most bodies have fewer tokens than the first capacity; only others are counted. A body
 * without tokens takes no memory. */
bool tn_response_read_json(struct tn_response *response) {
    const char *body = response->body ? response->body : "";
    size_t length = response->body_length;
    for (;;) {
        response->json =
            tn_json_read(body, length, response->tokens, response->tokens_capacity);
        if (response->json.problem != TN_JSON_NO_ROOM)
            return true;
        bool is_first = response->tokens_capacity == 0;
        if (!reserve_tokens(response,
                            is_first ? 1 : tn_json_tokens_at_most(body, length) + 1)) {
            response->out_of_memory = true;
            return false;
        }
    }
}
