/* The JSON writer: the strict reader must read its output back, value by value. SHA-256: the
 * vectors of FIPS 180-4, and the same digest however the bytes are split. The input is a list
 * of values, each a byte for its kind and that kind's data. */
#include <stdlib.h>
#include <string.h>

#include "pure/json.h"
#include "pure/json_writer.h"
#include "pure/sha256.h"
#include "pure/utf8.h"
#include "support.h"

enum { ROOM = 4096, EVENTS = 2048 };

/* What was written, in the order of the text. */
struct event {
    enum tn_json_kind kind;
    int64_t integer;
    const char *string;
    size_t length;
};

struct input {
    const char *next, *end;
};

static struct event events[EVENTS];
static size_t event_count;
static bool is_object[TN_JSON_WRITER_DEPTH_MAX];

static struct event *add_event(enum tn_json_kind kind) {
    TN_FUZZ_CHECK(event_count < EVENTS);
    events[event_count] = (struct event){ .kind = kind };
    return &events[event_count++];
}

static unsigned take_byte(struct input *input) {
    return input->next < input->end ? (unsigned char)*input->next++ : 0;
}

/* Takes a string from the input: a byte for its length, then its bytes. */
static struct event take_string(struct input *input) {
    size_t length = take_byte(input), left = (size_t)(input->end - input->next);
    struct event string = { .kind = TN_JSON_STRING, .string = input->next };
    string.length = length < left ? length : left;
    input->next += string.length;
    return string;
}

static bool is_utf8(struct event string) {
    size_t characters;
    return tn_utf8_count(string.string, string.length, &characters);
}

static bool write_string(struct tn_json_writer *writer, struct input *input, bool is_name) {
    struct event string = take_string(input);
    bool is_written = is_name ? tn_json_writer_name(writer, string.string, string.length)
                              : tn_json_writer_string(writer, string.string, string.length);
    TN_FUZZ_CHECK(!is_written || is_utf8(string));
    TN_FUZZ_CHECK(writer->problem != TN_JSON_WRITER_NOT_UTF8 || !is_utf8(string));
    *add_event(TN_JSON_STRING) = string;
    return is_written;
}

static bool write_integer(struct tn_json_writer *writer, struct input *input) {
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | take_byte(input);
    int64_t value = (int64_t)bits;
    add_event(TN_JSON_INTEGER)->integer = value;
    return tn_json_writer_integer(writer, value);
}

/* Writes the next value, or ends the innermost array or object. */
static bool write_next(struct tn_json_writer *writer, struct input *input) {
    unsigned choice = take_byte(input) % 6;
    if (choice == 5) {
        bool is_outermost = writer->depth == 1;
        return !is_outermost &&
               tn_json_writer_end(writer, is_object[writer->depth - 1] ? '}' : ']');
    }
    if (writer->depth > 0 && is_object[writer->depth - 1] && !write_string(writer, input, true))
        return false;
    if (choice == 0)
        return write_string(writer, input, false);
    if (choice == 1)
        return write_integer(writer, input);
    if (choice == 2) {
        bool value = take_byte(input) % 2;
        add_event(value ? TN_JSON_TRUE : TN_JSON_FALSE);
        return tn_json_writer_boolean(writer, value);
    }
    if (writer->depth < TN_JSON_WRITER_DEPTH_MAX)
        is_object[writer->depth] = choice == 3;
    add_event(choice == 3 ? TN_JSON_OBJECT : TN_JSON_ARRAY);
    return tn_json_writer_begin(writer, choice == 3 ? '{' : '[');
}

static void check_string(const char *text, const struct tn_json_token *token,
                         const struct event *event) {
    char *room = malloc(token->length + 1);
    TN_FUZZ_CHECK(room);
    char *end = tn_json_unescape(room, text + token->start, token->length);
    TN_FUZZ_CHECK((size_t)(end - room) == event->length);
    TN_FUZZ_CHECK(memcmp(room, event->string, event->length) == 0);
    free(room);
}

static void check_text(const char *text, size_t length) {
    size_t room = tn_json_tokens_at_most(text, length) + 1;
    struct tn_json_token *tokens = calloc(room, sizeof *tokens);
    TN_FUZZ_CHECK(tokens);
    struct tn_json_result result = tn_json_read(text, length, tokens, room);
    TN_FUZZ_CHECK(result.problem == TN_JSON_OK && result.count == event_count);
    for (size_t i = 0; i < result.count; i++) {
        int64_t integer;
        TN_FUZZ_CHECK(tokens[i].kind == events[i].kind);
        if (events[i].kind == TN_JSON_STRING)
            check_string(text, &tokens[i], &events[i]);
        else if (events[i].kind == TN_JSON_INTEGER)
            TN_FUZZ_CHECK(tn_json_integer(text + tokens[i].start, tokens[i].length, &integer) &&
                          integer == events[i].integer);
    }
    free(tokens);
}

/* Writes an object from the input into a buffer of `size` bytes. */
static void check_writer(struct input input, size_t size) {
    char *room = malloc(size + 1);
    struct tn_json_writer writer;
    TN_FUZZ_CHECK(room);
    event_count = 0;
    tn_json_writer_init(&writer, room, size);
    add_event(TN_JSON_OBJECT);
    is_object[0] = true;
    tn_json_writer_begin(&writer, '{');
    while (input.next < input.end && event_count < EVENTS - 2 && write_next(&writer, &input))
        ;
    while (writer.depth > 0 && writer.problem == TN_JSON_WRITER_OK)
        tn_json_writer_end(&writer, is_object[writer.depth - 1] ? '}' : ']');
    TN_FUZZ_CHECK(writer.next <= room + size);
    if (writer.problem == TN_JSON_WRITER_OK)
        check_text(room, (size_t)(writer.next - room));
    free(room);
}

/* ---- SHA-256 ---- */

static const struct {
    const char *message;
    int times;
    const char *digest; /* in hexadecimal digits */
} vectors[] = {
    { "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
      "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
    { "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

static void check_vectors(void) {
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct tn_sha256 hash;
        unsigned char digest[TN_SHA256_LENGTH];
        tn_sha256_init(&hash);
        for (int times = 0; times < vectors[i].times; times++)
            tn_sha256_add(&hash, vectors[i].message, strlen(vectors[i].message));
        tn_sha256_finish(&hash, digest);
        for (size_t byte = 0; byte < sizeof digest; byte++) {
            char digits[] = { vectors[i].digest[byte * 2], vectors[i].digest[byte * 2 + 1], 0 };
            TN_FUZZ_CHECK(strtoul(digits, NULL, 16) == digest[byte]);
        }
    }
}

static void check_parts(const char *bytes, size_t length, size_t part) {
    struct tn_sha256 whole, parts;
    unsigned char digest[TN_SHA256_LENGTH], other[TN_SHA256_LENGTH];
    tn_sha256_init(&whole);
    tn_sha256_init(&parts);
    tn_sha256_add(&whole, bytes, length);
    for (size_t at = 0; at < length; at += part)
        tn_sha256_add(&parts, bytes + at, part < length - at ? part : length - at);
    tn_sha256_finish(&whole, digest);
    tn_sha256_finish(&parts, other);
    TN_FUZZ_CHECK(memcmp(digest, other, sizeof digest) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool is_begun;
    if (!is_begun)
        check_vectors();
    is_begun = true;
    char *text = tn_fuzz_copy(data, size);
    struct input input = { text, text + size };
    check_parts(text, size, 1 + take_byte(&input) % 70);
    check_writer(input, ROOM);
    check_writer(input, take_byte(&input) % ROOM);
    free(text);
    return 0;
}
