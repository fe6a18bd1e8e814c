/* twilio.numbers.curl: transport on libcurl for Lua. A session is one connection that is kept,
 * and does one request at a time, in the caller's thread. */
#include <curl/curl.h>
#include <string.h>

#include "exchange.h"
#include "lua_answer.h"
#include "lua_compat.h"
#include "lua_params.h"

#define SESSION "twilio.numbers.session"

/* A userdata that owns the exchange; NULL once it is closed. Any allocation of Lua's may run a
 * finalizer, and that may close the session or use it: so a session that is in use is closed
 * only when its user is done, and has one user at a time. */
struct session {
    struct tn_exchange *exchange;
    bool busy, closing;
};

/* True if the caller is now the session's user, and must end with leave(). Checks no arguments:
 * an error between the two would leave it busy. */
static bool enter(struct session *session) {
    if (!session->exchange || session->busy)
        return false;
    session->busy = true;
    return true;
}

static void end(struct session *session) {
    struct tn_exchange *exchange = session->exchange;
    session->exchange = NULL;
    tn_exchange_delete(exchange);
}

static void leave(struct session *session) {
    session->busy = false;
    if (session->closing)
        end(session);
}

/* The string in a field of the table at 1, or NULL; the table keeps it alive. */
static const char *string_field(lua_State *L, const char *key) {
    lua_getfield(L, 1, key);
    const char *text = lua_isnil(L, -1) ? NULL : luaL_checkstring(L, -1);
    lua_pop(L, 1);
    return text;
}

static bool boolean_field(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static enum tn_http_version http_version_field(lua_State *L) {
    const char *name = string_field(L, "http_version");
    for (int version = 0; name && version < TN_HTTP_VERSION_COUNT; version++)
        if (strcmp(name, tn_http_version_name((enum tn_http_version)version)) == 0)
            return (enum tn_http_version)version;
    if (name)
        luaL_error(L, "no HTTP version '%s'", name);
    return TN_HTTP_1_1;
}

/* session{ca_file =, proxy =, user_agent =, http_version =, plain = boolean} -> session */
static int curl_session(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    struct tn_exchange_options options = {
        .ca_file = string_field(L, "ca_file"),
        .proxy = string_field(L, "proxy"),
        .user_agent = string_field(L, "user_agent"),
        .http_version = http_version_field(L),
        .plain = boolean_field(L, 1, "plain"),
    };
    struct session *session = lua_newuserdata(L, sizeof *session);
    *session = (struct session){ .exchange = NULL };
    luaL_getmetatable(L, SESSION);
    lua_setmetatable(L, -2);
    session->exchange = tn_exchange_new(&options);
    if (!session->exchange)
        return luaL_error(L, "not enough memory for a session");
    return 1;
}

/* version() -> "libcurl/7.88.1" */
static int curl_version_name(lua_State *L) {
    lua_pushfstring(L, "libcurl/%s", curl_version_info(CURLVERSION_NOW)->version);
    return 1;
}

/* session:authorize(value): the Authorization header of the requests to come, if there can be
 * any */
static int session_authorize(lua_State *L) {
    struct session *session = luaL_checkudata(L, 1, SESSION);
    const char *value = luaL_checkstring(L, 2);
    if (session->exchange && !session->busy && !tn_exchange_authorize(session->exchange, value))
        return luaL_error(L, "not enough memory for the credentials");
    return 0;
}

/* The standalone interpreter answers Ctrl-C by a hook that raises an error at the next
 * instruction, which comes only when libcurl is done. So a hook that was not there before ends
 * the wait. */
struct hook_watch {
    lua_State *L;
    lua_Hook before;
};

static bool hook_changed(void *context) {
    const struct hook_watch *watch = context;
    return lua_gethook(watch->L) != watch->before;
}

static const struct tn_result *perform(lua_State *L, struct session *session,
                                       struct tn_request request) {
    struct hook_watch watch = { L, lua_gethook(L) };
    request.interrupted = hook_changed;
    request.interrupted_context = &watch;
    return tn_exchange_perform(session->exchange, &request);
}

static void push_headers(lua_State *L, const struct tn_answer *answer) {
    lua_createtable(L, 0, TN_HEADER_COUNT);
    for (int i = 0; i < TN_HEADER_COUNT; i++) {
        if (answer->headers[i][0] == '\0')
            continue;
        lua_pushstring(L, answer->headers[i]);
        lua_setfield(L, -2, tn_header_name((enum tn_header)i));
    }
}

/* Pushes {outcome =, sent =, permanent =, reason =, status =, headers =, body =}. */
static void push_answer(lua_State *L, const struct tn_result *result) {
    lua_createtable(L, 0, 7);
    lua_pushstring(L, tn_outcome_name(result->outcome));
    lua_setfield(L, -2, "outcome");
    lua_pushboolean(L, result->sent);
    lua_setfield(L, -2, "sent");
    lua_pushboolean(L, result->permanent);
    lua_setfield(L, -2, "permanent");
    lua_pushstring(L, result->reason);
    lua_setfield(L, -2, "reason");
    if (result->answer.status != 0) {
        lua_pushinteger(L, result->answer.status);
        lua_setfield(L, -2, "status");
    }
    push_headers(L, &result->answer);
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, result->answer.body ? result->answer.body : "",
                    result->answer.body_length);
    lua_setfield(L, -2, "body");
}

