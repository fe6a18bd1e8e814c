/* A session for Lua: a connection that is kept, and one request at a time on it, in the
 * caller's thread. */
#include <stdlib.h>

#include "lua/auth.h"
#include "lua/params.h"
#include "lua/room.h"
#include "lua/transport.h"

#define SESSION "twilio.numbers.session"

enum { TRIES = 8 }; /* to hand over what came of a request */

/* A userdata that owns the transfer; NULL once it is closed. Any allocation of Lua's may run a
 * finalizer, and that may close the session or use it: so a session that is in use is closed
 * only when its user is done, and has one user at a time. */
struct session {
    struct tn_transfer *transfer;
    struct tn_auth_headers *headers;
    struct tn_result result; /* of the last request */
    char *form;              /* room for one that is sent */
    size_t form_room;
    bool busy, closing;
    bool unauthorized; /* there was no memory for the credentials: nothing may be sent */
};

/* True if the caller is now the session's user, and must end with leave(). */
static bool enter(struct session *session) {
    if (!session->transfer || session->busy)
        return false;
    session->busy = true;
    return true;
}

static void end(struct session *session) {
    struct tn_transfer *transfer = session->transfer;
    struct tn_auth_headers *headers = session->headers;
    session->transfer = NULL;
    session->headers = NULL;
    tn_transfer_delete(transfer);
    tn_auth_headers_release(headers);
    tn_response_free(&session->result.response);
    free(session->form);
    session->form = NULL;
    session->form_room = 0;
}

static void leave(struct session *session) {
    session->busy = false;
    if (session->closing)
        end(session);
}

/* session{ca_file =, proxy =, user_agent =, http_version =, plain = boolean} -> session */
int tn_lua_new_session(lua_State *L) {
    struct tn_transfer_options options = tn_lua_exchange_options(L);
    struct session *session = lua_newuserdata(L, sizeof *session);
    *session = (struct session){ .transfer = NULL };
    luaL_getmetatable(L, SESSION);
    lua_setmetatable(L, -2);
    session->transfer = tn_transfer_new(&options);
    if (!session->transfer)
        return luaL_error(L, "not enough memory for a session");
    return 1;
}

/* session:authorize(value) -> whether that is the Authorization header of the requests to come:
 * not of a session that is closed or in use, nor of one without memory for it, which then sends
 * nothing until it has one */
