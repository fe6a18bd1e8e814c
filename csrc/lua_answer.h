/* From the body of an answer to a plain Lua table, by lua-cjson. Part of the binding: used by
 * lua_core.c and lua_curl.c. */
#ifndef TN_LUA_ANSWER_H
#define TN_LUA_ANSWER_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Deeper nesting is an error: Twilio's answers have two or three levels. */
#define TN_ANSWER_DEPTH_MAX 32

/* Raises if the stacks have no room for what handing over an answer takes: to be called before
 * anything is sent. */
void tn_lua_need_room(lua_State *L);

/* Pushes a function that decodes, with lua-cjson in it: an instance of our own, since settings
 * of the shared one are the whole process's. Raises an error if lua-cjson is missing. */
void tn_lua_push_decoder(lua_State *L);

/* Decodes `body` with the decoder at the (pseudo-)index. Pushes a table without metatable, in
 * which a JSON null is an absent key and a whole number an integer, and returns true; or pushes
 * a string that says why not, and returns false: not JSON, not an object, too deep. Raises what
 * has nothing to do with the text: no memory, the error of a finalizer. */
bool tn_lua_decode(lua_State *L, int decoder, const char *body, size_t length);

/* Decodes the answer to a purchase: the same, and the object must be a phone number, which it
 * is if it has the SID of one. */
bool tn_lua_decode_number(lua_State *L, int decoder, const char *body, size_t length);

#endif
