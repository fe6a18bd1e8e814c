/* twilio.numbers.stores: what a journal is kept in. A store hands requests to a thread of its
 * own, and takes their results; only wait() and close() block. */
#define _GNU_SOURCE /* dladdr */
#include <dlfcn.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "http/fork.h"
#include "journal/sqlite_file.h"
#include "journal/thread.h"
#include "lua/class.h"
#include "lua/compat.h"

#define STORE "twilio.numbers.store"
#define REQUEST "twilio.numbers.store_request"

enum { WAIT_MAX = 1000000000 }; /* milliseconds */

#define BYTES_MAX ((size_t)1 << 24) /* of a key or a value */

/* The userdata, which owns the store. `store` is NULL once it is closed; all methods still work
 * then, since finalizers may call them after its own has run. */
struct store {
    struct tn_store *store;
    struct tn_store_request *taken; /* its result could not be returned for want of memory */
    bool is_taking;                 /* take() runs; a finalizer may call it, or close() */
};

/* A request that is being put together, and that an error on the way frees. */
struct draft {
    struct tn_store_request *request;
};

static struct store *check(lua_State *L) {
    return luaL_checkudata(L, 1, STORE);
}

static bool is_usable(const struct store *self) {
    return self->store && !tn_store_is_foreign(self->store);
}

/* ---- opening ---- */

static const char *check_path(lua_State *L, int index) {
    size_t length;
    const char *text = luaL_checklstring(L, index, &length);
    luaL_argcheck(L, length > 0 && strlen(text) == length, 1, "an empty name, or a zero in it");
    return text;
}

/* open{kind = "sqlite", path =, create =} or open{kind = "postgresql", conninfo =} -> store
 * Opens no file and no connection yet: the store's thread does. */
static int stores_open(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_getfield(L, 1, "kind");
    lua_getfield(L, 1, "path");
    lua_getfield(L, 1, "conninfo");
    lua_getfield(L, 1, "create");
    const char *kind = luaL_checkstring(L, 2);
    bool is_sqlite = strcmp(kind, "sqlite") == 0, create = lua_toboolean(L, 5);
    luaL_argcheck(L, is_sqlite || strcmp(kind, "postgresql") == 0, 1, "no such kind");
    const char *name = check_path(L, is_sqlite ? 3 : 4);
    struct store *self = lua_newuserdata(L, sizeof *self);
    *self = (struct store){ .store = NULL };
    luaL_getmetatable(L, STORE);
    lua_setmetatable(L, -2);
    void *database = is_sqlite ? tn_sqlite_new(name, create) : tn_postgresql_new(name, create);
    self->store = tn_store_new(is_sqlite ? &tn_sqlite_driver : &tn_postgresql_driver, database);
    if (!self->store)
        return luaL_error(L, "not enough memory or file descriptors for a journal");
    return 1;
}

/* problem(path) -> kind, message | nothing
 * What stat() says of a journal in SQLite: "invalid" where none can be, "journal" if it is
 * missing. */
static int stores_problem(lua_State *L) {
    static const char *const kinds[] = { [TN_SQLITE_FILE_MISSING] = "journal",
                                         [TN_SQLITE_FILE_UNSUITABLE] = "invalid",
                                         [TN_SQLITE_FILE_UNREADABLE] = "journal" };
    char message[TN_STORE_MESSAGE_MAX];
    enum tn_sqlite_file file = tn_sqlite_file_check(check_path(L, 1), message, sizeof message);
    if (file == TN_SQLITE_FILE_GOOD)
        return 0;
    lua_pushstring(L, kinds[file]);
    lua_pushstring(L, message);
    return 2;
}

/* ---- submitting ---- */

/* Copies a string from the stack. False if there is no memory. */
static bool copy_string(lua_State *L, int index, struct tn_bytes *copy) {
    size_t length;
    const char *bytes = luaL_checklstring(L, index, &length);
    luaL_argcheck(L, length <= BYTES_MAX, index > 0 ? index : 5, "too long");
    return tn_bytes_copy(copy, bytes, length);
}

