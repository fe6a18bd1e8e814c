/* See lua/form.h. */
#include "lua/form.h"

#include <lauxlib.h>
#include <stdint.h>
#include <string.h>

#include "lua/class.h"
#include "lua/compat.h"
#include "lua/params.h"
#include "pure/ascii.h"

#define FORM "twilio.numbers.form"

/* A view of some of its bytes. */
struct part {
    const char *text;
    size_t length;
};

/* All of it is one block of Lua's memory, which never moves. */
struct form {
    const struct tn_params *params;
    uint32_t given;                   /* bit 1 << row: the parameter is there */
    struct part value[TN_PARAMS_MAX]; /* as the caller wrote it */
    struct part pair[TN_PARAMS_MAX];  /* Name=value, encoded */
    struct part text;                 /* all of these with an & between them */
    char bytes[];
};

static const struct form *check(lua_State *L) {
    return luaL_checkudata(L, 1, FORM);
}

const char *tn_lua_check_form(lua_State *L, int index, size_t *length) {
    const struct form *form = luaL_checkudata(L, index, FORM);
    *length = form->text.length;
    return form->text.text;
}

static bool is_given(const struct form *form, int row) {
    return form->given & (UINT32_C(1) << row);
}

/* ---- making one ---- */

static size_t bytes_of(const struct tn_lua_values *values) {
    size_t size = tn_lua_form_room(values) + 1;
    for (int i = 0; i < values->params->count; i++)
        if (values->given & (UINT32_C(1) << i))
            size += values->row[i].length;
    return size;
}

