/* See lua/form.h. */
#include "lua/form.h"

#include <lauxlib.h>
#include <string.h>

#include "lua/class.h"
#include "lua/compat.h"
#include "lua/form_private.h"
#include "lua/params.h"

#define FORM "twilio.numbers.form"

const struct tn_lua_form *tn_lua_form_at(lua_State *L, int index) {
    return luaL_checkudata(L, index, FORM);
}

static const struct tn_lua_form *check(lua_State *L) {
    return tn_lua_self(L, FORM);
}

const char *tn_lua_check_form(lua_State *L, int index, size_t *length) {
    const struct tn_lua_form *form = luaL_checkudata(L, index, FORM);
    *length = form->text.length;
    return form->text.text;
}

/* ---- creating ---- */

static size_t bytes_of(const struct tn_lua_values *values) {
    size_t size = tn_lua_form_room(values) + 1;
    for (int i = 0; i < values->params->count; i++)
        if (values->given & (UINT32_C(1) << i))
            size += values->row[i].length;
    return size;
}

static void fill(struct tn_lua_form *form, const struct tn_lua_values *values) {
    char *end = form->bytes;
    form->params = values->params;
    form->given = values->given;
    for (int i = 0; i < form->params->count; i++) {
        if (!tn_lua_form_is_given(form, i))
            continue;
        form->value[i] = (struct tn_lua_form_part){ end, values->row[i].length };
        memcpy(end, values->row[i].text, values->row[i].length);
        end += values->row[i].length;
    }
    form->text.text = end;
    for (int i = 0; i < form->params->count; i++) {
        if (!tn_lua_form_is_given(form, i))
            continue;
        if (end > form->text.text)
            *end++ = '&';
        form->pair[i].text = end;
        end = tn_lua_write_pair(values, i, end);
        form->pair[i].length = (size_t)(end - form->pair[i].text);
    }
    form->text.length = (size_t)(end - form->text.text);
    *end = '\0';
}

enum { FIRST_ROOM = 1024 }; /* bytes, enough for most forms */

static struct tn_lua_form *push_with_room(lua_State *L, size_t room) {
    struct tn_lua_form *form = lua_newuserdata(L, sizeof *form + room);
    form->room = room;
    luaL_getmetatable(L, FORM);
    lua_setmetatable(L, -2);
    return form;
}

static struct tn_lua_form *push_old(lua_State *L, int index) {
    struct tn_lua_form *form = luaL_checkudata(L, index, FORM);
    lua_pushvalue(L, index);
    return form;
}

/* Allocating may run a finalizer that changes the table. So the values are read after the
 * allocation, and again if it was too small. */
bool tn_lua_push_new_form(lua_State *L, int index, const struct tn_params *params, int old,
                          bool opaque_sids) {
    struct tn_lua_values values;
    int top = lua_gettop(L);
    struct tn_lua_form *form =
        lua_toboolean(L, old) ? push_old(L, old) : push_with_room(L, FIRST_ROOM);
    while (tn_lua_read_params(L, index, params, opaque_sids, &values)) {
        size_t needed = bytes_of(&values);
        if (needed <= form->room) {
            fill(form, &values);
            return true;
        }
        lua_settop(L, top);
        form = push_with_room(L, needed);
    }
    return false;
}

/* ---- reading ---- */

static void push_part(lua_State *L, struct tn_lua_form_part part) {
    lua_pushlstring(L, part.text, part.length);
}

/* form:text() -> Name=value&... */
static int form_text(lua_State *L) {
    push_part(L, check(L)->text);
    return 1;
}

/* form:is_empty() -> whether it has no parameters */
static int form_is_empty(lua_State *L) {
    lua_pushboolean(L, check(L)->given == 0);
    return 1;
}

/* form:value(name) -> text | nil */
static int form_value(lua_State *L) {
    const struct tn_lua_form *form = check(L);
    size_t length;
    const char *name = luaL_checklstring(L, 2, &length);
    int row = tn_params_find(form->params, name, length);
    if (row < 0 || !tn_lua_form_is_given(form, row))
        return 0;
    push_part(L, form->value[row]);
    return 1;
}

/* form:only(differences) -> the encoded parameters that the differences name */
static int form_only(lua_State *L) {
    const struct tn_lua_form *form = check(L);
    luaL_Buffer buffer;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    bool wanted[TN_PARAMS_MAX] = { false };
    for (int i = 1; i <= (int)tn_lua_length(L, 2); i++) {
        size_t length;
        lua_rawgeti(L, 2, i);
        lua_getfield(L, -1, "name");
        const char *name = luaL_checklstring(L, -1, &length);
        int index = tn_params_find(form->params, name, length);
        if (index >= 0 && tn_lua_form_is_given(form, index))
            wanted[index] = true;
        lua_pop(L, 2);
    }
    bool is_first = true;
    luaL_buffinit(L, &buffer);
    for (int i = 0; i < form->params->count; i++) {
        if (!wanted[i])
            continue;
        if (!is_first)
            luaL_addchar(&buffer, '&');
        luaL_addlstring(&buffer, form->pair[i].text, form->pair[i].length);
        is_first = false;
    }
    luaL_pushresult(&buffer);
    return 1;
}

static int form_tostring(lua_State *L) {
    lua_pushliteral(L,
                    "twilio.numbers form"); /* without values: a URL may contain a password */
    return 1;
}

static const luaL_Reg methods[] = {
    { "text", form_text },
    { "is_empty", form_is_empty },
    { "value", form_value },
    { "fit", tn_lua_form_fit_of },
    { "differences", tn_lua_form_differences },
    { "only", form_only },
    { "__tostring", form_tostring },
    { NULL, NULL },
};

void tn_lua_new_form_class(lua_State *L) {
    tn_lua_new_class(L, FORM, methods, 0);
}
