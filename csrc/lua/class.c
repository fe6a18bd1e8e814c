/* See lua/class.h. */
#include "lua/class.h"

#include <stdbool.h>

#include "lua/compat.h"

void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods, int upvalues) {
    if (!luaL_newmetatable(L, name)) {
        lua_pop(L, upvalues + 1);
        return;
    }
    lua_insert(L, -(upvalues + 1));
    lua_pushvalue(L, -(upvalues + 1));
    lua_insert(L, -(upvalues + 1));
    tn_lua_set_functions(L, methods, upvalues + 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name); /* getmetatable() gives this, not the table */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void *tn_lua_self(lua_State *L, const char *name) {
    void *self = lua_touserdata(L, 1);
    if (self && lua_getmetatable(L, 1)) {
        bool is_own = lua_rawequal(L, -1, lua_upvalueindex(1));
        lua_pop(L, 1);
        if (is_own)
            return self;
    }
    return luaL_checkudata(L, 1, name); /* raises */
}
