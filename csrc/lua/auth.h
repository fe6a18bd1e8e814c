/* A client's credentials for Lua: the value of an Authorization header, in memory that is
 * wiped, unlike a Lua string. Both C modules use the class. Part of the binding: used by
 * lua/core.c, lua/session.c and lua/io_thread.c. */
#ifndef TN_LUA_AUTH_H
#define TN_LUA_AUTH_H

#include <lua.h>

#pragma GCC visibility push(hidden)

/* Creates the class, unless the state has it. */
void tn_lua_new_authorization_class(lua_State *L);

/* basic(user, password) -> authorization, by RFC 7617 */
int tn_lua_new_basic(lua_State *L);

/* bearer(token) -> authorization, by RFC 6750 */
int tn_lua_new_bearer(lua_State *L);

/* The header's value in the argument at `index`: an authorization or a string. Raises for
 * anything else. Valid as long as the argument is on the stack. */
const char *tn_lua_check_authorization(lua_State *L, int index);

#pragma GCC visibility pop

#endif
