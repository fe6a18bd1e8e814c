/* Is a number set up as its purchase asked for? Part of the binding: used by lua_session.c and
 * lua_engine.c; what differs is found by settings.lua. */
#ifndef TN_LUA_SETTINGS_H
#define TN_LUA_SETTINGS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the table at `number` has every value of the form, but for the phone number or area
 * code. Changes nothing, and runs no metamethod. */
bool tn_lua_is_set_up(lua_State *L, int number, const char *form, size_t length);

#endif
