/* What sessions and engines have in common for Lua: their options, and how a response looks.
 * Part of the binding: used by lua/session.c, lua/io_thread.c and lua/curl.c. */
#ifndef TN_LUA_TRANSPORT_H
#define TN_LUA_TRANSPORT_H

#include "http/transfer.h"
#include "lua/compat.h"
#include "lua/settings.h"

#pragma GCC visibility push(hidden)

/* Reads {ca_file =, proxy =, user_agent =, http_version =, plain = boolean} at 1. The
 * strings stay on the stack, which keeps them alive. Raises if they are of the wrong type. */
struct tn_transfer_options tn_lua_exchange_options(lua_State *L);

/* Reads the name of a method at `index`; raises if there is no such method. */
enum tn_method tn_lua_check_method(lua_State *L, int index);

/* Pushes {outcome =, sent =, permanent =, reason =, status =, headers =, json =, not_json =,
 * sid =, is_empty =}: the object that the body is, or why it is none and the SID of a number in
 * it (or ""), and whether there is no body. */
void tn_lua_push_answer(lua_State *L, int builder, const struct tn_result *result);

/* What a purchase came to: pushes a number, its status and request_id | nil; or pushes the
 * response alone and returns TN_FIT_OTHER, if it was not bought, cannot be read, or is not what
 * was asked for. */
enum tn_lua_fit tn_lua_push_purchase(lua_State *L, int builder,
                                     const struct tn_request *request,
                                     const struct tn_result *result);

/* Makes a class: a metatable of that name with its methods, each with the builder of
 * lua/json.h as its first upvalue. */
void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods);

/* The classes. */
void tn_lua_new_session_class(lua_State *L);
void tn_lua_new_engine_class(lua_State *L);

/* session{...} -> session, io_thread{..., max_in_flight =} -> io_thread: see their files. */
int tn_lua_new_session(lua_State *L);
int tn_lua_new_engine(lua_State *L);

#pragma GCC visibility pop

#endif
