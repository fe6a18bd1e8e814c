/* See lua/transport.h. */
#include "lua/transport.h"

#include <string.h>

#include "lua/json.h"
#include "pure/sid.h"

/* The string in a field of the table at 1, or NULL. It stays on the stack: a finalizer may take
 * it out of the table. */
static const char *string_field(lua_State *L, const char *key) {
    lua_getfield(L, 1, key);
    return lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
}

static bool boolean_field(lua_State *L, const char *key) {
    lua_getfield(L, 1, key);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static enum tn_http_version http_version_field(lua_State *L) {
    const char *name = string_field(L, "http_version");
    for (int version = 0; name && version < TN_HTTP_VERSION_COUNT; version++)
        if (strcmp(name, tn_http_version_name((enum tn_http_version)version)) == 0)
            return (enum tn_http_version)version;
    if (name)
        luaL_error(L, "no HTTP version '%s'", name);
    return TN_HTTP_1_1;
}

struct tn_transfer_options tn_lua_exchange_options(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    return (struct tn_transfer_options){
        .ca_file = string_field(L, "ca_file"),
        .proxy = string_field(L, "proxy"),
        .user_agent = string_field(L, "user_agent"),
        .http_version = http_version_field(L),
        .plain = boolean_field(L, "plain"),
    };
}

enum tn_method tn_lua_check_method(lua_State *L, int index) {
    const char *name = luaL_checkstring(L, index);
    int method = 0;
    while (strcmp(name, tn_method_name((enum tn_method)method)) != 0)
        if (++method == TN_METHOD_COUNT)
            luaL_argerror(L, index, "no such method");
    return (enum tn_method)method;
}

static void push_headers(lua_State *L, const struct tn_response *response) {
    lua_createtable(L, 0, TN_HEADER_COUNT);
    for (int i = 0; i < TN_HEADER_COUNT; i++) {
        if (response->headers[i][0] == '\0')
            continue;
        lua_pushstring(L, response->headers[i]);
        lua_setfield(L, -2, tn_header_name((enum tn_header)i));
    }
}

static void push_body(lua_State *L, int builder, const struct tn_response *response) {
    lua_pushboolean(L, response->body_length == 0);
    lua_setfield(L, -2, "is_empty");
    if (tn_lua_is_json_object(response->json, response->tokens)) {
        tn_lua_push_json(L, builder, response->body, response->tokens);
        lua_setfield(L, -2, "json");
    } else {
        const char *sid = tn_sid_find(response->body, response->body_length, "PN");
        lua_pushlstring(L, sid ? sid : "", sid ? TN_SID_LENGTH : 0);
        lua_setfield(L, -2, "sid");
        tn_lua_push_json_problem(L, response->body, response->body_length, response->json);
        lua_setfield(L, -2, "not_json");
    }
}

void tn_lua_push_answer(lua_State *L, int builder, const struct tn_result *result) {
    lua_createtable(L, 0, 8);
    lua_pushstring(L, tn_outcome_name(result->outcome));
    lua_setfield(L, -2, "outcome");
    lua_pushboolean(L, result->sent);
    lua_setfield(L, -2, "sent");
    lua_pushboolean(L, result->permanent);
    lua_setfield(L, -2, "permanent");
    lua_pushstring(L, result->reason);
    lua_setfield(L, -2, "reason");
    if (result->response.status != 0) {
        lua_pushinteger(L, result->response.status);
        lua_setfield(L, -2, "status");
    }
    push_headers(L, &result->response);
    lua_setfield(L, -2, "headers");
    push_body(L, builder, &result->response);
}

/* Whether the table on top of the stack has the SID of a phone number. */
static bool is_number(lua_State *L) {
    size_t length = 0;
    lua_pushliteral(L, "sid");
    lua_rawget(L, -2);
    const char *sid = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    bool is_number = sid && tn_sid_is_valid(sid, length, "PN");
    lua_pop(L, 1);
    return is_number;
}

enum tn_lua_fit tn_lua_push_purchase(lua_State *L, int builder,
                                     const struct tn_request *request,
                                     const struct tn_result *result) {
    const struct tn_response *response = &result->response;
    if (result->outcome == TN_ANSWERED && response->status / 100 == 2 &&
        tn_lua_is_json_object(response->json, response->tokens)) {
        tn_lua_push_json(L, builder, response->body, response->tokens);
        enum tn_lua_fit fit =
            is_number(L) ? tn_lua_fit(L, lua_gettop(L), request) : TN_FIT_OTHER;
        if (fit != TN_FIT_OTHER) {
            lua_pushinteger(L, response->status);
            if (response->headers[TN_TWILIO_REQUEST_ID][0] == '\0')
                lua_pushnil(L);
            else
                lua_pushstring(L, response->headers[TN_TWILIO_REQUEST_ID]);
            return fit;
        }
        lua_pop(L, 1);
    }
    tn_lua_push_answer(L, builder, result);
    return TN_FIT_OTHER;
}

void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods) {
    luaL_newmetatable(L, name);
    tn_lua_push_json_builder(L);
    tn_lua_set_functions(L, methods, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name); /* getmetatable() gives this, not the table */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
