/* Bodies of answers: whatever the text is, it becomes a plain table or a reason; a table is
 * without JSON's null, its whole numbers are integers, its depth is bounded, and a number has
 * the SID of one. The input is the body. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lua_answer.h"
#include "patterns.h"
#include "state.h"
#include "support.h"

static void check_number(lua_State *L) {
    lua_Number number = lua_tonumber(L, -1);
    bool whole = fabs(number) <= 9007199254740992.0 && floor(number) == number;
    TN_FUZZ_CHECK(!whole || lua_isinteger(L, -1));
    TN_FUZZ_CHECK(!isnan(number));
}

/* The table at the top of the stack. */
static void check_table(lua_State *L, int depth) {
    TN_FUZZ_CHECK(depth <= TN_ANSWER_DEPTH_MAX);
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

static bool may_be_object(const char *body, size_t length) {
    size_t i = 0;
    while (i < length && strchr(" \t\r\n", body[i]) && body[i])
        i++;
    return i < length && body[i] == '{' && !memchr(body, '\0', length);
}

static void check_reason(lua_State *L) {
    TN_FUZZ_CHECK(lua_type(L, -1) == LUA_TSTRING);
}

static bool has_sid_of_number(lua_State *L) {
    size_t length = 0;
    lua_getfield(L, -1, "sid");
    bool is_text = lua_type(L, -1) == LUA_TSTRING;
    const char *sid = is_text ? lua_tolstring(L, -1, &length) : NULL;
    bool has = sid && tn_fuzz_fits(SID_PATTERN("PN"), sid, length);
    lua_pop(L, 1);
    return has;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    lua_State *L = tn_fuzz_state();
    char *body = tn_fuzz_copy(data, size);
    if (lua_gettop(L) == 0)
        tn_lua_push_decoder(L);
    TN_FUZZ_CHECK(lua_gettop(L) == 1);

    bool decoded = tn_lua_decode(L, 1, body, size), is_number = false;
    TN_FUZZ_CHECK(lua_gettop(L) == 2);
    if (decoded) {
        TN_FUZZ_CHECK(may_be_object(body, size));
        check_table(L, 1);
        is_number = has_sid_of_number(L);
    } else {
        check_reason(L);
    }
    lua_settop(L, 1);

    TN_FUZZ_CHECK(tn_lua_decode_number(L, 1, body, size) == is_number);
    TN_FUZZ_CHECK(lua_gettop(L) == 2);
    if (!is_number)
        check_reason(L);
    lua_settop(L, 1);
    free(body);
    return 0;
}
