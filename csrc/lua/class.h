/* Classes of userdata. Part of the binding. */
#ifndef TN_LUA_CLASS_H
#define TN_LUA_CLASS_H

#include <lauxlib.h>
#include <lua.h>

#pragma GCC visibility push(hidden)

/* Makes a class: a metatable of that name with its methods. The upvalues of each are the
 * metatable and, from TN_LUA_UPVALUE on, the values on top of the stack, as many as `upvalues`,
 * which are popped. Nothing but that if the state has it: both of our modules know some of
 * them. */
void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods, int upvalues);

enum { TN_LUA_UPVALUE = 2 };

/* The object at 1, for a method of a class. Raises if it is of another class. Takes less time
 * than luaL_checkudata(), which looks for the metatable by its name. */
void *tn_lua_self(lua_State *L, const char *name);

#pragma GCC visibility pop

#endif
