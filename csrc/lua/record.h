/* The records of a journal, and the fingerprints in them. Part of the binding: functions of
 * lua/core.c. */
#ifndef TN_LUA_RECORD_H
#define TN_LUA_RECORD_H

#include <lua.h>

#pragma GCC visibility push(hidden)

/* encode_record(table) -> text | nil, message */
int tn_lua_encode_record(lua_State *L);

/* is_utf8(string) -> boolean */
int tn_lua_is_utf8(lua_State *L);

/* hash(string, ...) -> 16 hex digits */
int tn_lua_hash(lua_State *L);

#pragma GCC visibility pop

#endif
