/* See lua/params.h. */
#include "lua/params.h"

#include <stdio.h>
#include <string.h>

#include "pure/form.h"
#include "lua/compat.h"

/* The list of problems, in a stack slot that holds nil until there is a problem. */
struct problems {
    int slot;
    int count;
};

static void set_string(lua_State *L, const char *key, const char *text) {
    if (text) {
        lua_pushstring(L, text);
        lua_setfield(L, -2, key);
    }
}

static void set_most(lua_State *L, const struct tn_param *row) {
    if (row->most > 0) {
        lua_pushinteger(L, (lua_Integer)row->most);
        lua_setfield(L, -2, "most");
    }
}

/* Adds {problem =, name =} to the list, and leaves it on the stack for more fields. */
static void push_problem(lua_State *L, struct problems *problems, enum tn_problem problem,
                         const char *name) {
    if (problems->count == 0) {
        lua_newtable(L);
        lua_replace(L, problems->slot);
    }
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, -1);
    lua_rawseti(L, problems->slot, ++problems->count);
    set_string(L, "problem", tn_problem_name(problem));
    set_string(L, "name", name);
}

/* Reports the key at -2, which is not the name of a parameter. Ignores its value. */
static void report_unknown_key(lua_State *L, struct problems *problems) {
    lua_pushvalue(L, -2);
    push_problem(L, problems, TN_PROBLEM_UNKNOWN, NULL);
    lua_insert(L, -2);
    lua_setfield(L, -2, "name");
    lua_pop(L, 1);
}

/* Reports the invalid value of a parameter at -1. */
static void report_value(lua_State *L, struct problems *problems,
                         const struct tn_lua_values *values, int index,
                         enum tn_problem problem) {
    const char *type = luaL_typename(L, -1);
    const struct tn_param *row = &values->params->rows[index];
    lua_pushvalue(L, -1);
    push_problem(L, problems, problem, row->name);
    lua_insert(L, -2);
    lua_setfield(L, -2, "value");
    set_string(L, "type", type);
    set_string(L, "kind", tn_kind_name(row->kind));
    if (row->kind != TN_KIND_SID || !values->opaque_sids)
        set_string(L, "expects", row->expects);
    set_most(L, row);
    lua_pushboolean(L, index < values->params->required);
    lua_setfield(L, -2, "required");
    lua_pop(L, 1);
}

/* Reads a number: an integer, or an area code written as 415. */
static bool read_number(lua_State *L, int index, struct tn_lua_values *values) {
    lua_Number number = lua_tonumber(L, -1);
    if (!(number >= 1 && number <= 999999999) || number != (lua_Number)(int)number)
        return false;
    int length =
        snprintf(values->digits[index], sizeof values->digits[index], "%d", (int)number);
    values->row[index].text = values->digits[index];
    values->row[index].length = (size_t)length;
    return true;
}

static bool may_be_number(enum tn_kind kind) {
    return kind == TN_KIND_AREA_CODE || kind == TN_KIND_INTEGER;
}

/* Reads the value at -1 into its row, or returns its problem. */
static enum tn_problem read_value(lua_State *L, int index, struct tn_lua_values *values) {
    const struct tn_param *row = &values->params->rows[index];
    int type = lua_type(L, -1);
    if (row->kind == TN_KIND_BOOLEAN || row->kind == TN_KIND_FLAG) {
        if (row->kind == TN_KIND_FLAG && !lua_toboolean(L, -1))
            values->given &= ~(UINT32_C(1) << index);
        values->row[index].text = lua_toboolean(L, -1) ? "true" : "false";
        values->row[index].length = strlen(values->row[index].text);
        return type == LUA_TBOOLEAN ? TN_PROBLEM_NONE : TN_PROBLEM_TYPE;
    }
    if (type == LUA_TNUMBER && may_be_number(row->kind)) {
        if (!read_number(L, index, values))
            return tn_param_check(values->params, row, "-", 1, false);
    } else if (type == LUA_TSTRING) {
        values->row[index].text = lua_tolstring(L, -1, &values->row[index].length);
    } else {
        return TN_PROBLEM_TYPE;
    }
    return tn_param_check(values->params, row, values->row[index].text,
                          values->row[index].length, values->opaque_sids);
}

static void read_all(lua_State *L, int table, struct tn_lua_values *values,
                     struct problems *problems) {
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        size_t length;
        int index = -1;
        if (lua_type(L, -2) == LUA_TSTRING) {
            const char *name = lua_tolstring(L, -2, &length);
            index = tn_params_find(values->params, name, length);
        }
        if (index < 0) {
            report_unknown_key(L, problems);
            continue;
        }
        values->given |= UINT32_C(1) << index;
        values->row[index].text = NULL;
        values->row[index].length = 0;
        enum tn_problem problem = read_value(L, index, values);
        if (problem != TN_PROBLEM_NONE)
            report_value(L, problems, values, index, problem);
    }
}

