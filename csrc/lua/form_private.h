/* The struct of a form, for form.c and form_compare.c. */
#ifndef TN_LUA_FORM_PRIVATE_H
#define TN_LUA_FORM_PRIVATE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pure/params.h"

#pragma GCC visibility push(hidden)

/* A view of some bytes of the form. */
struct tn_lua_form_part {
    const char *text;
    size_t length;
};

/* A single block of Lua's memory, which never moves. */
struct tn_lua_form {
    const struct tn_params *params;
    size_t room;                                  /* of bytes */
    uint32_t given;                               /* bit 1 << row: the parameter is present */
    struct tn_lua_form_part value[TN_PARAMS_MAX]; /* as the caller gave it */
    struct tn_lua_form_part pair[TN_PARAMS_MAX];  /* Name=value, encoded */
    struct tn_lua_form_part text;                 /* all pairs, joined by & */
    char bytes[];
};

static inline bool tn_lua_form_is_given(const struct tn_lua_form *form, int row) {
    return form->given & (UINT32_C(1) << row);
}

/* The form at an index; raises for anything else. */
const struct tn_lua_form *tn_lua_form_at(lua_State *L, int index);

/* form_compare.c: methods of the class */
int tn_lua_form_differences(lua_State *L);
int tn_lua_form_fit_of(lua_State *L);

#pragma GCC visibility pop

#endif
