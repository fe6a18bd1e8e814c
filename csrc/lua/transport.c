/* See lua/transport.h. */
#include "lua/transport.h"

#include <string.h>

#include "lua/form.h"

/* The string in a field of the table at 1, or NULL. It stays on the stack, since a finalizer
 * may remove it from the table. */
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

struct tn_transfer_options tn_lua_transfer_options(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    return (struct tn_transfer_options){
        .ca_file = string_field(L, "ca_file"),
        .proxy = string_field(L, "proxy"),
        .user_agent = string_field(L, "user_agent"),
        .http_version = http_version_field(L),
        .plain = boolean_field(L, "plain"),
        .direct = boolean_field(L, "direct"),
    };
}

static enum tn_method check_method(lua_State *L, int index) {
    enum tn_method method = TN_GET;
    luaL_argcheck(L, tn_method_named(luaL_checkstring(L, index), &method), index,
                  "no such method");
    return method;
}

struct tn_request tn_lua_check_request(lua_State *L, int index) {
    struct tn_request request = { .method = check_method(L, index),
                                  .url = luaL_checkstring(L, index + 1),
                                  .timeout = luaL_checknumber(L, index + 3),
                                  .connect_timeout = luaL_checknumber(L, index + 4) };
    if (lua_isuserdata(L, index + 2))
        request.body = tn_lua_check_form(L, index + 2, &request.body_length);
    else
        request.body = luaL_optlstring(L, index + 2, NULL, &request.body_length);
    request.once = request.method != TN_GET;
    return request;
}

struct tn_send_limit tn_lua_check_send_limit(lua_State *L, int index) {
    return tn_send_limit_at(luaL_optnumber(L, index, 0));
}
