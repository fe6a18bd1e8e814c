/* Classes of userdata. Part of the binding. */
#ifndef TN_LUA_CLASS_H
#define TN_LUA_CLASS_H

#include <lauxlib.h>
#include <lua.h>

#pragma GCC visibility push(hidden)

/* Creates a class: a metatable of that name with its methods. Pops `upvalues` values. The
 * upvalues of each method are the metatable and, from TN_LUA_UPVALUE, these values. If the
 * state already has the class, since both C modules use some of them, only pops the values. */
void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods, int upvalues);

enum { TN_LUA_UPVALUE = 2 };

/* The object at 1, for a method of the class. Raises if it is of another class. Faster than
 * luaL_checkudata(), which looks the metatable up by name. */
void *tn_lua_self(lua_State *L, const char *name);

#pragma GCC visibility pop

#endif
