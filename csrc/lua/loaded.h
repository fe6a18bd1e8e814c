/* A C module that must not be unloaded. Part of the binding. */
#ifndef TN_LUA_LOADED_H
#define TN_LUA_LOADED_H

#include <lua.h>

#pragma GCC visibility push(hidden)

/* Keeps the module of a luaopen function loaded after lua_close(): its handlers of fork() and
 * exit() are called until the process ends, and its threads may still run. (The Makefile links
 * with -z nodelete, LuaRocks does not.) */
void tn_lua_stay_loaded(lua_CFunction open);

#pragma GCC visibility pop

#endif