/* Appends a record whose key is on top of the stack, and pops that. False if there is no
 * memory. */
static bool add_key(lua_State *L, struct tn_store_request *request) {
    struct tn_record record = { .version = 0 };
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 5, "a key that is no string");
    bool copied = copy_string(L, -1, &record.key);
    lua_pop(L, 1);
    if (copied && tn_store_request_append(request, &record))
        return true;
    tn_bytes_free(&record.key);
    return false;
}

/* Fills in the version and the value of the last record from the write on top of the stack.
 * False if there is no memory. */
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
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 5, "a value that is no string");
        copied = copy_string(L, -1, &record->value);
    }
    lua_pop(L, 1);
    return copied;
}

static bool add_write(lua_State *L, struct tn_store_request *request) {
    luaL_argcheck(L, lua_istable(L, -1), 5, "a write that is no table");
    lua_getfield(L, -1, "key");
    return add_key(L, request) && fill_write(L, request);
}

/* Fills in the keys, or the writes, of the array that is the fifth argument. */
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
    luaL_argcheck(L, !tn_store_request_repeats(request), 5, "two writes have one key");
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
    struct draft *draft = luaL_checkudata(L, 1, REQUEST);
    tn_store_request_delete(draft->request);
    draft->request = NULL;
    return 0;
}

/* store:submit(tag, deadline, "read", keys) -> submitted
 * store:submit(tag, deadline, "apply", writes): {key =, version = (0: absent), value = (nil:
 *   delete)}
 * store:submit(tag, deadline, "scan", prefix, after | nil, limit)
 * The deadline is on core.now()'s clock. False: there is no memory or no thread, or the store
 * was closed or is another process's, and nothing was queued. */
static int store_submit(lua_State *L) {
    static const char *const operations[] = { "read", "apply", "scan", NULL };
    struct store *self = check(L);
    unsigned tag = (unsigned)luaL_checkinteger(L, 2);
    double deadline = luaL_checknumber(L, 3);
    enum tn_store_operation operation =
        (enum tn_store_operation)luaL_checkoption(L, 4, NULL, operations);
    lua_settop(L, 7);
    struct draft *draft = lua_newuserdata(L, sizeof *draft);
    draft->request = NULL;
    luaL_getmetatable(L, REQUEST);
    lua_setmetatable(L, -2);
    struct tn_store_request *request = tn_store_request_new(operation, tag, deadline);
    draft->request = request;
    bool is_whole = request && (operation == TN_STORE_SCAN ? add_range(L, request)
                                                           : add_records(L, request));
    bool submitted = is_whole && is_usable(self) && tn_store_submit(self->store, request);
    if (!submitted)
        tn_store_request_delete(request);
    draft->request = NULL;
    lua_pushboolean(L, submitted);
    return 1;
}

/* ---- taking ---- */

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

