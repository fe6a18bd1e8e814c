/* The parameters of a request, for Lua: checked and encoded. The form also keeps their plain
 * values, to compare them with the number in the response. Part of the binding: lua/core.c
 * creates forms, lua/session.c and lua/io_thread.c send them. */
#ifndef TN_LUA_FORM_H
#define TN_LUA_FORM_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Creates the class, unless the state has it. */
void tn_lua_new_form_class(lua_State *L);

struct tn_params;

/* Pushes the form of the parameters at `index` and returns true, or a list of problems and
 * returns false. A form at `old` is reused if it is large enough. opaque_sids: see pure/sid.h.
 */
bool tn_lua_push_new_form(lua_State *L, int index, const struct tn_params *params, int old,
                          bool opaque_sids);

/* The encoded text of the form at an index, valid as long as the form. Raises for anything
 * else. */
const char *tn_lua_check_form(lua_State *L, int index, size_t *length);

/* Compares the number (a table) at index `number` with the form at index `form`, and with the
 * account's SID at index `account_sid` unless that is nil: "whole", "incomplete" (a setting
 * differs) or "other" (another number or another account's). */
const char *tn_lua_form_fit(lua_State *L, int form, int number, int account_sid);

#pragma GCC visibility pop

#endif
