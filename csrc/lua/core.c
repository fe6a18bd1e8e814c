/* twilio.numbers.core: checks, forms, SIDs and responses for Lua, without libcurl. The Lua
 * layer reaches the pure parts only through this module. */
#include <lualib.h>
#include <string.h>
#include <time.h>

#include "http/fork.h"
#include "http/send_limit.h"
#include "io/clock.h"
#include "io/interrupt.h"
#include "lua/auth.h"
#include "lua/compat.h"
#include "lua/form.h"
#include "lua/json.h"
#include "lua/loaded.h"
#include "lua/params.h"
#include "lua/record.h"
#include "lua/response.h"
#include "pure/phone.h"
#include "io/platform.h"
#include "io/process.h"
#include "pure/retry_after.h"
#include "pure/sid.h"
#include "pure/url.h"

/* Returns nil and the problem on top of the stack. */
static int fail(lua_State *L) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

/* is_sid(value [, prefix [, opaque_sids]]) -> boolean. A prefix is two capital letters.
 * opaque_sids: see pure/sid.h. */
static int core_is_sid(lua_State *L) {
    size_t length, prefix_length;
    const char *prefix = luaL_optlstring(L, 2, NULL, &prefix_length);
    if (prefix && prefix_length != TN_SID_PREFIX_LENGTH)
        return luaL_argerror(L, 2, "a SID's prefix has two letters");
    bool valid = lua_type(L, 1) == LUA_TSTRING;
    if (valid) {
        const char *text = lua_tolstring(L, 1, &length);
        valid = tn_sid_fits(text, length, prefix, lua_toboolean(L, 3));
    }
    lua_pushboolean(L, valid);
    return 1;
}

/* has_metamethod(value, name) -> boolean, also where the field __metatable hides the metatable
 */
static int core_has_metamethod(lua_State *L) {
    bool found = luaL_getmetafield(L, 1, luaL_checkstring(L, 2));
    lua_pushboolean(L, found);
    return 1;
}

/* is_plain_table(value) -> boolean, see tn_lua_is_plain_table() */
static int core_is_plain_table(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushboolean(L, tn_lua_is_plain_table(L, 1));
    return 1;
}

/* is_e164(value) -> boolean */
static int core_is_e164(lua_State *L) {
    bool valid = false;
    if (lua_type(L, 1) == LUA_TSTRING) {
        size_t length;
        const char *text = lua_tolstring(L, 1, &length);
        valid = tn_phone_is_e164(text, length);
    }
    lua_pushboolean(L, valid);
    return 1;
}

/* The table of parameters named by the argument; by default, that of purchases. */
static const struct tn_params *check_params(lua_State *L, int index) {
    const char *name = luaL_optstring(L, index, tn_params_purchase.name);
    const struct tn_params *params = tn_params_named(name);
    if (!params)
        luaL_argerror(L, index, "no such table of parameters");
    return params;
}

/* form(values [, name [, opaque_sids]]) -> form | nil, problems: encodes parameters, by the
 * table of that name (see pure/params.h), by default "purchase" */
static int core_form(lua_State *L) {
    const struct tn_params *params = check_params(L, 2);
    bool opaque_sids = lua_toboolean(L, 3);
    lua_settop(L, 1);
    return tn_lua_push_form(L, 1, params, opaque_sids) ? 1 : fail(L);
}

/* new_form(values [, name [, form [, opaque_sids]]]) -> form object | nil, problems
 * Reuses `form`, which nothing may use any more, if it is large enough. */
static int core_new_form(lua_State *L) {
    const struct tn_params *params = check_params(L, 2);
    bool opaque_sids = lua_toboolean(L, 4);
    lua_settop(L, 3);
    return tn_lua_push_new_form(L, 1, params, 3, opaque_sids) ? 1 : fail(L);
}

/* parameters([name]) -> the table of parameters */
static int core_parameters(lua_State *L) {
    tn_lua_push_params(L, check_params(L, 1));
    return 1;
}

enum { FEW_TOKENS = 128 }; /* a number has about 80 */

/* decode(text), and decode_record(text) -> the object that it is in JSON | nil, reason.
 * Upvalue: the builder. */
static int core_decode(lua_State *L) {
    size_t length;
    struct tn_json_token few[FEW_TOKENS], *tokens = few;
    const char *text = luaL_checklstring(L, 1, &length);
    size_t room = tn_json_tokens_at_most(text, length) + 1;
    if (room > FEW_TOKENS)
        tokens = lua_newuserdata(L, room * sizeof *tokens);
    struct tn_json_result result = tn_json_read(text, length, tokens, room);
    if (tn_lua_is_json_object(result, tokens)) {
        tn_lua_push_json(L, lua_upvalueindex(1), text, tokens);
        return 1;
    }
    tn_lua_push_json_problem(L, text, length, result);
    return fail(L);
}

