/* What differs between Lua 5.1, 5.2, 5.3, 5.4 and LuaJIT, and nowhere else. For the binding. */
#ifndef TN_LUA_COMPAT_H
#define TN_LUA_COMPAT_H

#include <lua.h>
#include <lauxlib.h>

/* What a host sees of a module that the Makefile built: only this. What LuaRocks built shows
 * all, under names that are in nobody's way. */
#if defined(__GNUC__)
#define TN_EXPORT __attribute__((visibility("default")))
#else
#define TN_EXPORT
#endif

/* Whether a number is a float with the value of an integer that both can hold exactly; only
 * then *integer is set. Always false where Lua has one kind of number. */
static inline int tn_lua_is_whole_float(lua_State *L, int index, lua_Integer *integer) {
#if LUA_VERSION_NUM >= 503
    lua_Number number = lua_tonumber(L, index);
    if (lua_isinteger(L, index) ||
        !(number >= -9007199254740992.0 && number <= 9007199254740992.0))
        return 0;
    *integer = (lua_Integer)number;
    return (lua_Number)*integer == number;
#else
    (void)L, (void)index, (void)integer;
    return 0;
#endif
}

/* The length of a table without metamethods, which got another name. */
static inline size_t tn_lua_length(lua_State *L, int index) {
#if LUA_VERSION_NUM >= 502
    return lua_rawlen(L, index);
#else
    return lua_objlen(L, index);
#endif
}

/* luaL_setfuncs, which 5.1 lacks: registers functions in the table below `upvalues` values,
 * which each function gets. */
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
