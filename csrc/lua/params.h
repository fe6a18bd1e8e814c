/* Turns a Lua table of parameters into an encoded form, or into a list of problems. Part of the
 * binding: used by lua/core.c and lua/form.c. */
#ifndef TN_LUA_PARAMS_H
#define TN_LUA_PARAMS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pure/params.h"

#pragma GCC visibility push(hidden)

/* The values of a request: views of strings that the caller's table keeps alive. Must not be
 * copied, since `digits` is part of it. */
struct tn_lua_values {
    const struct tn_params *params;
    bool opaque_sids; /* see pure/sid.h */
    uint32_t given;   /* bit 1 << row: the parameter is present, valid or not */
    struct {
        const char *text;
        size_t length;
    } row[TN_PARAMS_MAX];
    char digits[TN_PARAMS_MAX][12]; /* the text of values given as numbers */
};

/* Whether the value is a table that can be read completely: no metamethod is run, so fields
 * that its metatable provides would silently vanish. */
bool tn_lua_is_plain_table(lua_State *L, int index);

/* Reads and checks the parameters at `index`, which may be of any type. If they are invalid,
 * pushes a list of problems, each a table {problem = word, name =, value =, expects =, ...},
 * and returns false. Runs no metamethod. */
bool tn_lua_read_params(lua_State *L, int index, const struct tn_params *params,
                        bool opaque_sids, struct tn_lua_values *values);

/* An upper bound, in bytes, on the form of valid values. */
size_t tn_lua_form_room(const struct tn_lua_values *values);

/* Writes Name=value of a row to `end`; returns the new end. */
char *tn_lua_write_pair(const struct tn_lua_values *values, int row, char *end);

/* Reads, checks and encodes: pushes the form (a string) and returns true, or pushes the
 * problems and returns false. */
bool tn_lua_push_form(lua_State *L, int index, const struct tn_params *params,
                      bool opaque_sids);

/* Pushes a table of parameters: a list of {name =, wire_name =, kind =, expects =, most =,
 * clears =}. */
void tn_lua_push_params(lua_State *L, const struct tn_params *params);

#pragma GCC visibility pop

#endif
