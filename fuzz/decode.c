/* Bodies of responses: any text becomes a plain table or an error. A table has no JSON null,
 * its whole numbers are integers, and its depth is bounded. The result must equal lua-cjson's,
 * except where docs/json.md says otherwise. The input is the body. */
#define _GNU_SOURCE /* memmem */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lua/json.h"
#include "state.h"
#include "support.h"

/* Indices on the state's stack: two functions, then the results for an input. */
enum { BUILDER = 1, CJSON_DECODE, OURS, THEIRS };

static void check_number(lua_State *L) {
    lua_Number number = lua_tonumber(L, -1);
    bool whole = fabs(number) <= 9007199254740992.0 && floor(number) == number;
    TN_FUZZ_CHECK(!whole || lua_isinteger(L, -1));
    TN_FUZZ_CHECK(isfinite(number));
}

/* The table at the top of the stack. */
static void check_table(lua_State *L, int depth) {
    TN_FUZZ_CHECK(depth <= TN_JSON_DEPTH_MAX);
    TN_FUZZ_CHECK(!lua_getmetatable(L, -1));
    TN_FUZZ_CHECK(lua_checkstack(L, 4));
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        TN_FUZZ_CHECK(lua_type(L, -2) == LUA_TSTRING || lua_isinteger(L, -2));
        switch (lua_type(L, -1)) {
        case LUA_TNUMBER:
            check_number(L);
            break;
        case LUA_TTABLE:
            check_table(L, depth + 1);
            break;
        default:
            TN_FUZZ_CHECK(lua_isstring(L, -1) || lua_isboolean(L, -1));
        }
    }
}

/* ---- comparison with lua-cjson ---- */

static void call_setting(lua_State *L, const char *name) {
    lua_getfield(L, -2, name);
    lua_insert(L, -2);
    lua_call(L, 1, 0);
}

static void push_cjson_decode(lua_State *L) {
    tn_fuzz_require(L, "cjson.safe");
    lua_getfield(L, -1, "new");
    lua_call(L, 0, 1);
    lua_pushinteger(L, TN_JSON_DEPTH_MAX);
    call_setting(L, "decode_max_depth");
    lua_pushboolean(L, 0);
    call_setting(L, "decode_invalid_numbers");
    lua_getfield(L, -1, "decode");
    lua_replace(L, -3);
    lua_pop(L, 1);
}

static void compare(lua_State *L, int ours, int theirs);

/* Checks that every key of the second table whose value is not null is in the first. */
static void compare_keys(lua_State *L, int first, int second, bool first_is_ours) {
    for (lua_pushnil(L); lua_next(L, second); lua_pop(L, 1)) {
        int key = lua_gettop(L) - 1;
        lua_pushvalue(L, key);
        lua_rawget(L, first);
        int other = lua_gettop(L);
        if (lua_islightuserdata(L, key + 1))
            TN_FUZZ_CHECK(lua_isnil(L, other));
        else if (first_is_ours)
            compare(L, other, key + 1);
        else
            TN_FUZZ_CHECK(!lua_isnil(L, other) && !lua_islightuserdata(L, other));
        lua_pop(L, 1);
    }
}

static void compare(lua_State *L, int ours, int theirs) {
    TN_FUZZ_CHECK(lua_checkstack(L, 8));
    TN_FUZZ_CHECK(lua_type(L, ours) == lua_type(L, theirs));
    if (lua_type(L, ours) == LUA_TNUMBER) {
        TN_FUZZ_CHECK(lua_tonumber(L, ours) == lua_tonumber(L, theirs));
    } else if (lua_type(L, ours) == LUA_TTABLE) {
        compare_keys(L, ours, theirs, true);
        compare_keys(L, theirs, ours, false);
    } else {
        TN_FUZZ_CHECK(lua_rawequal(L, ours, theirs));
    }
}

/* Problems that lua-cjson accepts. (It rejects a lone surrogate, which the reader accepts.) */
static bool may_differ(enum tn_json_problem problem) {
    return problem == TN_JSON_CONTROL || problem == TN_JSON_BAD_NUMBER ||
           problem == TN_JSON_OUT_OF_RANGE;
}

static bool may_have_surrogates(const char *body, size_t size) {
    return memmem(body, size, "\\ud", 3) || memmem(body, size, "\\uD", 3);
}

static void compare_with_cjson(lua_State *L, const char *body, size_t size,
                               struct tn_json_result result) {
    if (memchr(body, '\0', size)) /* lua-cjson stops there */
        return;
    lua_settop(L, OURS);
    lua_pushvalue(L, CJSON_DECODE);
    lua_pushlstring(L, body, size);
    lua_call(L, 1, 1);
    bool is_taken = lua_istable(L, THEIRS);
    if (result.problem != TN_JSON_OK)
        TN_FUZZ_CHECK(!is_taken || may_differ(result.problem));
    else if (is_taken)
        compare(L, OURS, THEIRS);
    else
        TN_FUZZ_CHECK(may_have_surrogates(body, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    lua_State *L = tn_fuzz_state();
    char *body = tn_fuzz_copy(data, size);
    if (lua_gettop(L) == 0) {
        tn_lua_push_json_builder(L);
        push_cjson_decode(L);
    }
    TN_FUZZ_CHECK(lua_gettop(L) == CJSON_DECODE);

    size_t room = tn_json_tokens_at_most(body, size) + 1;
    struct tn_json_token *tokens = calloc(room, sizeof *tokens);
    TN_FUZZ_CHECK(tokens);
    struct tn_json_result result = tn_json_read(body, size, tokens, room);
    if (tn_lua_is_json_object(result, tokens)) {
        tn_lua_push_json(L, BUILDER, body, tokens);
        TN_FUZZ_CHECK(lua_gettop(L) == OURS);
        check_table(L, 1);
        compare_with_cjson(L, body, size, result);
    } else {
        tn_lua_push_json_problem(L, body, size, result);
        TN_FUZZ_CHECK(lua_gettop(L) == OURS && lua_type(L, OURS) == LUA_TSTRING);
        if (result.problem != TN_JSON_OK)
            compare_with_cjson(L, body, size, result);
    }
    lua_settop(L, CJSON_DECODE);
    free(tokens);
    free(body);
    return 0;
}