/* Pushes the answer of a session that cannot be used. */
static void push_refusal(lua_State *L, const struct session *session) {
    bool closed = !session->exchange;
    struct tn_result result = { .outcome = TN_CONNECT, .permanent = true };
    push_answer(L, &result);
    lua_pushstring(L, closed ? "closed" : "connect");
    lua_setfield(L, -2, "outcome");
    lua_pushstring(L, closed ? "" : "the session is in use, by whoever called this");
    lua_setfield(L, -2, "reason");
}

/* session:exchange(url, body | nil, timeout, connect_timeout, once) -> answer
 * A GET, or with a body a POST; `once`: never sent a second time by libcurl itself. */
static int session_exchange(lua_State *L) {
    struct session *session = luaL_checkudata(L, 1, SESSION);
    struct tn_request request = { .url = luaL_checkstring(L, 2) };
    request.body = luaL_optlstring(L, 3, NULL, &request.body_length);
    request.timeout = luaL_checknumber(L, 4);
    request.connect_timeout = luaL_checknumber(L, 5);
    request.once = lua_toboolean(L, 6);
    if (!enter(session)) {
        push_refusal(L, session);
        return 1;
    }
    push_answer(L, perform(L, session, request));
    leave(session);
    return 1;
}

static bool is_success(const struct tn_result *result) {
    return result->outcome == TN_ANSWERED && result->answer.status / 100 == 2;
}

/* The steps of a purchase on a session that is entered; see session_purchase. */
static int purchase(lua_State *L, struct session *session, struct tn_request request) {
    lua_pushnil(L);
    if (!tn_lua_push_form(L, 3))
        return 2;
    request.body = lua_tolstring(L, -1, &request.body_length);
    const struct tn_result *result = perform(L, session, request);
    const struct tn_answer *answer = &result->answer;
    if (is_success(result)) {
        if (tn_lua_decode_number(L, lua_upvalueindex(1), answer->body, answer->body_length)) {
            lua_pushinteger(L, answer->status);
            if (answer->headers[TN_TWILIO_REQUEST_ID][0] == '\0')
                return 2;
            lua_pushstring(L, answer->headers[TN_TWILIO_REQUEST_ID]);
            return 3;
        }
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    lua_insert(L, -2);
    push_answer(L, result);
    return 4;
}

/* session:purchase(url, params, timeout, connect_timeout): checks, encodes, sends once,
 * decodes.
 *   -> number, status, request_id | nil    bought
 *   -> nil, problems                       nothing was sent
 *   -> nil, nil, form, answer              anything else
 * Upvalue: the decoder. */
static int session_purchase(lua_State *L) {
    struct session *session = luaL_checkudata(L, 1, SESSION);
    struct tn_request request = { .url = luaL_checkstring(L, 2), .once = true };
    request.timeout = luaL_checknumber(L, 4);
    request.connect_timeout = luaL_checknumber(L, 5);
    lua_settop(L, 5);
    if (!enter(session)) {
        lua_pushnil(L);
        lua_pushnil(L);
        lua_pushliteral(L, "");
        push_refusal(L, session);
        return 4;
    }
    int results = purchase(L, session, request);
    leave(session);
    return results;
}

/* session:close(): at once, or when who uses it is done; safe to call twice */
static int session_close(lua_State *L) {
    struct session *session = luaL_checkudata(L, 1, SESSION);
    session->closing = true;
    if (!session->busy)
        end(session);
    return 0;
}

/* Collected: nobody can be using it, since a user has it on the stack. */
static int session_collect(lua_State *L) {
    end(luaL_checkudata(L, 1, SESSION));
    return 0;
}

static const luaL_Reg methods[] = {
    { "authorize", session_authorize },
    { "exchange", session_exchange },
    { "purchase", session_purchase },
    { "close", session_close },
    { "__gc", session_collect },
    { "__close", session_close },
    { NULL, NULL },
};

static const luaL_Reg functions[] = {
    { "session", curl_session },
    { "version", curl_version_name },
    { NULL, NULL },
};

int luaopen_twilio_numbers_curl(lua_State *L);
int luaopen_twilio_numbers_curl(lua_State *L) {
    if (!tn_exchange_global_init())
        return luaL_error(L, "libcurl could not be initialised");
    luaL_newmetatable(L, SESSION);
    tn_lua_push_decoder(L);
    tn_lua_set_functions(L, methods, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "session"); /* getmetatable() gives this, not the table */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    lua_createtable(L, 0, sizeof functions / sizeof *functions - 1);
    tn_lua_set_functions(L, functions, 0);
    return 1;
}
