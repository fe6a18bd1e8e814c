/* A session for Lua: performs one request at a time on a kept connection, in the caller's
 * thread. */
#include "lua/auth.h"
#include "lua/class.h"
#include "lua/form.h"
#include "lua/response.h"
#include "lua/transport.h"

#define SESSION "twilio.numbers.session"

/* A userdata that owns the transfer; NULL once it is closed. Nothing allocates in Lua while it
 * is in use, so that no finalizer can close it meanwhile. */
struct session {
    struct tn_transfer *transfer;
    struct tn_auth_headers *headers;
    bool unauthorized; /* there was no memory for the credentials, so nothing may be sent */
};

static struct session *check(lua_State *L) {
    return tn_lua_self(L, SESSION);
}

/* session{ca_file =, proxy =, user_agent =, http_version =, plain =, direct =
 * boolean} -> session */
int tn_lua_new_session(lua_State *L) {
    struct tn_transfer_options options = tn_lua_transfer_options(L);
    struct session *session = lua_newuserdata(L, sizeof *session);
    *session = (struct session){ .transfer = NULL };
    luaL_getmetatable(L, SESSION);
    lua_setmetatable(L, -2);
    session->transfer = tn_transfer_new(&options);
    if (!session->transfer)
        return luaL_error(L, "not enough memory for a session");
    return 1;
}

/* session:authorize(value) -> boolean
 * Sets the Authorization header of further requests. False if the session is closed, or if
 * there is no memory for it: then the session sends nothing until authorize() succeeds. */
static int session_authorize(lua_State *L) {
    struct session *session = check(L);
    const char *value = tn_lua_check_authorization(L, 2);
    if (session->transfer) {
        tn_auth_headers_release(session->headers);
        session->headers = tn_auth_headers_new(value);
        session->unauthorized = !session->headers;
    }
    lua_pushboolean(L, session->transfer && !session->unauthorized);
    return 1;
}

/* On Ctrl-C, the standalone interpreter sets a hook that raises an error at the next
 * instruction, which runs only once libcurl is done. So a new hook aborts the transfer. */
struct hook_watch {
    lua_State *L;
    lua_Hook before;
};

static bool hook_changed(void *context) {
    const struct hook_watch *watch = context;
    return lua_gethook(watch->L) != watch->before;
}

/* session:send(response, method, url, body | form | nil, timeout, connect_timeout, not_after)
 * Sends once, waits, and fills the response. libcurl never sends a POST or DELETE a second time
 * by itself. No byte is sent once core.boot_now() has reached not_after, or the wall clock has
 * advanced as far; 0 or nil: no limit. */
static int session_send(lua_State *L) {
    struct session *session = check(L);
    struct tn_lua_response *response = tn_lua_check_response(L, 2);
    struct hook_watch watch = { L, lua_gethook(L) };
    struct tn_request request = tn_lua_check_request(L, 3);
    if (!session->transfer || session->unauthorized) {
        tn_lua_response_refuse(response, session->transfer ? TN_CONNECT : TN_CLOSED,
                               session->transfer ? "not enough memory" : "");
        return 0;
    }
    request.limit = tn_lua_check_send_limit(L, 8);
    request.headers = session->headers;
    request.interrupted = hook_changed;
    request.context = &watch;
    tn_lua_response_begin(response, request.method);
    tn_transfer_perform(session->transfer, &request, &response->result);
    response->is_done = true;
    return 0;
}

static void end(struct session *session) {
    tn_transfer_delete(session->transfer);
    tn_auth_headers_release(session->headers);
    session->transfer = NULL;
    session->headers = NULL;
}

/* session:close(): safe to call twice */
static int session_close(lua_State *L) {
    end(check(L));
    return 0;
}

static const luaL_Reg methods[] = {
    { "authorize", session_authorize }, { "send", session_send },
    { "close", session_close },         { "__gc", session_close },
    { "__close", session_close },       { NULL, NULL },
};

void tn_lua_new_session_class(lua_State *L) {
    tn_lua_new_class(L, SESSION, methods, 0);
}
