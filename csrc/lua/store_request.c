/* See lua/store_request.h. */
#include "lua/store_request.h"

#include <lauxlib.h>
#include <limits.h>

#include "lua/class.h"
#include "lua/compat.h"

#define REQUEST "twilio.numbers.store_request"

#define BYTES_MAX ((size_t)1 << 24) /* of a key or a value */

/* ---- from arguments ---- */

/* Copies a string from the stack. False if there is no memory. */
static bool copy_string(lua_State *L, int index, struct tn_bytes *copy) {
    size_t length;
    const char *bytes = luaL_checklstring(L, index, &length);
    luaL_argcheck(L, length <= BYTES_MAX, index > 0 ? index : 5, "too long");
    return tn_bytes_copy(copy, bytes, length);
}

/* Pops a key and appends a record with it. False if there is no memory. */
static bool add_key(lua_State *L, struct tn_store_request *request) {
    struct tn_record record = { .version = 0 };
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 5, "a key that is not a string");
    bool copied = copy_string(L, -1, &record.key);
    lua_pop(L, 1);
    if (copied && tn_store_request_append(request, &record))
        return true;
    tn_bytes_free(&record.key);
    return false;
}

/* Sets the version and the value of the last record from the write on top of the stack. False
 * if there is no memory. */
static bool fill_write(lua_State *L, struct tn_store_request *request) {
    struct tn_record *record = &request->records[request->count - 1];
    bool copied = true;
    lua_getfield(L, -1, "version");
    lua_Number version = luaL_checknumber(L, -1);
    luaL_argcheck(L, version >= 0 && version < 9007199254740992.0, 5, "no such version");
    record->version = (int64_t)version;
    lua_pop(L, 1);
    lua_getfield(L, -1, "value");
    if (!lua_isnil(L, -1)) {
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 5, "a value that is not a string");
        copied = copy_string(L, -1, &record->value);
    }
    lua_pop(L, 1);
    return copied;
}

static bool add_write(lua_State *L, struct tn_store_request *request) {
    luaL_argcheck(L, lua_istable(L, -1), 5, "a write that is not a table");
    lua_getfield(L, -1, "key");
    return add_key(L, request) && fill_write(L, request);
}

/* Adds the keys, or the writes, in the array that is the fifth argument. */
static bool add_records(lua_State *L, struct tn_store_request *request) {
    luaL_checktype(L, 5, LUA_TTABLE);
    size_t count = tn_lua_length(L, 5);
    bool is_write = request->operation == TN_STORE_APPLY, added = true;
    for (size_t i = 1; i <= count && added; i++) {
        lua_rawgeti(L, 5, (int)i);
        added = is_write ? add_write(L, request) : add_key(L, request);
        if (is_write)
            lua_pop(L, 1);
    }
    if (!is_write || !added)
        return added;
    tn_store_request_sort(request);
    luaL_argcheck(L, !tn_store_request_repeats(request), 5, "two writes with one key");
    return true;
}

static bool add_range(lua_State *L, struct tn_store_request *request) {
    lua_Number limit = luaL_checknumber(L, 7);
    luaL_argcheck(L, limit >= 1 && limit <= INT_MAX, 7, "no such limit");
    request->limit = (size_t)limit;
    return copy_string(L, 5, &request->prefix) &&
           (lua_isnoneornil(L, 6) || copy_string(L, 6, &request->after));
}

static int draft_collect(lua_State *L) {
    struct tn_draft *draft = luaL_checkudata(L, 1, REQUEST);
    tn_store_request_delete(draft->request);
    draft->request = NULL;
    return 0;
}

void tn_lua_new_draft_class(lua_State *L) {
    static const luaL_Reg methods[] = { { "__gc", draft_collect }, { NULL, NULL } };
    tn_lua_new_class(L, REQUEST, methods, 0);
}

struct tn_draft *tn_lua_draft_store_request(lua_State *L) {
    static const char *const operations[] = { "read", "apply", "scan", NULL };
    unsigned tag = (unsigned)luaL_checkinteger(L, 2);
    double deadline = luaL_checknumber(L, 3);
    enum tn_store_operation operation =
        (enum tn_store_operation)luaL_checkoption(L, 4, NULL, operations);
    lua_settop(L, 7);
    struct tn_draft *draft = lua_newuserdata(L, sizeof *draft);
    draft->request = NULL;
    luaL_getmetatable(L, REQUEST);
    lua_setmetatable(L, -2);
    struct tn_store_request *request = tn_store_request_new(operation, tag, deadline);
    draft->request = request;
    bool is_whole = request && (operation == TN_STORE_SCAN ? add_range(L, request)
                                                           : add_records(L, request));
    if (!is_whole) {
        tn_store_request_delete(request);
        draft->request = NULL;
    }
    return draft;
}

/* ---- to results ---- */

static void push_bytes(lua_State *L, const struct tn_bytes *bytes) {
    lua_pushlstring(L, bytes->bytes ? bytes->bytes : "", bytes->length);
}

/* Sets the version and the value of the table on top of the stack. */
static void set_version_and_value(lua_State *L, const struct tn_record *record) {
    tn_lua_push_integer64(L, record->version);
    lua_setfield(L, -2, "version");
    push_bytes(L, &record->value);
    lua_setfield(L, -2, "value");
}

static int push_read(lua_State *L, const struct tn_store_request *request) {
    lua_createtable(L, 0, request->count < INT_MAX ? (int)request->count : 0);
    for (size_t i = 0; i < request->count; i++) {
        const struct tn_record *record = &request->records[i];
        if (record->version == 0)
            continue;
        push_bytes(L, &record->key);
        lua_createtable(L, 0, 2);
        set_version_and_value(L, record);
        lua_rawset(L, -3);
    }
    tn_lua_push_integer64(L, request->now);
    lua_pushstring(L, request->era);
    return 3;
}

static int push_scan(lua_State *L, const struct tn_store_request *request) {
    lua_createtable(L, request->count < INT_MAX ? (int)request->count : 0, 0);
    for (size_t i = 0; i < request->count; i++) {
        const struct tn_record *record = &request->records[i];
        lua_createtable(L, 0, 3);
        push_bytes(L, &record->key);
        lua_setfield(L, -2, "key");
        set_version_and_value(L, record);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

int tn_lua_push_store_result(lua_State *L, const struct tn_store_request *request) {
    bool is_apply = request->operation == TN_STORE_APPLY;
    if (request->status == TN_STORE_FAILED || request->status == TN_STORE_UNHEARD) {
        lua_pushnil(L);
        lua_pushstring(L, request->message);
        if (is_apply)
            lua_pushboolean(L, request->status == TN_STORE_FAILED);
        return is_apply ? 3 : 2;
    }
    if (is_apply) {
        lua_pushboolean(L, request->status == TN_STORE_DONE);
        return 1;
    }
    return request->operation == TN_STORE_READ ? push_read(L, request) : push_scan(L, request);
}
