/* Room on the stacks of Lua and C. Part of the binding: used by lua/core.c and lua/session.c.
 */
#ifndef TN_LUA_ROOM_H
#define TN_LUA_ROOM_H

#include <lua.h>

#pragma GCC visibility push(hidden)

/* Raises if the stacks have no room for what handing over a response takes: to be called before
 * anything is sent. */
void tn_lua_need_room(lua_State *L);

#pragma GCC visibility pop

#endif
