/* See lua_settings.h. */
#include "lua_settings.h"

#include <string.h>

#include "params.h"

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

static bool is_setting(const struct tn_param *row) {
    return row->kind != TN_KIND_PHONE && row->kind != TN_KIND_AREA_CODE;
}

bool tn_lua_is_set_up(lua_State *L, int number, const char *form, size_t length) {
    const char *all_end = form + length, *next = form;
    const struct tn_param *row = tn_params_purchase.rows;
    while (next < all_end) {
        const char *equals = memchr(next, '=', (size_t)(all_end - next));
        const char *end = memchr(equals, '&', (size_t)(all_end - equals));
        end = end ? end : all_end;
        row = find(row, next, (size_t)(equals - next));
        if (is_setting(row)) {
            lua_getfield(L, number, row->name);
            bool is_same = is_value(L, equals + 1, end);
            lua_pop(L, 1);
            if (!is_same)
                return false;
        }
        next = end + 1;
    }
    return true;
}
