/* See pure/json_writer.h. */
#include "pure/json_writer.h"

#include <string.h>

#include "pure/utf8.h"

enum { DIGITS_MAX = 20 /* of 64 bits, with a sign */ };

void tn_json_writer_init(struct tn_json_writer *writer, char *room, size_t size) {
    *writer = (struct tn_json_writer){ .next = room, .end = room + size };
}

static bool fail(struct tn_json_writer *writer, enum tn_json_writer_problem problem) {
    writer->problem = problem;
    return false;
}

static bool put(struct tn_json_writer *writer, const char *bytes, size_t length) {
    if (writer->problem != TN_JSON_WRITER_OK)
        return false;
    if ((size_t)(writer->end - writer->next) < length)
        return fail(writer, TN_JSON_WRITER_NO_ROOM);
    memcpy(writer->next, bytes, length);
    writer->next += length;
    return true;
}

/* The comma between two members. */
static bool begin_member(struct tn_json_writer *writer) {
    if (writer->is_named || writer->depth == 0) {
        writer->is_named = false;
        return writer->problem == TN_JSON_WRITER_OK;
    }
    bool *has_members = &writer->has_members[writer->depth - 1];
    bool is_first = !*has_members;
    *has_members = true;
    return is_first ? writer->problem == TN_JSON_WRITER_OK : put(writer, ",", 1);
}

bool tn_json_writer_begin(struct tn_json_writer *writer, char opener) {
    if (!begin_member(writer))
        return false;
    if (writer->depth == TN_JSON_WRITER_DEPTH_MAX)
        return fail(writer, TN_JSON_WRITER_TOO_DEEP);
    writer->has_members[writer->depth++] = false;
    return put(writer, &opener, 1);
}

bool tn_json_writer_end(struct tn_json_writer *writer, char closer) {
    if (writer->problem != TN_JSON_WRITER_OK)
        return false;
    writer->depth--;
    return put(writer, &closer, 1);
}

static bool is_plain(char c) {
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/* Writes a character that must be escaped. */
static bool put_escape(struct tn_json_writer *writer, char c) {
    static const char letters[] = "bfnrt\"\\", meanings[] = "\b\f\n\r\t\"\\";
    static const char digits[] = "0123456789abcdef";
    char escape[] = { '\\', 'u', '0', '0', digits[c >> 4 & 1], digits[c & 15] };
    const char *meaning = c ? strchr(meanings, c) : NULL;
    if (!meaning)
        return put(writer, escape, sizeof escape);
    escape[1] = letters[meaning - meanings];
    return put(writer, escape, 2);
}

static bool put_string(struct tn_json_writer *writer, const char *text, size_t length) {
    size_t characters, plain = 0;
    if (!tn_utf8_count(text, length, &characters))
        return fail(writer, TN_JSON_WRITER_NOT_UTF8);
    put(writer, "\"", 1);
    for (size_t i = 0; i < length; i += plain + 1) {
        for (plain = 0; i + plain < length && is_plain(text[i + plain]);)
            plain++;
        put(writer, text + i, plain);
        if (i + plain < length)
            put_escape(writer, text[i + plain]);
    }
    return put(writer, "\"", 1);
}

bool tn_json_writer_name(struct tn_json_writer *writer, const char *name, size_t length) {
    bool is_written =
        begin_member(writer) && put_string(writer, name, length) && put(writer, ":", 1);
    writer->is_named = true;
    return is_written;
}

bool tn_json_writer_string(struct tn_json_writer *writer, const char *text, size_t length) {
    return begin_member(writer) && put_string(writer, text, length);
}

bool tn_json_writer_integer(struct tn_json_writer *writer, int64_t value) {
    char digits[DIGITS_MAX], *start = digits + sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--start = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--start = '-';
    return begin_member(writer) && put(writer, start, (size_t)(digits + sizeof digits - start));
}

bool tn_json_writer_boolean(struct tn_json_writer *writer, bool value) {
    return begin_member(writer) && put(writer, value ? "true" : "false", value ? 4 : 5);
}
