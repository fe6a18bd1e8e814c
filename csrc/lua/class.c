/* See lua/class.h. */
#include "lua/class.h"

#include "lua/compat.h"

void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods, int upvalues) {
    if (!luaL_newmetatable(L, name)) {
        lua_pop(L, upvalues + 1);
        return;
    }
    lua_insert(L, -(upvalues + 1));
    tn_lua_set_functions(L, methods, upvalues);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name); /* getmetatable() gives this, not the table */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
