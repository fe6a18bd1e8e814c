/* What a request asks for, for Lua: checked, encoded, and remembered with its plain values, so
 * that a number that comes back is compared with these. Part of the binding: lua/core.c makes
 * them, lua/session.c and lua/io_thread.c send them. */
#ifndef TN_LUA_FORM_H
#define TN_LUA_FORM_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Creates the class; nothing if the state has it. */
void tn_lua_new_form_class(lua_State *L);

struct tn_params;

/* Pushes the form of the parameters at `index` and returns true, or a list of problems and
 * returns false. If a form is at `old`, it is used again where there is room in it.
 * opaque_sids: see pure/sid.h. */
bool tn_lua_push_new_form(lua_State *L, int index, const struct tn_params *params, int old,
                          bool opaque_sids);

/* The encoded text of the form at an index, which lives as long as that; raises if it is none.
 */
const char *tn_lua_check_form(lua_State *L, int index, size_t *length);

/* How the number, a table, at an index fits the form at another, for the account whose SID is
 * at the third, unless that is nil: "whole", "incomplete" (some setting differs) or "other" (a
 * number, or the number of an account, that was not asked for). */
const char *tn_lua_form_fit(lua_State *L, int form, int number, int account_sid);

#pragma GCC visibility pop

#endif
