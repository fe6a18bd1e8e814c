/* Classes of userdata. Part of the binding. */
#ifndef TN_LUA_CLASS_H
#define TN_LUA_CLASS_H

#include <lauxlib.h>
#include <lua.h>

#pragma GCC visibility push(hidden)

/* Makes a class: a metatable of that name with its methods, each of which gets the values on
 * top of the stack, as many as `upvalues`, and pops them. Nothing but that if the state has it:
 * both of our modules know some of them. */
void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods, int upvalues);

#pragma GCC visibility pop

#endif