static void fill(struct form *form, const struct tn_lua_values *values) {
    char *end = form->bytes;
    form->params = values->params;
    form->given = values->given;
    for (int i = 0; i < form->params->count; i++) {
        if (!is_given(form, i))
            continue;
        form->value[i] = (struct part){ end, values->row[i].length };
        memcpy(end, values->row[i].text, values->row[i].length);
        end += values->row[i].length;
    }
    form->text.text = end;
    for (int i = 0; i < form->params->count; i++) {
        if (!is_given(form, i))
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

enum { FIRST_ROOM = 1024 }; /* bytes, which are enough for most */

/* Making room may run a finalizer that changes the table, so that its values are read once
 * there is some, and again where that is not enough. */
bool tn_lua_push_new_form(lua_State *L, int index, const struct tn_params *params) {
    struct tn_lua_values values;
    size_t room = FIRST_ROOM;
    int top = lua_gettop(L);
    struct form *form = lua_newuserdata(L, sizeof *form + room);
    while (tn_lua_read_params(L, index, params, &values)) {
        size_t needed = bytes_of(&values);
        if (needed <= room) {
            fill(form, &values);
            luaL_getmetatable(L, FORM);
            lua_setmetatable(L, -2);
            return true;
        }
        lua_settop(L, top);
        room = needed;
        form = lua_newuserdata(L, sizeof *form + room);
    }
    return false;
}

/* ---- reading it ---- */

static void push_part(lua_State *L, struct part part) {
    lua_pushlstring(L, part.text, part.length);
}

/* form:text() -> Name=value&... */
static int form_text(lua_State *L) {
    push_part(L, check(L)->text);
    return 1;
}

/* form:is_empty() -> whether it says nothing */
static int form_is_empty(lua_State *L) {
    lua_pushboolean(L, check(L)->given == 0);
    return 1;
}

/* form:value(name) -> text | nil */
static int form_value(lua_State *L) {
    const struct form *form = check(L);
    size_t length;
    const char *name = luaL_checklstring(L, 2, &length);
    int row = tn_params_find(form->params, name, length);
    if (row < 0 || !is_given(form, row))
        return 0;
    push_part(L, form->value[row]);
    return 1;
}

/* ---- comparing a number with it ---- */

static bool is_same(struct part a, struct part b) {
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

/* Pushes a field of the number at 2, runs no metamethod, and gives its text: that of a boolean
 * is a word. NULL if it has none. A string stays on the stack. */
static struct part push_field(lua_State *L, const char *name) {
    struct part field = { NULL, 0 };
    lua_pushstring(L, name);
    lua_rawget(L, 2);
    if (lua_type(L, -1) == LUA_TBOOLEAN) {
        field.text = lua_toboolean(L, -1) ? "true" : "false";
        field.length = strlen(field.text);
    } else if (lua_type(L, -1) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER) {
        field.text = lua_tolstring(L, -1, &field.length); /* a copy, on the stack */
    }
    return field;
}

static bool ends_host(char c) {
    return c == '/' || c == '?' || c == '#';
}

/* Whether a URL is another as Twilio keeps it: with a slash where there was no path, also
 * before a query. */
static bool is_with_path(struct part asked, struct part got) {
    if (got.length != asked.length + 1)
        return false;
    size_t i = 0;
    while (i < asked.length && ((asked.text[i] | 0x20) >= 'a' && (asked.text[i] | 0x20) <= 'z'))
        i++;
    if (i == 0 || asked.length - i < 4 || memcmp(asked.text + i, "://", 3) != 0)
        return false;
    i += 3;
    size_t host = i;
    while (i < asked.length && !ends_host(asked.text[i]))
        i++;
    return i > host && (i == asked.length || asked.text[i] != '/') && got.text[i] == '/' &&
           memcmp(asked.text, got.text, i) == 0 &&
           memcmp(asked.text + i, got.text + i + 1, asked.length - i) == 0;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct part trimmed(struct part part) {
    while (part.length > 0 && is_blank(part.text[0])) {
        part.text++;
        part.length--;
    }
    while (part.length > 0 && is_blank(part.text[part.length - 1]))
        part.length--;
    return part;
}

/* What Twilio does not set beside something else of a purchase, and what an update would set in
 * place of that: of an application (or a trunk) and URLs of the same kind, each takes the other
 * away. The application stays. */
static const struct {
    const char *prefix, *stronger[2];
} set_aside[] = {
    { "VoiceUrl", { "VoiceApplicationSid", "TrunkSid" } },
    { "VoiceMethod", { "VoiceApplicationSid", "TrunkSid" } },
    { "VoiceFallback", { "VoiceApplicationSid", "TrunkSid" } },
    { "SmsUrl", { "SmsApplicationSid", NULL } },
    { "SmsMethod", { "SmsApplicationSid", NULL } },
    { "SmsFallback", { "SmsApplicationSid", NULL } },
};

static bool has(const struct form *form, const char *wire_name) {
    for (int i = 0; wire_name && i < form->params->count; i++)
        if (is_given(form, i) && strcmp(form->params->rows[i].wire_name, wire_name) == 0)
            return true;
    return false;
}

static bool is_set_aside(const struct form *form, const char *wire_name) {
    for (size_t i = 0; i < sizeof set_aside / sizeof *set_aside; i++)
        if (strncmp(wire_name, set_aside[i].prefix, strlen(set_aside[i].prefix)) == 0)
            return has(form, set_aside[i].stronger[0]) || has(form, set_aside[i].stronger[1]);
    return false;
}

/* Of these a purchase asks for something that no update can change. */
static bool is_setting(const struct tn_param *row) {
    return row->kind != TN_KIND_PHONE && row->kind != TN_KIND_AREA_CODE;
}

/* Whether the number at 2 has a setting as Twilio keeps it. */
static bool is_set(lua_State *L, const struct form *form, int index) {
    const struct tn_param *row = &form->params->rows[index];
    struct part asked = form->value[index], got = push_field(L, row->name);
    bool is_name = strcmp(row->name, "friendly_name") == 0;
    bool set = got.text && (is_same(got, asked) || is_with_path(asked, got) ||
                            (is_name && is_same(got, trimmed(asked))));
    lua_pop(L, 1);
    return set || is_set_aside(form, row->wire_name);
}

/* The first setting from a row on that the number at 2 does not have; -1 if it has all. */
static int next_difference(lua_State *L, const struct form *form, int index) {
    for (; index < form->params->count; index++)
        if (is_given(form, index) && is_setting(&form->params->rows[index]) &&
            !is_set(L, form, index))
            return index;
    return -1;
}

/* form:differences(number) -> nil | { { name =, asked =, got = }, ... } */
static int form_differences(lua_State *L) {
    const struct form *form = check(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    int index = next_difference(L, form, 0);
    if (index < 0)
        return 0;
    lua_newtable(L);
    for (int count = 1; index >= 0; count++, index = next_difference(L, form, index + 1)) {
        lua_createtable(L, 0, 3);
        lua_pushstring(L, form->params->rows[index].name);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, "name");
        lua_rawget(L, 2);
        lua_setfield(L, -2, "got");
        push_part(L, form->value[index]);
        lua_setfield(L, -2, "asked");
        lua_rawseti(L, 3, count);
    }
    return 1;
}

/* form:only(differences) -> the encoded parameters that are named there */
static int form_only(lua_State *L) {
    const struct form *form = check(L);
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
        if (index >= 0 && is_given(form, index))
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

/* Whether a field of the number at 2 is there and is another, but for capital letters. */
static bool contradicts(lua_State *L, const char *name, struct part asked) {
    struct part got = push_field(L, name);
    bool is_there = !lua_isnil(L, -1);
    bool is_other = is_there && (!got.text || got.length != asked.length ||
                                 !tn_ascii_is_same(got.text, asked.text, asked.length));
    lua_pop(L, 1);
    return is_other;
}

/* form:fit(number, account_sid | nil) -> "whole" | "incomplete" | "other"
 * other: a number, or the number of an account, that was not asked for; incomplete: some
 * setting differs. */
static int form_fit(lua_State *L) {
    const struct form *form = check(L);
    struct part account = { NULL, 0 };
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 3);
    account.text = luaL_optlstring(L, 3, NULL, &account.length);
    bool is_other = account.text && contradicts(L, "account_sid", account);
    for (int i = 0; !is_other && i < form->params->count; i++)
        if (is_given(form, i) && form->params->rows[i].kind == TN_KIND_PHONE)
            is_other = contradicts(L, "phone_number", form->value[i]);
    if (is_other)
        lua_pushliteral(L, "other");
    else if (next_difference(L, form, 0) >= 0)
        lua_pushliteral(L, "incomplete");
    else
        lua_pushliteral(L, "whole");
    return 1;
}

static int form_tostring(lua_State *L) {
    lua_pushliteral(L, "twilio.numbers form"); /* and no value: a URL may hold a password */
    return 1;
}

static const luaL_Reg methods[] = {
    { "text", form_text },
    { "is_empty", form_is_empty },
    { "value", form_value },
    { "fit", form_fit },
    { "differences", form_differences },
    { "only", form_only },
    { "__tostring", form_tostring },
    { NULL, NULL },
};

void tn_lua_new_form_class(lua_State *L) {
    tn_lua_new_class(L, FORM, methods, 0);
}
