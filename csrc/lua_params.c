/* See lua_params.h. */
#include "lua_params.h"

#include <stdio.h>
#include <string.h>

#include "form.h"
#include "lua_compat.h"

/* The list of problems: a stack slot that holds nil until there is one. */
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

/* Adds {problem =, name =} to the list and leaves it on the stack, for more fields. */
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

/* A key that is not the name of a parameter: key at -2. Its value is not looked at. */
static void report_unknown_key(lua_State *L, struct problems *problems) {
    lua_pushvalue(L, -2);
    push_problem(L, problems, TN_PROBLEM_UNKNOWN, NULL);
    lua_insert(L, -2);
    lua_setfield(L, -2, "name");
    lua_pop(L, 1);
}

/* A value at -1 that a parameter cannot have. */
static void report_value(lua_State *L, struct problems *problems, const struct tn_param *row,
                         enum tn_problem problem) {
    const char *type = luaL_typename(L, -1);
    lua_pushvalue(L, -1);
    push_problem(L, problems, problem, row->name);
    lua_insert(L, -2);
    lua_setfield(L, -2, "value");
    set_string(L, "type", type);
    set_string(L, "kind", tn_kind_name(row->kind));
    set_string(L, "expects", row->expects);
    if (row->characters > 0) {
        lua_pushinteger(L, (lua_Integer)row->characters);
        lua_setfield(L, -2, "characters");
    }
    lua_pop(L, 1);
}

/* An area code may be written as a number: 415. */
static bool read_area_code(lua_State *L, struct tn_lua_values *values) {
    lua_Number number = lua_tonumber(L, -1);
    if (!(number >= 100 && number <= 999) || number != (lua_Number)(int)number)
        return false;
    snprintf(values->area_code, sizeof values->area_code, "%d", (int)number);
    values->row[TN_AREA_CODE].text = values->area_code;
    values->row[TN_AREA_CODE].length = 3;
    return true;
}

/* Reads the value at -1 into its row, or says what is wrong with it. */
static enum tn_problem read_value(lua_State *L, int index, struct tn_lua_values *values) {
    const struct tn_param *row = &tn_purchase_params[index];
    int type = lua_type(L, -1);
    if (row->kind == TN_KIND_BOOLEAN) {
        values->row[index].text = lua_toboolean(L, -1) ? "true" : "false";
        values->row[index].length = strlen(values->row[index].text);
        return type == LUA_TBOOLEAN ? TN_PROBLEM_NONE : TN_PROBLEM_TYPE;
    }
    if (type == LUA_TNUMBER && row->kind == TN_KIND_AREA_CODE)
        return read_area_code(L, values) ? TN_PROBLEM_NONE : TN_PROBLEM_AREA_CODE;
    if (type != LUA_TSTRING)
        return TN_PROBLEM_TYPE;
    values->row[index].text = lua_tolstring(L, -1, &values->row[index].length);
    return tn_param_check(row, values->row[index].text, values->row[index].length);
}

static void read_all(lua_State *L, int table, struct tn_lua_values *values,
                     struct problems *problems) {
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        size_t length;
        int index = -1;
        if (lua_type(L, -2) == LUA_TSTRING) {
            const char *name = lua_tolstring(L, -2, &length);
            index = tn_param_find(name, length);
        }
        if (index < 0) {
            report_unknown_key(L, problems);
            continue;
        }
        values->given |= UINT32_C(1) << index;
        enum tn_problem problem = read_value(L, index, values);
        if (problem != TN_PROBLEM_NONE)
            report_value(L, problems, &tn_purchase_params[index], problem);
    }
}

static void report_conflicts(lua_State *L, uint32_t given, struct problems *problems) {
    struct tn_conflict found[TN_CONFLICTS_MAX];
    size_t count = tn_params_conflicts(given, found);
    for (size_t i = 0; i < count; i++) {
        push_problem(L, problems, found[i].problem, found[i].name);
        set_string(L, "other", found[i].other);
        lua_pop(L, 1);
    }
}

/* Name=value&...; the sizes cannot overflow: a value has TN_VALUE_MAX bytes at most. */
size_t tn_lua_form_size(const struct tn_lua_values *values) {
    size_t size = 0;
    for (int i = 0; i < TN_PURCHASE_PARAM_COUNT; i++)
        if (values->given & (UINT32_C(1) << i))
            size += (size > 0) + strlen(tn_purchase_params[i].wire_name) + 1 +
                    tn_form_length(values->row[i].text, values->row[i].length);
    return size;
}

void tn_lua_write_form(const struct tn_lua_values *values, char *room) {
    char *end = room;
    for (int i = 0; i < TN_PURCHASE_PARAM_COUNT; i++) {
        if (!(values->given & (UINT32_C(1) << i)))
            continue;
        if (end > room)
            *end++ = '&';
        size_t length = strlen(tn_purchase_params[i].wire_name);
        memcpy(end, tn_purchase_params[i].wire_name, length);
        end += length;
        *end++ = '=';
        end = tn_form_write(end, values->row[i].text, values->row[i].length);
    }
}

/* A metatable that makes fields appear would let parameters vanish unseen, since it is not run.
 */
static bool is_plain_table(lua_State *L, int index) {
    if (!lua_istable(L, index))
        return false;
    if (!lua_getmetatable(L, index))
        return true;
    lua_pushliteral(L, "__index");
    lua_rawget(L, -2);
    bool plain = lua_isnil(L, -1);
    lua_pop(L, 2);
    return plain;
}

bool tn_lua_read_params(lua_State *L, int index, struct tn_lua_values *values) {
    values->given = 0;
    luaL_checkstack(L, 12, "parameters");
    lua_pushnil(L);
    struct problems problems = { .slot = lua_gettop(L), .count = 0 };
    if (is_plain_table(L, index)) {
        read_all(L, index, values, &problems);
        report_conflicts(L, values->given, &problems);
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

bool tn_lua_push_form(lua_State *L, int index) {
    struct tn_lua_values values;
    if (!tn_lua_read_params(L, index, &values))
        return false;
    size_t size = tn_lua_form_size(&values);
    char *form = lua_newuserdata(L, size);
    tn_lua_write_form(&values, form);
    lua_pushlstring(L, form, size);
    lua_remove(L, -2);
    return true;
}

void tn_lua_push_params(lua_State *L) {
    lua_createtable(L, TN_PURCHASE_PARAM_COUNT, 0);
    for (int i = 0; i < TN_PURCHASE_PARAM_COUNT; i++) {
        const struct tn_param *row = &tn_purchase_params[i];
        lua_createtable(L, 0, 5);
        set_string(L, "name", row->name);
        set_string(L, "wire_name", row->wire_name);
        set_string(L, "kind", tn_kind_name(row->kind));
        set_string(L, "expects", row->expects);
        if (row->characters > 0) {
            lua_pushinteger(L, (lua_Integer)row->characters);
            lua_setfield(L, -2, "characters");
        }
        lua_rawseti(L, -2, i + 1);
    }
}
