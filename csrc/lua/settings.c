/* See lua/settings.h. */
#define _POSIX_C_SOURCE 200809L /* strnlen */
#include "lua/settings.h"

#include <string.h>

#include "pure/ascii.h"
#include "pure/params.h"
#include "pure/sid.h"

/* The value of a hex digit in a form that we wrote. */
static int digit(char c) {
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Whether a part of a form says this text. */
static bool says(const char *part, const char *end, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++, part++) {
        if (part >= end)
            return false;
        char c = *part;
        if (c == '%') {
            c = (char)(digit(part[1]) * 16 + digit(part[2]));
            part += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c != text[i])
            return false;
    }
    return part == end;
}

/* Whether the value on top of the stack is what a part of a form says. */
static bool is_value(lua_State *L, const char *part, const char *end) {
    size_t length;
    if (lua_type(L, -1) == LUA_TBOOLEAN) {
        const char *word = lua_toboolean(L, -1) ? "true" : "false";
        return says(part, end, word, strlen(word));
    }
    if (lua_type(L, -1) != LUA_TSTRING)
        return false;
    const char *text = lua_tolstring(L, -1, &length);
    return says(part, end, text, length);
}

/* The row of a name on the wire, from `row` on: a form has them in their order. */
static const struct tn_param *find(const struct tn_param *row, const char *name,
                                   size_t length) {
    while (strlen(row->wire_name) != length || memcmp(row->wire_name, name, length) != 0)
        row++;
    return row;
}

/* Whether a field of the number is what a part of a form says. */
static bool is_field(lua_State *L, int number, const char *name, const char *part,
                     const char *end) {
    lua_getfield(L, number, name);
    bool is_same = is_value(L, part, end);
    lua_pop(L, 1);
    return is_same;
}

/* A number without a field cannot contradict what was asked for. */
static bool lacks_field(lua_State *L, int number, const char *name) {
    lua_getfield(L, number, name);
    bool is_missing = lua_isnil(L, -1);
    lua_pop(L, 1);
    return is_missing;
}

/* Whether the number is of the account that the request's URL names. */
static bool is_of_account(lua_State *L, int number, const char *url) {
    static const char before[] = "/Accounts/";
    const char *account = strstr(url, before);
    size_t length;
    if (!account || lacks_field(L, number, "account_sid"))
        return true;
    account += sizeof before - 1;
    lua_getfield(L, number, "account_sid");
    const char *sid = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    bool is_same = sid && length == TN_SID_LENGTH && strnlen(account, length) == length &&
                   tn_ascii_is_same(sid, account, length);
    lua_pop(L, 1);
    return is_same;
}

enum tn_lua_fit tn_lua_fit(lua_State *L, int number, const struct tn_request *request) {
    const char *next = request->body, *all_end = next + request->body_length;
    const struct tn_param *row = tn_params_purchase.rows;
    enum tn_lua_fit fit = TN_FIT_WHOLE;
    if (!is_of_account(L, number, request->url))
        return TN_FIT_OTHER;
    while (next < all_end) {
        const char *equals = memchr(next, '=', (size_t)(all_end - next));
        const char *end = memchr(equals, '&', (size_t)(all_end - equals));
        end = end ? end : all_end;
        row = find(row, next, (size_t)(equals - next));
        bool is_same =
            row->kind == TN_KIND_AREA_CODE || is_field(L, number, row->name, equals + 1, end);
        if (!is_same && row->kind != TN_KIND_PHONE)
            fit = TN_FIT_INCOMPLETE;
        else if (!is_same && !lacks_field(L, number, row->name))
            return TN_FIT_OTHER;
        next = end + 1;
    }
    return fit;
}
