/* Classes of userdata. Part of the binding. */
#ifndef TN_LUA_CLASS_H
#define TN_LUA_CLASS_H

#include <lauxlib.h>
#include <lua.h>

#pragma GCC visibility push(hidden)

/* Creates a class: a metatable of that name with its methods. Pops `upvalues` values and gives
 * them to each method. If the state already has the class, since both C modules use some of
 * them, only pops the values. */
void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods, int upvalues);

#pragma GCC visibility pop

#endif
