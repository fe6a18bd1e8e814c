/* From JSON to a plain Lua value, by the reader in pure/json.h. Part of the binding: used by
 * lua/core.c and lua/transport.c. */
#ifndef TN_LUA_JSON_H
#define TN_LUA_JSON_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "pure/json.h"

#pragma GCC visibility push(hidden)

/* Pushes a function for tn_lua_push_json() below, which holds the names that Twilio uses. */
void tn_lua_push_json_builder(lua_State *L);

/* Pushes the object that a text was read as, by the builder at the (pseudo-)index: a table
 * without a metatable, in which a null is an absent key (in an array, a hole) and a whole
 * number an integer where Lua has them. Changes neither text nor tokens. Raises an error if
 * there is no memory, or that of a host's finalizer twice: before Lua 5.4 any allocation may
 * raise one. */
void tn_lua_push_json(lua_State *L, int builder, const char *text,
                      const struct tn_json_token *tokens);

/* Pushes why a text was not read as an object, such as "malformed JSON at byte 12: unexpected
 * character". */
void tn_lua_push_json_problem(lua_State *L, const char *text, size_t length,
                              struct tn_json_result result);

/* Whether a text was read, and is an object. */
bool tn_lua_is_json_object(struct tn_json_result result, const struct tn_json_token *tokens);

#pragma GCC visibility pop

#endif
