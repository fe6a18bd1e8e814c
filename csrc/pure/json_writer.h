/* Writes JSON (RFC 8259) for the reader in pure/json.h, value by value, into room that the
 * caller owns. Knows no Lua and allocates nothing. Used by lua/record.c.
 *
 * A text is valid UTF-8 and has no blanks. A string with other bytes is refused: PostgreSQL
 * would refuse the record. There are integers, and no fractions and no null. */
#ifndef TN_PURE_JSON_WRITER_H
#define TN_PURE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Levels of arrays and objects, one within the other. */
#define TN_JSON_WRITER_DEPTH_MAX 8

enum tn_json_writer_problem {
    TN_JSON_WRITER_OK,
    TN_JSON_WRITER_NO_ROOM,
    TN_JSON_WRITER_TOO_DEEP,
    TN_JSON_WRITER_NOT_UTF8
};

/* After a problem nothing more is written, and each function returns false. */
struct tn_json_writer {
    char *next, *end; /* of the room */
    int depth;
    bool has_members[TN_JSON_WRITER_DEPTH_MAX]; /* the array or object of each level */
    bool is_named;                              /* a name was written, and its value was not */
    enum tn_json_writer_problem problem;
};

void tn_json_writer_init(struct tn_json_writer *writer, char *room, size_t size);

/* '{' or '[', and the end of either: '}' or ']'. The caller ends what it began. */
bool tn_json_writer_begin(struct tn_json_writer *writer, char opener);
bool tn_json_writer_end(struct tn_json_writer *writer, char closer);

/* The name of the member that is written next, within an object. */
bool tn_json_writer_name(struct tn_json_writer *writer, const char *name, size_t length);

bool tn_json_writer_string(struct tn_json_writer *writer, const char *text, size_t length);
bool tn_json_writer_integer(struct tn_json_writer *writer, int64_t value);
bool tn_json_writer_boolean(struct tn_json_writer *writer, bool value);

#pragma GCC visibility pop

#endif
