/* Is a number the one that a purchase asked for, and set up so? Part of the binding: used by
 * lua/transport.c; what differs is found by settings.lua and judge.lua. */
#ifndef TN_LUA_SETTINGS_H
#define TN_LUA_SETTINGS_H

#include <lua.h>

#include "http/transfer.h"

#pragma GCC visibility push(hidden)

enum tn_lua_fit {
    TN_FIT_OTHER,      /* a number, or the number of an account, that was not asked for */
    TN_FIT_INCOMPLETE, /* not set up as asked for */
    TN_FIT_WHOLE
};

/* How the table at `number` fits the request that it is the response to. Changes nothing, and
 * runs no metamethod. */
enum tn_lua_fit tn_lua_fit(lua_State *L, int number, const struct tn_request *request);

#pragma GCC visibility pop

#endif
