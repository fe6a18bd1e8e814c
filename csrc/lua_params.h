/* From a Lua table of parameters to the form of a purchase, or to what is wrong with them.
 * Part of the binding: used by lua_core.c and lua_curl.c. */
#ifndef TN_LUA_PARAMS_H
#define TN_LUA_PARAMS_H

#include <lua.h>
#include <stdbool.h>

/* Pushes the form (a string) and returns true; or pushes a list of problems, each a table
 * {problem = word, name =, value =, expects =, ...}, and returns false. The value at `index`
 * may be anything. Runs no metamethod. */
bool tn_lua_push_form(lua_State *L, int index);

/* Pushes the table of parameters: a list of {name =, wire_name =, kind =, expects =, characters
 * =}. */
void tn_lua_push_params(lua_State *L);

#endif