static int push_values(lua_State *L, const struct tn_store_request *request) {
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

/* push_result(request): light userdata, which the caller frees */
static int push_result(lua_State *L) {
    const struct tn_store_request *request = lua_touserdata(L, 1);
    lua_settop(L, 0);
    lua_pushinteger(L, (lua_Integer)request->tag);
    return 1 + push_values(L, request);
}

/* store:take() -> tag, ... | nil | false
 * The next result; nil if there is none.
 *   read:  tag, { [key] = { version =, value = } }, now (milliseconds), era | tag, nil, message
 *   apply: tag, true: written | tag, false: some version differs | tag, nil, message,
 * is_certain: nothing was written, nor will be scan:  tag, { { key =, version =, value = }, ...
 * } | tag, nil, message false: the store was closed, or is another process's. Where memory runs
 * out it raises an error, and the next call returns the same result. */
static int store_take(lua_State *L) {
    struct store *self = check(L);
    if (!is_usable(self)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    lua_settop(L, 1);
    lua_pushcfunction(L, push_result);
    if (self->is_taking || !self->store)
        return 0;
    if (!self->taken)
        self->taken = tn_store_take(self->store);
    if (!self->taken)
        return 0;
    lua_pushlightuserdata(L, self->taken);
    self->is_taking = true;
    int status = lua_pcall(L, 1, LUA_MULTRET, 0);
    self->is_taking = false;
    if (status != 0)
        return lua_error(L);
    tn_store_request_delete(self->taken);
    self->taken = NULL;
    return lua_gettop(L) - 1;
}

/* ---- waiting ---- */

/* store:descriptor() -> file descriptor | nil: readable while take() has something */
static int store_descriptor(lua_State *L) {
    const struct store *self = check(L);
    if (!self->store)
        return 0;
    lua_pushinteger(L, tn_store_descriptor(self->store));
    return 1;
}

/* store:wait(seconds): blocks until the descriptor is readable, or a signal arrives */
static int store_wait(lua_State *L) {
    const struct store *self = check(L);
    double milliseconds = luaL_checknumber(L, 2) * 1000;
    if (!is_usable(self) || !(milliseconds > 0))
        return 0;
    struct pollfd descriptor = { .fd = tn_store_descriptor(self->store), .events = POLLIN };
    poll(&descriptor, 1, milliseconds < WAIT_MAX ? (int)milliseconds + 1 : WAIT_MAX);
    return 0;
}

/* store:is_foreign() -> boolean: whether it was closed, or this is a child of fork() and it is
 * the parent's */
static int store_is_foreign(lua_State *L) {
    lua_pushboolean(L, !is_usable(check(L)));
    return 1;
}

static void close_store(struct store *self, double seconds) {
    struct tn_store *store = self->store;
    self->store = NULL;
    if (!self->is_taking) {
        tn_store_request_delete(self->taken);
        self->taken = NULL;
    }
    tn_store_close(store, seconds);
}

/* store:close(seconds): waits at most so long for what is queued; may be called twice */
static int store_close(lua_State *L) {
    struct store *self = check(L);
    close_store(self, luaL_optnumber(L, 2, 0));
    return 0;
}

/* Waits for nothing: what waits for a result would still refer to the store. */
static int store_collect(lua_State *L) {
    close_store(check(L), 0);
    return 0;
}

static const luaL_Reg methods[] = {
    { "submit", store_submit },
    { "take", store_take },
    { "descriptor", store_descriptor },
    { "wait", store_wait },
    { "is_foreign", store_is_foreign },
    { "close", store_close },
    { "__gc", store_collect },
    { "__close", store_collect },
    { NULL, NULL },
};

static const luaL_Reg draft_methods[] = { { "__gc", draft_collect }, { NULL, NULL } };

static const luaL_Reg functions[] = {
    { "open", stores_open },
    { "problem", stores_problem },
    { NULL, NULL },
};

TN_EXPORT int luaopen_twilio_numbers_stores(lua_State *L);

/* lua_close() unloads modules. Ours stays: its threads may still run then, and exit() calls
 * what it was told to (the Makefile links with -z nodelete, LuaRocks does not). */
static void stay_loaded(void) {
#ifdef RTLD_NODELETE
    Dl_info self;
    void *address = NULL;
    int (*function)(lua_State *) = luaopen_twilio_numbers_stores;
    memcpy(&address, &function, sizeof address); /* ISO C has no cast from one to the other */
    if (dladdr(address, &self) && self.dli_fname)
        dlopen(self.dli_fname, RTLD_LAZY | RTLD_NODELETE | RTLD_NOLOAD);
#endif
}

int luaopen_twilio_numbers_stores(lua_State *L) {
    if (!tn_fork_watch() || !tn_store_global_init())
        return luaL_error(L, "not enough memory for what exit() and fork() are to call");
    stay_loaded();
    tn_lua_new_class(L, REQUEST, draft_methods, 0);
    tn_lua_new_class(L, STORE, methods, 0);
    lua_createtable(L, 0, sizeof functions / sizeof *functions - 1);
    tn_lua_set_functions(L, functions, 0);
    return 1;
}