static void set_span(lua_State *L, const char *key, struct tn_span span) {
    lua_pushlstring(L, span.text ? span.text : "", span.length);
    lua_setfield(L, -2, key);
}

/* url(text) -> {scheme =, host =, port =, path =, query =, user_info = boolean}
 *   | nil, problem ("character", "escape", "scheme", "host", "port"), position */
static int core_url(lua_State *L) {
    struct tn_url url;
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    if (!tn_url_parse(text, length, &url)) {
        lua_pushnil(L);
        lua_pushstring(L, tn_url_problem_name(url.problem));
        lua_pushinteger(L, (lua_Integer)url.at + 1);
        return 3;
    }
    lua_createtable(L, 0, 6);
    lua_pushstring(L, url.is_https ? "https" : "http");
    lua_setfield(L, -2, "scheme");
    lua_pushboolean(L, url.has_user_info);
    lua_setfield(L, -2, "user_info");
    set_span(L, "host", url.host);
    set_span(L, "port", url.port);
    set_span(L, "path", url.path);
    set_span(L, "query", url.query);
    return 1;
}

/* retry_after(text) -> seconds from now | nil */
static int core_retry_after(lua_State *L) {
    long seconds;
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    if (!tn_retry_after_parse(text, length, time(NULL), &seconds))
        return 0;
    lua_pushinteger(L, seconds);
    return 1;
}

/* now() -> seconds on a monotonic clock */
static int core_now(lua_State *L) {
    lua_pushnumber(L, tn_clock_now());
    return 1;
}

/* boot_now() -> seconds on a clock that includes suspend, see http/send_limit.h */
static int core_boot_now(lua_State *L) {
    lua_pushnumber(L, tn_send_limit_now());
    return 1;
}

/* sleep(seconds): blocks the process; a signal ends it early */
static int core_sleep(lua_State *L) {
    tn_clock_sleep(luaL_checknumber(L, 1));
    return 0;
}

/* jitter() -> a random fraction in [0, 1) */
static int core_jitter(lua_State *L) {
    double fraction;
    if (!tn_clock_jitter(&fraction))
        return luaL_error(L, "the system provides no random numbers");
    lua_pushnumber(L, fraction);
    return 1;
}

enum {
    ROOM = 200, /* slots of Lua's stack, more than any call here needs */
    DEPTH = TN_LUA_ALLOCATES_CALLS ? 5 : 1 /* a callback's pcall() and what stores its result */
};

/* go_deeper(levels, go_deeper): Lua keeps the memory for levels of calls for later ones. */
static int go_deeper(lua_State *L) {
    int left = (int)lua_tointeger(L, 1);
    if (left > 0) {
        lua_pushvalue(L, 2);
        lua_pushinteger(L, left - 1);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 0);
    }
    return 0;
}

/* reserve_stack(): reserves stack for a call that is about to start; raises if there is not
 * enough */
static int core_reserve_stack(lua_State *L) {
    luaL_checkstack(L, ROOM, "for a call");
    lua_settop(L, 0);
    lua_pushinteger(L, DEPTH - 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    return go_deeper(L);
}

/* Adds reserve_stack to the table on top. Its function for levels is an upvalue, since 5.1
 * allocates each C function that is pushed. */
static void add_reserve_stack(lua_State *L) {
    lua_pushcfunction(L, go_deeper);
    lua_pushcclosure(L, core_reserve_stack, 1);
    lua_setfield(L, -2, "reserve_stack");
}

/* process() -> the ID of this process; a child of fork() has another one */
static int core_process(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)tn_fork_process());
    return 1;
}

/* process_identity() -> a name for this process that no other one has, also after it has ended
 * | nil */
static int core_process_identity(lua_State *L) {
    char identity[TN_PROCESS_IDENTITY_MAX];
    if (!tn_process_identity(identity))
        return 0;
    lua_pushstring(L, identity);
    return 1;
}

/* process_has_ended(identity) -> whether that process of this boot has certainly ended */
static int core_process_has_ended(lua_State *L) {
    lua_pushboolean(L, tn_process_has_ended(luaL_checkstring(L, 1)));
    return 1;
}

/* wall_clock() -> seconds since 1970, which an administrator may set */
static int core_wall_clock(lua_State *L) {
    lua_pushnumber(L, tn_clock_wall());
    return 1;
}

/* random_name() -> 32 random hex digits */
static int core_random_name(lua_State *L) {
    char name[33];
    if (!tn_clock_random_name(name))
        return luaL_error(L, "the system provides no random numbers");
    lua_pushstring(L, name);
    return 1;
}

