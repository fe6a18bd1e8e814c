/* What sessions and engines have in common for Lua: their options, and how an answer looks.
 * Part of the binding: used by lua_session.c, lua_engine.c and lua_curl.c. */
#ifndef TN_LUA_TRANSPORT_H
#define TN_LUA_TRANSPORT_H

#include "exchange.h"
#include "lua_compat.h"
#include "lua_settings.h"

/* Reads {ca_file =, proxy =, user_agent =, http_version =, plain = boolean} at 1. The
 * strings stay on the stack, which keeps them alive. Raises if they are of the wrong type. */
struct tn_exchange_options tn_lua_exchange_options(lua_State *L);

/* Reads the name of a method at `index`; raises if there is no such method. */
enum tn_method tn_lua_check_method(lua_State *L, int index);

/* Pushes {outcome =, sent =, permanent =, reason =, status =, headers =, json =, not_json =,
 * sid =, is_empty =}: the object that the body is, or why it is none and the SID of a number in
 * it (or ""), and whether there is no body. */
void tn_lua_push_answer(lua_State *L, int builder, const struct tn_result *result);

/* What a purchase came to: pushes a number, its status and request_id | nil; or pushes the
 * answer alone and returns TN_FIT_OTHER, if it was not bought, cannot be read, or is not what
 * was asked for. */
enum tn_lua_fit tn_lua_push_purchase(lua_State *L, int builder,
                                     const struct tn_request *request,
                                     const struct tn_result *result);

/* Makes a class: a metatable of that name with its methods, each with the builder of
 * lua_json.h as its first upvalue. */
void tn_lua_new_class(lua_State *L, const char *name, const luaL_Reg *methods);

/* The classes. */
void tn_lua_new_session_class(lua_State *L);
void tn_lua_new_engine_class(lua_State *L);

/* session{...} -> session, engine{..., max_in_flight =} -> engine: see their files. */
int tn_lua_new_session(lua_State *L);
int tn_lua_new_engine(lua_State *L);

#endif
