/* See lua_answer.h. */
#include "lua_answer.h"

#include <string.h>

#include "lua_compat.h"
#include "sid.h"

struct text {
    const char *start;
    size_t length;
};

/* Slots, and calls from C one within the other, that nothing here comes close to. */
enum { ROOM = 450, ROOM_CALLS = 3 };

/* nest(more, nest) */
static int nest(lua_State *L) {
    lua_Integer more = lua_tointeger(L, 1);
    if (more == 0)
        return 0;
    lua_pushvalue(L, 2);
    lua_pushinteger(L, more - 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 0);
    return 0;
}

void tn_lua_need_room(lua_State *L) {
    luaL_checkstack(L, ROOM, "no room to hear an answer");
    lua_pushcfunction(L, nest);
    lua_pushinteger(L, ROOM_CALLS);
    lua_pushvalue(L, -2);
    lua_call(L, 2, 0);
}

/* Makes the table on top of the stack plain, in place; setting existing keys is allowed during
 * a traversal. The depth is bounded by the decoder. */
static void tidy(lua_State *L) {
    lua_Integer integer;
    luaL_checkstack(L, 4, "answer");
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        switch (lua_type(L, -1)) {
        case LUA_TLIGHTUSERDATA: /* cjson.null */
            lua_pushvalue(L, -2);
            lua_pushnil(L);
            lua_rawset(L, -5);
            break;
        case LUA_TNUMBER:
            if (!tn_lua_is_whole_float(L, -1, &integer))
                break;
            lua_pushvalue(L, -2);
            lua_pushinteger(L, integer);
            lua_rawset(L, -5);
            break;
        case LUA_TTABLE:
            tidy(L);
            break;
        }
    }
}

static bool is_object(const struct text *text) {
    for (size_t i = 0; i < text->length; i++) {
        char c = text->start[i];
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            return c == '{';
    }
    return false;
}

/* Gets a light userdata, so that nothing is allocated outside a protected call. Upvalue:
 * decode. */
static int decode(lua_State *L) {
    const struct text *text = lua_touserdata(L, 1);
    if (!is_object(text))
        return luaL_error(L, "not a JSON object");
    if (memchr(text->start, '\0', text->length)) /* lua-cjson stops there and is content */
        return luaL_error(L, "a NUL byte in it");
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushlstring(L, text->start, text->length);
    lua_call(L, 1, 1);
    tidy(L);
    return 1;
}

/* Calls a setting of the cjson instance at -1. */
static void set_number(lua_State *L, const char *name, int value) {
    lua_getfield(L, -1, name);
    lua_pushinteger(L, value);
    lua_call(L, 1, 0);
}

void tn_lua_push_decoder(lua_State *L) {
    lua_getglobal(L, "require");
    lua_pushliteral(L, "cjson");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "new");
    lua_call(L, 0, 1);
    set_number(L, "decode_max_depth", TN_ANSWER_DEPTH_MAX);
    lua_getfield(L, -1, "decode_invalid_numbers");
    lua_pushboolean(L, 0);
    lua_call(L, 1, 0);
    lua_getfield(L, -1, "decode");
    lua_pushcclosure(L, decode, 1);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

static int try_to_decode(lua_State *L, int decoder, struct text *text) {
    lua_pushvalue(L, decoder);
    lua_pushlightuserdata(L, text);
    return lua_pcall(L, 1, 1, 0);
}

/* An error that does not come again was not the text's: before 5.4 any allocation may raise
 * that of the host's finalizer. Nor is one that is of no plain kind. */
bool tn_lua_decode(lua_State *L, int decoder, const char *body, size_t length) {
    struct text text = { body, length };
    int status = try_to_decode(L, decoder, &text);
    if (status != 0) {
        lua_pop(L, 1);
        status = try_to_decode(L, decoder, &text);
    }
    if (status != 0 && status != LUA_ERRRUN)
        lua_error(L);
    return status == 0;
}

bool tn_lua_decode_number(lua_State *L, int decoder, const char *body, size_t length) {
    size_t sid_length = 0;
    if (!tn_lua_decode(L, decoder, body, length))
        return false;
    lua_pushliteral(L, "sid");
    lua_rawget(L, -2);
    const char *sid = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &sid_length) : NULL;
    bool is_number = sid && tn_sid_is_valid(sid, sid_length, "PN");
    lua_pop(L, 1);
    if (is_number)
        return true;
    lua_pop(L, 1);
    lua_pushliteral(L, "no phone number's SID in it");
    return false;
}
