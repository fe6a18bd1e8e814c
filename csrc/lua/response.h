/* The response to a request, for Lua. It stays in C, and can be read any number of times until
 * the next request begins on it. Part of the binding: lua/core.c creates responses,
 * lua/session.c and lua/io_thread.c fill them. */
#ifndef TN_LUA_RESPONSE_H
#define TN_LUA_RESPONSE_H

#include <lua.h>
#include <stdbool.h>

#include "pure/method.h"
#include "pure/result.h"

#pragma GCC visibility push(hidden)

struct tn_lua_response {
    struct tn_result result;
    enum tn_method method;
    bool is_done;     /* else it reads as a request that may have been sent and is unanswered */
    bool opaque_sids; /* from a service with identifiers of its own, see pure/sid.h */
};

/* Creates the class, unless the state has it. */
void tn_lua_new_response_class(lua_State *L);

/* new_response([opaque_sids]) -> response, which at first reads as not sent */
int tn_lua_new_response(lua_State *L);

/* The response at an index; raises for anything else. */
struct tn_lua_response *tn_lua_check_response(lua_State *L, int index);

/* Forgets the previous request, and begins one with that method. */
void tn_lua_response_begin(struct tn_lua_response *response, enum tn_method method);

/* Fills the response of a request that was not sent, and that retrying cannot help. */
void tn_lua_response_refuse(struct tn_lua_response *response, enum tn_outcome outcome,
                            const char *reason);

#pragma GCC visibility pop

#endif
