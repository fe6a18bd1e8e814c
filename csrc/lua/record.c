/* See lua/record.h. A record is a table of strings, whole numbers, booleans, and tables of
 * these. A table whose keys are 1 to n is an array, one whose keys are strings is an object. An
 * empty table is an object, so empty lists are best omitted. Every version of Lua writes the
 * same bytes for the same record: the names in an object are sorted by their bytes. */
#include "lua/record.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lua/compat.h"
#include "pure/json_writer.h"
#include "pure/sha256.h"
#include "pure/utf8.h"

enum {
    RECORD_MAX = 65536, /* bytes; an order has about 500 */
    FEW_BYTES = 2048,
    MEMBER_SLOTS = 6,     /* of Lua's stack, per level of tables */
    HASH_BYTES = 8,       /* of the digest */
    LENGTH_BYTES = 8,     /* hashed before each string */
    INTEGER_MAX_BITS = 53 /* of a double, which represents larger integers inexactly */
};

struct encoder {
    struct tn_json_writer writer;
    const char *problem; /* why a value cannot be written; NULL: see writer.problem */
    const char *name;    /* of the innermost member being written; owned by the table */
    char where[64];      /* a truncated copy of it, for a message */
};

static void write_value(lua_State *L, struct encoder *encoder, int index);

static void refuse(struct encoder *encoder, const char *problem) {
    if (!encoder->problem)
        encoder->problem = problem;
}

static bool has_failed(const struct encoder *encoder) {
    return encoder->problem || encoder->writer.problem != TN_JSON_WRITER_OK;
}

static void write_number(lua_State *L, struct encoder *encoder, int index) {
    const double most = (double)(INT64_C(1) << INTEGER_MAX_BITS);
    double number = (double)lua_tonumber(L, index);
#if LUA_VERSION_NUM >= 503
    if (lua_isinteger(L, index)) {
        tn_json_writer_integer(&encoder->writer, (int64_t)lua_tointeger(L, index));
        return;
    }
#endif
    if (number > -most && number < most && (double)(int64_t)number == number)
        tn_json_writer_integer(&encoder->writer, (int64_t)number);
    else
        refuse(encoder, "is not a whole number of at most 53 bits");
}

/* Compares two strings by their bytes: negative, 0 or positive. */
static int compare(lua_State *L, int a, int b) {
    size_t length, other_length;
    const char *text = lua_tolstring(L, a, &length);
    const char *other = lua_tolstring(L, b, &other_length);
    int order = memcmp(text, other, length < other_length ? length : other_length);
    return order != 0 ? order : (length > other_length) - (length < other_length);
}

/* Replaces the name at index `name`, and the value after it, by the next ones in byte order;
 * false if there are none. Scans the whole table each time: sorting would allocate memory, and
 * a finalizer run by that may change the table. */
static bool find_next(lua_State *L, struct encoder *encoder, int table, int name) {
    int best = name + 2;
    lua_settop(L, name + 1);
    lua_pushnil(L);
    lua_pushnil(L); /* best, and its value */
    for (lua_pushnil(L); lua_next(L, table);) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            refuse(encoder, "has keys other than 1 to n, or strings");
            return false;
        }
        int key = lua_gettop(L) - 1;
        bool is_behind = lua_isnil(L, name) || compare(L, key, name) > 0;
        if (is_behind && (lua_isnil(L, best) || compare(L, key, best) < 0)) {
            lua_pushvalue(L, key);
            lua_replace(L, best);
            lua_replace(L, best + 1);
        } else {
            lua_pop(L, 1);
        }
    }
    bool is_found = !lua_isnil(L, best);
    lua_replace(L, name + 1);
    lua_replace(L, name);
    return is_found;
}

static void write_object(lua_State *L, struct encoder *encoder, int table) {
    const char *outer = encoder->name;
    int name = lua_gettop(L) + 1;
    lua_pushnil(L);
    lua_pushnil(L);
    tn_json_writer_begin(&encoder->writer, '{');
    while (!has_failed(encoder) && find_next(L, encoder, table, name)) {
        size_t length;
        encoder->name = lua_tolstring(L, name, &length);
        tn_json_writer_name(&encoder->writer, encoder->name, length);
        write_value(L, encoder, name + 1);
    }
    if (!has_failed(encoder))
        encoder->name = outer;
    tn_json_writer_end(&encoder->writer, '}');
}

/* Counts the keys of a table, up to most + 1. */
static size_t count_keys(lua_State *L, int table, size_t most) {
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        if (++count > most) {
            lua_pop(L, 2);
            break;
        }
    return count;
}

