/* Compares a phone number with the form that requested it, allowing for how Twilio stores
 * values. See form_private.h. */
#include "lua/form.h"
#include "lua/form_private.h"

#include <lauxlib.h>
#include <string.h>

#include "pure/ascii.h"
#include "pure/sid.h"

static bool is_same(struct tn_lua_form_part a, struct tn_lua_form_part b) {
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

/* Whether both are the same SID, whose hexadecimal digits may be in either case. */
static bool is_same_sid(struct tn_lua_form_part asked, struct tn_lua_form_part got) {
    return tn_sid_is_valid(asked.text, asked.length, NULL) && got.length == asked.length &&
           tn_ascii_is_same(got.text, asked.text, asked.length);
}

/* Pushes a field of a number without metamethods, and returns its text, "true" or "false" for a
 * boolean. The text is NULL if the field has none, and is valid as long as the value is on the
 * stack. */
static struct tn_lua_form_part push_field(lua_State *L, int number, const char *name) {
    struct tn_lua_form_part field = { NULL, 0 };
    lua_pushstring(L, name);
    lua_rawget(L, number);
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        field.text = lua_tolstring(L, -1, &field.length); /* a copy, on the stack */
    } else if (type == LUA_TBOOLEAN) {
        field.text = lua_toboolean(L, -1) ? "true" : "false";
        field.length = strlen(field.text);
    }
    return field;
}

static bool ends_host(char c) {
    return c == '/' || c == '?' || c == '#';
}

/* Whether `got` is the URL `asked` as Twilio stores it: with a slash inserted for the missing
 * path, before a query too. */
static bool is_with_path(struct tn_lua_form_part asked, struct tn_lua_form_part got) {
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

static struct tn_lua_form_part trimmed(struct tn_lua_form_part part) {
    while (part.length > 0 && is_blank(part.text[0])) {
        part.text++;
        part.length--;
    }
    while (part.length > 0 && is_blank(part.text[part.length - 1]))
        part.length--;
    return part;
}

/* Settings that Twilio ignores in a purchase if it has a stronger one. An update with them
 * would remove the stronger one: an application (or a trunk) and URLs of the same kind replace
 * each other. The application stays. */
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

static bool has(const struct tn_lua_form *form, const char *wire_name) {
    for (int i = 0; wire_name && i < form->params->count; i++)
        if (tn_lua_form_is_given(form, i) &&
            strcmp(form->params->rows[i].wire_name, wire_name) == 0)
            return true;
    return false;
}

static bool is_set_aside(const struct tn_lua_form *form, const char *wire_name) {
    for (size_t i = 0; i < sizeof set_aside / sizeof *set_aside; i++)
        if (strncmp(wire_name, set_aside[i].prefix, strlen(set_aside[i].prefix)) == 0)
            return has(form, set_aside[i].stronger[0]) || has(form, set_aside[i].stronger[1]);
    return false;
}

/* Whether an update can change the parameter: any but the phone number and the area code. */
static bool is_setting(const struct tn_param *row) {
    return row->kind != TN_KIND_PHONE && row->kind != TN_KIND_AREA_CODE;
}

/* Whether a number has a setting, as Twilio stores it. */
static bool is_set(lua_State *L, const struct tn_lua_form *form, int number, int index) {
    const struct tn_param *row = &form->params->rows[index];
    struct tn_lua_form_part asked = form->value[index], got = push_field(L, number, row->name);
    bool set =
        got.text && (is_same(got, asked) || is_with_path(asked, got) ||
                     (row->kind == TN_KIND_SID && is_same_sid(asked, got)) ||
                     (strcmp(row->name, "friendly_name") == 0 && is_same(got, trimmed(asked))));
    lua_pop(L, 1);
    return set || is_set_aside(form, row->wire_name);
}

/* The first setting, from row `index`, that a number lacks; -1 if it has all. */
static int next_difference(lua_State *L, const struct tn_lua_form *form, int number,
                           int index) {
    for (; index < form->params->count; index++)
        if (tn_lua_form_is_given(form, index) && is_setting(&form->params->rows[index]) &&
            !is_set(L, form, number, index))
            return index;
    return -1;
}

/* form:differences(number) -> nil | { { name =, asked =, got = }, ... } */
int tn_lua_form_differences(lua_State *L) {
    const struct tn_lua_form *form = tn_lua_form_at(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    int index = next_difference(L, form, 2, 0);
    if (index < 0)
        return 0;
    lua_newtable(L);
    for (int count = 1; index >= 0; count++, index = next_difference(L, form, 2, index + 1)) {
        lua_createtable(L, 0, 3);
        lua_pushstring(L, form->params->rows[index].name);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, "name");
        lua_rawget(L, 2);
        lua_setfield(L, -2, "got");
        lua_pushlstring(L, form->value[index].text, form->value[index].length);
        lua_setfield(L, -2, "asked");
        lua_rawseti(L, 3, count);
    }
    return 1;
}

/* Whether a field of a number is present and differs, ignoring the case of ASCII letters. */
static bool contradicts(lua_State *L, int number, const char *name,
                        struct tn_lua_form_part asked) {
    struct tn_lua_form_part got = push_field(L, number, name);
    bool is_there = !lua_isnil(L, -1);
    bool is_other = is_there && (!got.text || got.length != asked.length ||
                                 !tn_ascii_is_same(got.text, asked.text, asked.length));
    lua_pop(L, 1);
    return is_other;
}

const char *tn_lua_form_fit(lua_State *L, int form_index, int number, int account_sid) {
    const struct tn_lua_form *form = tn_lua_form_at(L, form_index);
    struct tn_lua_form_part account = { NULL, 0 };
    account.text = luaL_optlstring(L, account_sid, NULL, &account.length);
    bool is_other = account.text && contradicts(L, number, "account_sid", account);
    for (int i = 0; !is_other && i < form->params->count; i++)
        if (tn_lua_form_is_given(form, i) && form->params->rows[i].kind == TN_KIND_PHONE)
            is_other = contradicts(L, number, "phone_number", form->value[i]);
    if (is_other)
        return "other";
    return next_difference(L, form, number, 0) >= 0 ? "incomplete" : "whole";
}

/* form:fit(number, account_sid | nil) -> "whole" | "incomplete" | "other", see
 * tn_lua_form_fit() */
int tn_lua_form_fit_of(lua_State *L) {
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 3);
    lua_pushstring(L, tn_lua_form_fit(L, 1, 2, 3));
    return 1;
}