static int session_authorize(lua_State *L) {
    struct session *session = luaL_checkudata(L, 1, SESSION);
    const char *value = tn_lua_check_authorization(L, 2);
    lua_pushboolean(L, session->transfer && !session->busy);
    if (!lua_toboolean(L, -1))
        return 1;
    tn_auth_headers_release(session->headers);
    session->headers = tn_auth_headers_new(value);
    session->unauthorized = !session->headers;
    lua_pushboolean(L, !session->unauthorized);
    return 1;
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

enum { CALL = 4 }; /* where take_exchange() and take_purchase() get the call */

/* A request on a session that is entered, for the call at an index. */
struct step {
    struct session *session;
    struct tn_request request;
    int call;
    bool is_performed;
};

/* Notes in the call at an index that something is out, and what is known of it: a status, 0, or
 * false for nothing. The call has a field for that, and so it takes no memory. */
static void note(lua_State *L, int call, enum tn_method method, bool is_out, long status) {
    if (!lua_istable(L, call) || method != TN_POST)
        return;
    if (is_out)
        lua_pushinteger(L, status);
    else
        lua_pushboolean(L, 0);
    lua_setfield(L, call, "out");
}

static void perform(lua_State *L, struct step *step) {
    struct hook_watch watch = { L, lua_gethook(L) };
    step->request.headers = step->session->headers;
    step->request.interrupted = hook_changed;
    step->request.context = &watch;
    note(L, CALL, step->request.method, true, 0);
    tn_transfer_perform(step->session->transfer, &step->request, &step->session->result);
    step->is_performed = true;
}

/* What take_step() pushes before it enters the session, at these places from `base` on. */
enum { TAKE, STEP, COLLECT, PUSHED };

static int collect_garbage(lua_State *L) {
    lua_gc(L, LUA_GCCOLLECT, 0);
    return 0;
}

/* Whether it is worth to try once more to hand over what came of a request. Ctrl-C is an error
 * that says no. Before 5.2 and in LuaJIT nobody but we collects when memory is short. */
static bool may_try_again(lua_State *L, const struct step *step, int base, int failed) {
    if (!step->is_performed || step->session->result.outcome == TN_CANCELLED)
        return false;
    if (failed == LUA_ERRMEM) {
        lua_pushvalue(L, base + COLLECT);
        lua_pcall(L, 0, 0, 0);
    }
    return true;
}

/* Calls take(step, params, builder, call), with the parameters at 3, until it raises no error:
 * it performs the request, if that was not done, and hands over what came of it, which no error
 * shall hide. (Before 5.4 any allocation may raise that of the host's finalizer.) Returns the
 * number of results, or -1 if the session cannot be entered. All that allocates comes before
 * that: an error between enter() and leave() would leave it busy. */
static int take_step(lua_State *L, lua_CFunction take, struct step *step) {
    int tries = 0, failed, base = lua_gettop(L) + 1;
    lua_pushcfunction(L, take);
    lua_pushlightuserdata(L, step);
    lua_pushcfunction(L, collect_garbage);
    if (!enter(step->session))
        return -1;
    do {
        lua_settop(L, base + PUSHED - 1);
        lua_pushvalue(L, base + TAKE);
        lua_pushvalue(L, base + STEP);
        lua_pushvalue(L, 3);
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_pushvalue(L, step->call);
        failed = lua_pcall(L, 4, LUA_MULTRET, 0);
    } while (failed && ++tries < TRIES && may_try_again(L, step, base, failed));
    const struct tn_result *result = &step->session->result;
    if (failed)
        note(L, step->call, step->request.method, step->is_performed && result->sent,
             result->response.status);
    leave(step->session);
    return failed ? lua_error(L) : lua_gettop(L) - (base + PUSHED - 1);
}

/* Pushes the response of a session that sent nothing. */
static void push_refusal(lua_State *L, const char *outcome, const char *reason) {
    struct tn_result result = { .outcome = TN_CONNECT, .permanent = true };
    tn_lua_push_answer(L, 0, &result); /* without a body, a builder is not needed */
    lua_pushstring(L, outcome);
    lua_setfield(L, -2, "outcome");
    lua_pushstring(L, reason);
    lua_setfield(L, -2, "reason");
}

/* The same for one that has no memory for what it would send. */
static void push_no_memory(lua_State *L) {
    push_refusal(L, "connect", "not enough memory");
}

/* The same for one that cannot be entered. */
static void push_unusable(lua_State *L, const struct session *session) {
    if (session->transfer)
        push_refusal(L, "connect", "the session is in use, by whoever called this");
    else
        push_refusal(L, "closed", "");
}

/* take_exchange(step, params, builder, call) -> response */
static int take_exchange(lua_State *L) {
    struct step *step = lua_touserdata(L, 1);
    if (step->session->unauthorized) {
        push_no_memory(L);
        return 1;
    }
    if (!step->is_performed) {
        if (step->request.method == TN_POST)
            tn_lua_need_room(L);
        perform(L, step);
    }
    tn_lua_push_answer(L, 3, &step->session->result);
    return 1;
}

/* session:transfer(method, url, body | nil, timeout, connect_timeout [, call]) -> response
 * libcurl itself never sends a POST or DELETE a second time. */
static int session_exchange(lua_State *L) {
    struct step step = { .session = luaL_checkudata(L, 1, SESSION), .call = 7 };
    struct tn_request *request = &step.request;
    request->method = tn_lua_check_method(L, 2);
    request->url = luaL_checkstring(L, 3);
    request->body = luaL_optlstring(L, 4, NULL, &request->body_length);
    request->timeout = luaL_checknumber(L, 5);
    request->connect_timeout = luaL_checknumber(L, 6);
    request->once = request->method != TN_GET;
    lua_settop(L, 7);
    int results = take_step(L, take_exchange, &step);
    if (results >= 0)
        return results;
    push_unusable(L, step.session);
    return 1;
}

/* Writes the form where no finalizer can take it away. False if there is no memory. */
static bool write_form(struct session *session, const struct tn_lua_values *values,
                       struct tn_request *request) {
    size_t room = tn_lua_form_room(values);
    if (room > session->form_room) {
        char *form = realloc(session->form, room);
        if (!form)
            return false;
        session->form = form;
        session->form_room = room;
    }
    request->body_length = tn_lua_write_form(values, session->form);
    request->body = session->form;
    return true;
}

/* Puts the number at an index into the call, at once: a hook may raise an error on the way
 * back. The call's fields are there: `number`, or if nothing more is to be set `whole`. */
static void keep_number(lua_State *L, int number, const char *field) {
    lua_pushvalue(L, number);
    lua_setfield(L, CALL, field);
}

/* take_purchase(step, params, builder, call) -> as session:purchase() */
static int take_purchase(lua_State *L) {
    struct step *step = lua_touserdata(L, 1);
    struct tn_lua_values values;
    lua_pushnil(L);
    if (!step->is_performed) {
        if (!tn_lua_read_params(L, 2, &tn_params_purchase, &values))
            return 2;
        if (step->session->unauthorized ||
            !write_form(step->session, &values, &step->request)) {
            lua_pushnil(L);
            lua_pushliteral(L, "");
            push_no_memory(L);
            return 4;
        }
        tn_lua_need_room(L);
        perform(L, step);
    }
    lua_pushnil(L);
    const struct tn_request *request = &step->request;
    enum tn_lua_fit fit = tn_lua_push_purchase(L, 3, request, &step->session->result);
    if (fit != TN_FIT_OTHER) {
        int number = lua_gettop(L) - 2;
        if (fit == TN_FIT_WHOLE) {
            keep_number(L, number, "whole");
            return 3;
        }
        keep_number(L, number, "number");
        lua_pushlstring(L, request->body, request->body_length);
        return 4;
    }
    lua_pushlstring(L, request->body, request->body_length);
    lua_insert(L, -2);
    return 4;
}

/* session:purchase(url, params, timeout, connect_timeout, call): checks, encodes, sends once,
 * decodes.
 *   -> number, status, request_id | nil    bought; and form if it is not set up as that says
 *   -> nil, problems                       nothing was sent
 *   -> nil, nil, form, response              anything else
 * A number is in the call, too, and so is what is known when this raises an error: see
 * keep_number() and note(). Upvalue: the builder. */
static int session_purchase(lua_State *L) {
    struct step step = { .session = luaL_checkudata(L, 1, SESSION), .call = 6 };
    step.request.method = TN_POST;
    step.request.once = true;
    step.request.url = luaL_checkstring(L, 2);
    step.request.timeout = luaL_checknumber(L, 4);
    step.request.connect_timeout = luaL_checknumber(L, 5);
    luaL_checktype(L, 6, LUA_TTABLE);
    lua_settop(L, 6);
    int results = take_step(L, take_purchase, &step);
    if (results >= 0)
        return results;
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushliteral(L, "");
    push_unusable(L, step.session);
    return 4;
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

void tn_lua_new_session_class(lua_State *L) {
    tn_lua_new_class(L, SESSION, methods);
}