/* hold_interrupts(held): defers Ctrl-C, or lets it end the program again */
static int core_hold_interrupts(lua_State *L) {
    tn_interrupt_hold(lua_toboolean(L, 1));
    return 0;
}

/* take_interrupt() -> whether a deferred Ctrl-C is pending; clears it */
static int core_take_interrupt(lua_State *L) {
    lua_pushboolean(L, tn_interrupt_take());
    return 1;
}

/* ignore_sigpipe(): makes writes into a closed pipe fail, in place of ending the program */
static int core_ignore_sigpipe(lua_State *L) {
    (void)L;
    tn_interrupt_ignore_sigpipe();
    return 0;
}

/* file_problem(path) -> "missing", "denied", "directory" or "other": why it cannot be read |
 * nil
 */
static int core_file_problem(lua_State *L) {
    size_t length;
    const char *path = luaL_checklstring(L, 1, &length);
    bool is_path = strlen(path) == length;
    lua_pushstring(L, is_path ? tn_platform_file_problem(path) : "missing");
    return 1;
}

/* platform() -> "Linux x86_64" */
static int core_platform(lua_State *L) {
    char name[128];
    tn_platform_name(name, sizeof name);
    lua_pushstring(L, name);
    return 1;
}

/* is_terminal(descriptor) -> whether it is one */
static int core_is_terminal(lua_State *L) {
    lua_pushboolean(L, tn_platform_is_terminal((int)luaL_checkinteger(L, 1)));
    return 1;
}

#if LUA_VERSION_NUM == 501
/* find_isyieldable(found): stores isyieldable in `found`; runs in a state of its own */
static int find_isyieldable(lua_State *L) {
    lua_CFunction *found = lua_touserdata(L, 1);
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 0);
    lua_getglobal(L, "coroutine");
    lua_getfield(L, -1, "isyieldable");
    *found = lua_tocfunction(L, -1);
    return 0;
}
#endif

/* isyieldable() -> LuaJIT's coroutine.isyieldable, also where a host such as nginx has replaced
 * its table by one without it | nil. (What was compiled for Lua 5.1 runs in LuaJIT too.) */
static int core_isyieldable(lua_State *L) {
#if LUA_VERSION_NUM == 501
    lua_CFunction found = NULL;
    lua_State *scratch = luaL_newstate();
    if (!scratch || lua_cpcall(scratch, find_isyieldable, &found) != 0)
        found = NULL;
    if (scratch)
        lua_close(scratch);
    if (!found)
        return 0;
    lua_pushcfunction(L, found);
    return 1;
#else
    (void)L;
    return 0;
#endif
}

static const luaL_Reg functions[] = {
    { "is_sid", core_is_sid },
    { "is_e164", core_is_e164 },
    { "has_metamethod", core_has_metamethod },
    { "is_plain_table", core_is_plain_table },
    { "form", core_form },
    { "new_form", core_new_form },
    { "new_response", tn_lua_new_response },
    { "parameters", core_parameters },
    { "decode", core_decode },
    { "encode_record", tn_lua_encode_record },
    { "decode_record", core_decode },
    { "is_utf8", tn_lua_is_utf8 },
    { "hash", tn_lua_hash },
    { "url", core_url },
    { "basic", tn_lua_new_basic },
    { "bearer", tn_lua_new_bearer },
    { "retry_after", core_retry_after },
    { "now", core_now },
    { "boot_now", core_boot_now },
    { "sleep", core_sleep },
    { "jitter", core_jitter },
    { "isyieldable", core_isyieldable },
    { "hold_interrupts", core_hold_interrupts },
    { "take_interrupt", core_take_interrupt },
    { "ignore_sigpipe", core_ignore_sigpipe },
    { "process", core_process },
    { "process_identity", core_process_identity },
    { "process_has_ended", core_process_has_ended },
    { "wall_clock", core_wall_clock },
    { "random_name", core_random_name },
    { "file_problem", core_file_problem },
    { "platform", core_platform },
    { "is_terminal", core_is_terminal },
    { NULL, NULL },
};

TN_EXPORT int luaopen_twilio_numbers_core(lua_State *L);
int luaopen_twilio_numbers_core(lua_State *L) {
    if (!tn_fork_watch())
        return luaL_error(L, "not enough memory for the fork() handlers");
    tn_lua_stay_loaded(luaopen_twilio_numbers_core);
    tn_lua_new_authorization_class(L);
    tn_lua_new_form_class(L);
    tn_lua_new_response_class(L);
    lua_createtable(L, 0, sizeof functions / sizeof *functions - 1);
    tn_lua_push_json_builder(L);
    tn_lua_set_functions(L, functions, 1);
    add_reserve_stack(L);
    tn_lua_push_main_thread(L);
    lua_setfield(L, -2, "main_thread");
    return 1;
}