static void report_missing(lua_State *L, const struct tn_lua_values *values,
                           struct problems *problems) {
    for (int i = 0; i < values->params->required; i++)
        if (!(values->given & (UINT32_C(1) << i))) {
            push_problem(L, problems, TN_PROBLEM_MISSING, values->params->rows[i].name);
            lua_pop(L, 1);
        }
}

/* The parameters that are present and not empty, as bits; an empty one, which clears a field,
 * excludes no other. */
static uint32_t not_empty(const struct tn_lua_values *values) {
    uint32_t given = values->given;
    for (int i = 0; values->params->may_clear && i < values->params->count; i++)
        if (given & (UINT32_C(1) << i) && values->row[i].length == 0)
            given &= ~(UINT32_C(1) << i);
    return given;
}

static void report_pairs(lua_State *L, const struct tn_lua_values *values,
                         struct problems *problems) {
    uint32_t given = not_empty(values);
    for (int i = 0; i < TN_PAIRS_MAX && values->params->pairs[i].name; i++) {
        const struct tn_pair *pair = &values->params->pairs[i];
        enum tn_problem problem = tn_pair_check(values->params, pair, given);
        if (problem == TN_PROBLEM_NONE)
            continue;
        push_problem(L, problems, problem, pair->name);
        set_string(L, "other", pair->other);
        set_string(L, "alternative", pair->alternative);
        lua_pop(L, 1);
    }
}

/* The size of Name=value&... It cannot overflow: a value has at most TN_VALUE_MAX bytes. */
size_t tn_lua_form_room(const struct tn_lua_values *values) {
    size_t size = 0;
    for (int i = 0; i < values->params->count; i++)
        if (values->given & (UINT32_C(1) << i))
            size += values->params->rows[i].wire_length + 2 +
                    TN_FORM_GROWTH * values->row[i].length;
    return size;
}

char *tn_lua_write_pair(const struct tn_lua_values *values, int row, char *end) {
    const struct tn_param *param = &values->params->rows[row];
    memcpy(end, param->wire_name, param->wire_length);
    end += param->wire_length;
    *end++ = '=';
    return tn_form_write(end, values->row[row].text, values->row[row].length);
}

static size_t write_form(const struct tn_lua_values *values, char *room) {
    char *end = room;
    for (int i = 0; i < values->params->count; i++) {
        if (!(values->given & (UINT32_C(1) << i)))
            continue;
        if (end > room)
            *end++ = '&';
        end = tn_lua_write_pair(values, i, end);
    }
    return (size_t)(end - room);
}

bool tn_lua_is_plain_table(lua_State *L, int index) {
    if (!lua_istable(L, index))
        return false;
    if (!luaL_getmetafield(L, index, "__index"))
        return true;
    lua_pop(L, 1);
    return false;
}

bool tn_lua_read_params(lua_State *L, int index, const struct tn_params *params,
                        bool opaque_sids, struct tn_lua_values *values) {
    values->params = params;
    values->opaque_sids = opaque_sids;
    values->given = 0;
    luaL_checkstack(L, 12, "parameters");
    lua_pushnil(L);
    struct problems problems = { .slot = lua_gettop(L), .count = 0 };
    if (tn_lua_is_plain_table(L, index)) {
        read_all(L, index, values, &problems);
        report_missing(L, values, &problems);
        report_pairs(L, values, &problems);
    } else {
        push_problem(L, &problems, TN_PROBLEM_TYPE, NULL);
        set_string(L, "kind", "table");
        set_string(L, "type", luaL_typename(L, index));
        lua_pop(L, 1);
    }
    if (problems.count > 0)
        return false;
    lua_pop(L, 1);
    return true;
}

/* Allocating may run a finalizer that changes the table, so the values are read again after it.
 */
bool tn_lua_push_form(lua_State *L, int index, const struct tn_params *params,
                      bool opaque_sids) {
    struct tn_lua_values values;
    char *form = NULL;
    size_t room = 0;
    int top = lua_gettop(L);
    while (tn_lua_read_params(L, index, params, opaque_sids, &values)) {
        size_t needed = tn_lua_form_room(&values);
        if (form && needed <= room) {
            lua_pushlstring(L, form, write_form(&values, form));
            lua_remove(L, -2);
            return true;
        }
        lua_settop(L, top);
        room = needed;
        form = lua_newuserdata(L, room);
    }
    return false;
}

void tn_lua_push_params(lua_State *L, const struct tn_params *params) {
    lua_createtable(L, params->count, 0);
    for (int i = 0; i < params->count; i++) {
        const struct tn_param *row = &params->rows[i];
        lua_createtable(L, 0, 6);
        set_string(L, "name", row->name);
        set_string(L, "wire_name", row->wire_name);
        set_string(L, "kind", tn_kind_name(row->kind));
        set_string(L, "expects", row->expects);
        set_most(L, row);
        lua_pushboolean(L, row->clears);
        lua_setfield(L, -2, "clears");
        lua_rawseti(L, -2, i + 1);
    }
}
