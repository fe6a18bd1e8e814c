/* Writes JSON (RFC 8259) for the reader in pure/json.h, value by value, into a buffer that the
 * caller owns. Knows no Lua and allocates nothing. Used by lua/record.c.
 *
 * The output is valid UTF-8 without whitespace. A string that is not valid UTF-8 is rejected,
 * because PostgreSQL would reject the record. Numbers are integers; there is no null. */
#ifndef TN_PURE_JSON_WRITER_H
#define TN_PURE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The deepest nesting of arrays and objects. */
#define TN_JSON_WRITER_DEPTH_MAX 8

enum tn_json_writer_problem {
    TN_JSON_WRITER_OK,
    TN_JSON_WRITER_NO_ROOM,
    TN_JSON_WRITER_TOO_DEEP,
    TN_JSON_WRITER_NOT_UTF8
};

/* After a problem, nothing more is written and each function returns false. */
struct tn_json_writer {
    char *next, *end; /* of the buffer */
    int depth;
    bool has_members[TN_JSON_WRITER_DEPTH_MAX]; /* whether each level has a member yet */
    bool is_named;                              /* a name was written, but not yet its value */
    enum tn_json_writer_problem problem;
};

void tn_json_writer_init(struct tn_json_writer *writer, char *room, size_t size);

/* Opens an object ('{') or array ('['), and closes it with the given '}' or ']'. The caller
 * closes what it opened, in order. */
bool tn_json_writer_begin(struct tn_json_writer *writer, char opener);
bool tn_json_writer_end(struct tn_json_writer *writer, char closer);

/* Writes the name of an object's next member. */
bool tn_json_writer_name(struct tn_json_writer *writer, const char *name, size_t length);

bool tn_json_writer_string(struct tn_json_writer *writer, const char *text, size_t length);
bool tn_json_writer_integer(struct tn_json_writer *writer, int64_t value);
bool tn_json_writer_boolean(struct tn_json_writer *writer, bool value);

#pragma GCC visibility pop

#endif
