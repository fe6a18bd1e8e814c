/* From a Lua table of parameters to the form of a purchase, or to what is wrong with them.
 * Part of the binding: used by lua/core.c, lua/session.c and lua/io_thread.c. */
#ifndef TN_LUA_PARAMS_H
#define TN_LUA_PARAMS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pure/params.h"

#pragma GCC visibility push(hidden)

/* The values of a request: views of strings that the caller's table keeps alive. Not to be
 * copied. */
struct tn_lua_values {
    const struct tn_params *params;
    bool opaque_sids; /* see pure/sid.h */
    uint32_t given;   /* bit 1 << row: the parameter is there, right or wrong */
    struct {
        const char *text;
        size_t length;
    } row[TN_PARAMS_MAX];
    char digits[TN_PARAMS_MAX][12]; /* room for what came as a number */
};

/* Reads and checks the parameters at `index`, which may be anything. If they are wrong, pushes
 * a list of problems, each a table {problem = word, name =, value =, expects =, ...}, and
 * returns false. Runs no metamethod. */
bool tn_lua_read_params(lua_State *L, int index, const struct tn_params *params,
                        bool opaque_sids, struct tn_lua_values *values);

/* A size in bytes that the form of values that are right does not exceed. */
size_t tn_lua_form_room(const struct tn_lua_values *values);

/* Writes Name=value of a row; returns the end of it. */
char *tn_lua_write_pair(const struct tn_lua_values *values, int row, char *end);

/* All of that in one: pushes the form (a string) and returns true, or the problems and false.
 */
bool tn_lua_push_form(lua_State *L, int index, const struct tn_params *params,
                      bool opaque_sids);

/* Pushes a table of parameters: a list of {name =, wire_name =, kind =, expects =, most =,
 * clears =}. */
void tn_lua_push_params(lua_State *L, const struct tn_params *params);

#pragma GCC visibility pop

#endif
