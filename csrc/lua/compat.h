/* All differences between Lua 5.1 to 5.5 and LuaJIT. For the binding. */
#ifndef TN_LUA_COMPAT_H
#define TN_LUA_COMPAT_H

#include <lua.h>
#include <lauxlib.h>
#include <stdint.h>

/* Exports the function that opens a module, and nothing else: a pragma in each header hides its
 * declarations, since LuaRocks compiles without -fvisibility=hidden. */
#if defined(__GNUC__)
#define TN_EXPORT __attribute__((visibility("default")))
#else
#define TN_EXPORT
#endif

/* Whether a call may take memory besides stack slots: not in LuaJIT, whose luaconf.h defines
 * LUA_LJDIR. */
#ifdef LUA_LJDIR
enum { TN_LUA_ALLOCATES_CALLS = 0 };
#else
enum { TN_LUA_ALLOCATES_CALLS = 1 };
#endif

/* Pushes an integer, or the nearest double where Lua has no integers. */
static inline void tn_lua_push_integer64(lua_State *L, int64_t value) {
#if LUA_VERSION_NUM >= 503
    if ((lua_Integer)value == value) {
        lua_pushinteger(L, (lua_Integer)value);
        return;
    }
#endif
    lua_pushnumber(L, (lua_Number)value);
}

/* Pushes a real number, as an integer if Lua has integers and the value is exactly one. */
static inline void tn_lua_push_real(lua_State *L, double value) {
#if LUA_VERSION_NUM >= 503
    if (value >= -9007199254740992.0 && value <= 9007199254740992.0 &&
        (double)(lua_Integer)value == value) {
        lua_pushinteger(L, (lua_Integer)value);
        return;
    }
#endif
    lua_pushnumber(L, (lua_Number)value);
}

/* The raw length of a table; the function was renamed in 5.2. */
static inline size_t tn_lua_length(lua_State *L, int index) {
#if LUA_VERSION_NUM >= 502
    return lua_rawlen(L, index);
#else
    return lua_objlen(L, index);
#endif
}

/* Pushes the main thread; nil in 5.1 if L is not the main thread. */
static inline void tn_lua_push_main_thread(lua_State *L) {
#if LUA_VERSION_NUM >= 502
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
#else
    if (!lua_pushthread(L)) {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
#endif
}

/* luaL_setfuncs, which 5.1 lacks: registers functions in the table below `upvalues` values,
 * pops these, and gives them to each function. */
static inline void tn_lua_set_functions(lua_State *L, const luaL_Reg *functions, int upvalues) {
    for (; functions->name; functions++) {
        for (int i = 0; i < upvalues; i++)
            lua_pushvalue(L, -upvalues);
        lua_pushcclosure(L, functions->func, upvalues);
        lua_setfield(L, -(upvalues + 2), functions->name);
    }
    lua_pop(L, upvalues);
}

#endif
