/* twilio.numbers.stores: databases for journals. A store hands requests to a thread of its own
 * and takes their results; only wait() and close() block. */
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "http/fork.h"
#include "journal/sqlite_file.h"
#include "journal/thread.h"
#include "lua/class.h"
#include "lua/compat.h"
#include "lua/loaded.h"
#include "lua/store_request.h"

#define STORE "twilio.numbers.store"

enum { WAIT_MAX = 1000000000 }; /* milliseconds */

/* The userdata, which owns the store. `store` is NULL once it is closed; all methods must still
 * work then, since other finalizers may call them after its own. */
struct store {
    struct tn_store *store;
    struct tn_store_request *taken; /* its result could not be returned for lack of memory */
    bool is_taking;                 /* take() runs; a finalizer may call it, or close() */
};

static struct store *check(lua_State *L) {
    return tn_lua_self(L, STORE);
}

static bool is_usable(const struct store *self) {
    return self->store && !tn_store_is_foreign(self->store);
}

/* ---- opening ---- */

static const char *check_path(lua_State *L, int index) {
    size_t length;
    const char *text = luaL_checklstring(L, index, &length);
    luaL_argcheck(L, length > 0 && strlen(text) == length, 1,
                  "an empty name, or one with a NUL byte");
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
 * Checks a journal in SQLite with stat(). kind is "invalid" if no journal can be there,
 * "journal" if it is missing. */
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

/* store:submit(tag, deadline, "read", keys) -> submitted
 * store:submit(tag, deadline, "apply", { { key =, version =, value = }, ... }) -> submitted
 * store:submit(tag, deadline, "scan", prefix, after | nil, limit) -> submitted
 * A write's version is the one to replace, 0 if there is no record; without a value it deletes
 * the record. The deadline is on core.now()'s clock. False, with nothing queued, if there is no
 * memory or no thread, or if the store was closed or is another process's. */
static int store_submit(lua_State *L) {
    struct store *self = check(L);
    struct tn_draft *draft = tn_lua_draft_store_request(L);
    bool submitted =
        draft->request && is_usable(self) && tn_store_submit(self->store, draft->request);
    if (!submitted)
        tn_store_request_delete(draft->request);
    draft->request = NULL;
    lua_pushboolean(L, submitted);
    return 1;
}

/* ---- taking ---- */

/* push_result(request): light userdata, which the caller frees */
static int push_result(lua_State *L) {
    const struct tn_store_request *request = lua_touserdata(L, 1);
    lua_settop(L, 0);
    lua_pushinteger(L, (lua_Integer)request->tag);
    return 1 + tn_lua_push_store_result(L, request);
}

/* store:take() -> tag, ... | nil | false
 * The next result; nil if there is none; false if the store was closed or is another process's.
 *   read:  tag, { [key] = { version =, value = } }, now (milliseconds), era
 *   apply: tag, written (false: a version differs)
 *   scan:  tag, { { key =, version =, value = }, ... }
 * After a failure: tag, nil, message; for apply also is_certain: nothing was, or will be,
 * written. If memory runs out it raises, and the next call returns the same result. */
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

/* store:is_foreign() -> boolean
 * Whether it was closed, or belongs to the parent of this process. */
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

/* store:close(seconds): waits up to `seconds` for queued requests; may be called twice */
static int store_close(lua_State *L) {
    struct store *self = check(L);
    close_store(self, luaL_optnumber(L, 2, 0));
    return 0;
}

/* The finalizer. Does not wait: a caller that waits for a result would still refer to the
 * store. */
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

static const luaL_Reg functions[] = {
    { "open", stores_open },
    { "problem", stores_problem },
    { NULL, NULL },
};

TN_EXPORT int luaopen_twilio_numbers_stores(lua_State *L);

int luaopen_twilio_numbers_stores(lua_State *L) {
    if (!tn_fork_watch() || !tn_store_global_init())
        return luaL_error(L, "not enough memory for the exit() and fork() handlers");
    tn_lua_stay_loaded(luaopen_twilio_numbers_stores);
    tn_lua_new_draft_class(L);
    tn_lua_new_class(L, STORE, methods, 0);
    lua_createtable(L, 0, sizeof functions / sizeof *functions - 1);
    tn_lua_set_functions(L, functions, 0);
    return 1;
}
