/* twilio.numbers.curl: transport on libcurl for Lua. A session performs one request at a time,
 * in the caller's thread; an io_thread performs many, in a thread of its own. */
#include "http/fork.h"
#include "lua/auth.h"
#include "lua/loaded.h"
#include "lua/transport.h"

/* version() -> "libcurl/7.88.1" */
static int curl_version_name(lua_State *L) {
    lua_pushfstring(L, "libcurl/%s", tn_transfer_libcurl_version());
    return 1;
}

/* has_user_timeout() -> boolean
 * Whether the system drops a dead process's request after 30 seconds, as docs/money.md says */
static int curl_has_user_timeout(lua_State *L) {
    lua_pushboolean(L, tn_transfer_has_user_timeout());
    return 1;
}

/* environment_names_proxy() -> whether libcurl finds a proxy for requests in the environment */
static int curl_environment_names_proxy(lua_State *L) {
    lua_pushboolean(L, tn_transfer_environment_names_proxy());
    return 1;
}

static const luaL_Reg functions[] = {
    { "session", tn_lua_new_session },
    { "io_thread", tn_lua_new_io_thread },
    { "version", curl_version_name },
    { "has_user_timeout", curl_has_user_timeout },
    { "environment_names_proxy", curl_environment_names_proxy },
    { NULL, NULL },
};

TN_EXPORT int luaopen_twilio_numbers_curl(lua_State *L);

int luaopen_twilio_numbers_curl(lua_State *L) {
    if (!tn_fork_watch() || !tn_transfer_global_init())
        return luaL_error(L, "not enough memory to initialise libcurl");
    tn_lua_stay_loaded(luaopen_twilio_numbers_curl);
    tn_lua_new_authorization_class(L);
    tn_lua_new_session_class(L);
    tn_lua_new_io_thread_class(L);
    lua_createtable(L, 0, sizeof functions / sizeof *functions - 1);
    tn_lua_set_functions(L, functions, 0);
    return 1;
}
