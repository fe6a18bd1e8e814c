/* What sessions and io_threads share: their options and the arguments of a request. Part of the
 * binding: used by lua/session.c, lua/io_thread.c and lua/curl.c. */
#ifndef TN_LUA_TRANSPORT_H
#define TN_LUA_TRANSPORT_H

#include "http/transfer.h"
#include "lua/compat.h"

#pragma GCC visibility push(hidden)

/* Reads {ca_file =, proxy =, user_agent =, http_version =, plain =, direct = boolean} at 1. The
 * strings stay on the stack, which keeps them alive. Raises if they have the wrong type. */
struct tn_transfer_options tn_lua_transfer_options(lua_State *L);

/* Reads a request from the arguments from `index`: method, url, body (a string, a form, or
 * nil), timeout, connect_timeout. It is valid as long as these values. Raises if they have the
 * wrong types. */
struct tn_request tn_lua_check_request(lua_State *L, int index);

/* Reads the time from which the request must not be sent, on core.boot_now()'s clock; nil or 0:
 * no limit. */
struct tn_send_limit tn_lua_check_send_limit(lua_State *L, int index);

/* Create the classes. */
void tn_lua_new_session_class(lua_State *L);
void tn_lua_new_io_thread_class(lua_State *L);

/* session{...} -> session, io_thread{..., max_in_flight =} -> io_thread: see their files. */
int tn_lua_new_session(lua_State *L);
int tn_lua_new_io_thread(lua_State *L);

#pragma GCC visibility pop

#endif