static void write_array(lua_State *L, struct encoder *encoder, int table, size_t length) {
    if (count_keys(L, table, length) != length) {
        refuse(encoder, "has keys other than 1 to n, or strings");
        return;
    }
    tn_json_writer_begin(&encoder->writer, '[');
    for (size_t i = 1; i <= length && !has_failed(encoder); i++) {
        lua_rawgeti(L, table, (int)i);
        write_value(L, encoder, lua_gettop(L));
        lua_pop(L, 1);
    }
    tn_json_writer_end(&encoder->writer, ']');
}

/* Writes the value at an index. Runs no metamethod, allocates nothing, and leaves the stack
 * unchanged. */
static void write_value(lua_State *L, struct encoder *encoder, int index) {
    int top = lua_gettop(L);
    size_t length;
    switch (lua_type(L, index)) {
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, index, &length);
        tn_json_writer_string(&encoder->writer, text, length);
        break;
    }
    case LUA_TNUMBER:
        write_number(L, encoder, index);
        break;
    case LUA_TBOOLEAN:
        tn_json_writer_boolean(&encoder->writer, lua_toboolean(L, index));
        break;
    case LUA_TTABLE:
        length = tn_lua_length(L, index);
        if (length > 0)
            write_array(L, encoder, index, length);
        else
            write_object(L, encoder, index);
        break;
    default:
        refuse(encoder, "is not a string, a whole number, a boolean or a table of these");
    }
    lua_settop(L, top);
}

static const char *problem_of(const struct encoder *encoder) {
    static const char *const words[] = {
        [TN_JSON_WRITER_OK] = "",
        [TN_JSON_WRITER_NO_ROOM] = "is too large",
        [TN_JSON_WRITER_TOO_DEEP] = "is nested too deeply",
        [TN_JSON_WRITER_NOT_UTF8] = "is not valid UTF-8",
    };
    return encoder->problem ? encoder->problem : words[encoder->writer.problem];
}

/* Writes the record at 1 into a buffer; false if that is too small. */
static bool write_record(lua_State *L, struct encoder *encoder, char *room, size_t size) {
    *encoder = (struct encoder){ .name = NULL };
    tn_json_writer_init(&encoder->writer, room, size);
    if (tn_lua_length(L, 1) > 0)
        refuse(encoder, "is a list, not an object");
    else
        write_value(L, encoder, 1);
    if (encoder->name)
        (void)snprintf(encoder->where, sizeof encoder->where, "%s", encoder->name);
    return encoder->problem || encoder->writer.problem != TN_JSON_WRITER_NO_ROOM;
}

int tn_lua_encode_record(lua_State *L) {
    struct encoder encoder;
    char few[FEW_BYTES], *room = few;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_checkstack(L, MEMBER_SLOTS * (TN_JSON_WRITER_DEPTH_MAX + 2), "no room for a record");
    if (!write_record(L, &encoder, room, FEW_BYTES)) {
        room = lua_newuserdata(L, RECORD_MAX);
        write_record(L, &encoder, room, RECORD_MAX);
    }
    if (!has_failed(&encoder)) {
        lua_pushlstring(L, room, (size_t)(encoder.writer.next - room));
        return 1;
    }
    lua_pushnil(L);
    bool is_whole = !encoder.where[0] || encoder.writer.problem == TN_JSON_WRITER_NO_ROOM;
    lua_pushfstring(L, "the record%s%s %s", is_whole ? "" : "'s field ",
                    is_whole ? "" : encoder.where, problem_of(&encoder));
    return 2;
}

int tn_lua_is_utf8(lua_State *L) {
    size_t length, characters;
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *text = lua_tolstring(L, 1, &length);
    lua_pushboolean(L, tn_utf8_count(text, length, &characters));
    return 1;
}

/* Hashes each string's length before the string, so that different lists of strings never hash
 * the same bytes. Returns the first HASH_BYTES of the SHA-256. */
int tn_lua_hash(lua_State *L) {
    static const char digits[] = "0123456789abcdef";
    struct tn_sha256 hash;
    unsigned char digest[TN_SHA256_LENGTH];
    char text[HASH_BYTES * 2];
    tn_sha256_init(&hash);
    for (int i = 1; i <= lua_gettop(L); i++) {
        size_t length;
        unsigned char prefix[LENGTH_BYTES];
        luaL_checktype(L, i, LUA_TSTRING);
        const char *string = lua_tolstring(L, i, &length);
        for (int byte = 0; byte < LENGTH_BYTES; byte++)
            prefix[byte] = (unsigned char)((uint64_t)length >> (56 - 8 * byte) & 0xFF);
        tn_sha256_add(&hash, prefix, sizeof prefix);
        tn_sha256_add(&hash, string, length);
    }
    tn_sha256_finish(&hash, digest);
    for (size_t i = 0; i < HASH_BYTES; i++) {
        text[i * 2] = digits[digest[i] >> 4];
        text[i * 2 + 1] = digits[digest[i] & 15];
    }
    lua_pushlstring(L, text, sizeof text);
    return 1;
}
