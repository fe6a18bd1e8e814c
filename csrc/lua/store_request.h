/* Converts Lua arguments to requests for a journal's store, and their results to Lua values.
 * Part of the binding. */
#ifndef TN_LUA_STORE_REQUEST_H
#define TN_LUA_STORE_REQUEST_H

#include <lua.h>

#include "journal/request.h"

#pragma GCC visibility push(hidden)

/* A userdata that owns a request while it is built, so that an error frees it. */
struct tn_draft {
    struct tn_store_request *request; /* NULL: there is no memory, or the store owns it */
};

void tn_lua_new_draft_class(lua_State *L);

/* Makes a request from the arguments of store:submit(), and pushes its draft. */
struct tn_draft *tn_lua_draft_store_request(lua_State *L);

/* Pushes the result of a request. Returns the number of values. */
int tn_lua_push_store_result(lua_State *L, const struct tn_store_request *request);

#pragma GCC visibility pop

#endif
