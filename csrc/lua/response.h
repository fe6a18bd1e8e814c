/* What came of one request, for Lua: in C, and readable as often as wanted, until the next
 * request is begun on it. Part of the binding: lua/core.c makes them, lua/session.c and
 * lua/io_thread.c fill them. */
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
    bool is_done; /* else it reads as a request that may have been sent, and is unanswered */
    bool opaque_sids; /* it comes from a service with identifiers of its own, see pure/sid.h */
};

/* Creates the class; nothing if the state has it. */
void tn_lua_new_response_class(lua_State *L);

/* new_response([opaque_sids]) -> response, which reads as nothing sent */
int tn_lua_new_response(lua_State *L);

/* The response at an index; raises if it is none. */
struct tn_lua_response *tn_lua_check_response(lua_State *L, int index);

/* Forgets what was there. */
void tn_lua_response_begin(struct tn_lua_response *response, enum tn_method method);

/* Nothing was sent, and to try again is of no use. */
void tn_lua_response_refuse(struct tn_lua_response *response, enum tn_outcome outcome,
                            const char *reason);

#pragma GCC visibility pop

#endif
