/* Builds plain Lua values from JSON that pure/json.h has read. Part of the binding: used by
 * lua/core.c and lua/response.c. */
#ifndef TN_LUA_JSON_H
#define TN_LUA_JSON_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "pure/json.h"

#pragma GCC visibility push(hidden)

/* Pushes a builder for tn_lua_push_json(), a function that holds the names Twilio uses. */
void tn_lua_push_json_builder(lua_State *L);

/* Pushes the object that a text was read as, using the builder at the (pseudo-)index: a table
 * without a metatable. A null is an absent key (in an array, a hole); a whole number is an
 * integer if Lua has integers. Changes neither text nor tokens. If memory is short, it tries
 * once more; any other error is raised: that of a debug hook, as at Ctrl-C, or before Lua 5.4
 * that of a finalizer, which any allocation may run. */
void tn_lua_push_json(lua_State *L, int builder, const char *text,
                      const struct tn_json_token *tokens);

/* Pushes why a text is not an object, such as "malformed JSON at byte 12: unexpected
 * character". */
void tn_lua_push_json_problem(lua_State *L, const char *text, size_t length,
                              struct tn_json_result result);

/* Whether a text was read without a problem and is an object. */
bool tn_lua_is_json_object(struct tn_json_result result, const struct tn_json_token *tokens);

#pragma GCC visibility pop

#endif
