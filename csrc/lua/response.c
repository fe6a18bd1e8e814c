/* See lua/response.h. */
#include "lua/response.h"

#include <string.h>

#include "lua/class.h"
#include "lua/compat.h"
#include "lua/form.h"
#include "lua/json.h"
#include "pure/sid.h"
#include "pure/verdict.h"

#define RESPONSE "twilio.numbers.response"

struct tn_lua_response *tn_lua_check_response(lua_State *L, int index) {
    return luaL_checkudata(L, index, RESPONSE);
}

static const struct tn_lua_response *check(lua_State *L) {
    return tn_lua_self(L, RESPONSE);
}

int tn_lua_new_response(lua_State *L) {
    bool opaque_sids = lua_toboolean(L, 1);
    struct tn_lua_response *self = lua_newuserdata(L, sizeof *self);
    *self = (struct tn_lua_response){ .result = { .outcome = TN_CONNECT },
                                      .is_done = true,
                                      .opaque_sids = opaque_sids };
    luaL_getmetatable(L, RESPONSE);
    lua_setmetatable(L, -2);
    return 1;
}

static size_t body_max(enum tn_method method) {
    return method == TN_GET ? TN_RESPONSE_PAGE_MAX : TN_RESPONSE_NUMBER_MAX;
}

static void reset(struct tn_lua_response *self, enum tn_method method) {
    struct tn_result *result = &self->result;
    self->method = method;
    tn_response_reset(&result->response, body_max(method));
    result->permanent = false;
    result->reason[0] = '\0';
}

void tn_lua_response_begin(struct tn_lua_response *self, enum tn_method method) {
    reset(self, method);
    self->result.outcome = TN_CANCELLED;
    self->result.sent = true;
    self->is_done = false;
}

void tn_lua_response_refuse(struct tn_lua_response *self, enum tn_outcome outcome,
                            const char *reason) {
    reset(self, self->method);
    self->result.outcome = outcome;
    self->result.sent = false;
    self->result.permanent = true;
    tn_result_explain(&self->result, reason);
    self->is_done = true;
}

/* ---- filling ---- */

static enum tn_outcome check_outcome(lua_State *L, int index) {
    enum tn_outcome outcome = TN_CANCELLED;
    luaL_argcheck(L, tn_outcome_named(luaL_checkstring(L, index), &outcome), index,
                  "no such outcome");
    return outcome;
}

/* response:begin(method): until it is filled, it reads as sent and unanswered */
static int response_begin(lua_State *L) {
    enum tn_method method = TN_GET;
    luaL_argcheck(L, tn_method_named(luaL_checkstring(L, 2), &method), 2, "no such method");
    tn_lua_response_begin(tn_lua_check_response(L, 1), method);
    return 0;
}

/* response:renew(): resets it to not sent, for a new call */
static int response_renew(lua_State *L) {
    tn_lua_response_refuse(tn_lua_self(L, RESPONSE), TN_CANCELLED, "");
    return 0;
}

/* response:refuse(outcome, reason, permanent): fills it for a request that was not sent */
static int response_refuse(lua_State *L) {
    struct tn_lua_response *self = tn_lua_check_response(L, 1);
    tn_lua_response_refuse(self, check_outcome(L, 2), luaL_checkstring(L, 3));
    self->result.permanent = lua_toboolean(L, 4);
    return 0;
}

/* Copies the known headers from a table with lower-case names. */
static void read_headers(lua_State *L, int index, struct tn_response *response) {
    for (int i = 0; lua_istable(L, index) && i < TN_HEADER_COUNT; i++) {
        size_t length = 0;
        lua_pushstring(L, tn_header_name((enum tn_header)i));
        lua_rawget(L, index);
        const char *value =
            lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
        if (value)
            tn_response_set_header(response, (enum tn_header)i, value, length);
        lua_pop(L, 1);
    }
}

enum { STATUS_LAST = 999 };

/* response:fill(outcome, sent, status | nil, headers | nil, body | nil, reason | nil): fills it
 * from a transport in Lua. Without memory for the body, it reads as a broken transfer. */
static int response_fill(lua_State *L) {
    struct tn_lua_response *self = tn_lua_check_response(L, 1);
    struct tn_result *result = &self->result;
    enum tn_outcome outcome = check_outcome(L, 2);
    lua_Integer status = luaL_optinteger(L, 4, 0);
    size_t length = 0;
    const char *body = luaL_optlstring(L, 6, "", &length);
    const char *reason = luaL_optstring(L, 7, "");
    luaL_argcheck(L, status >= 0 && status <= STATUS_LAST, 4, "no such status");
    reset(self, self->method);
    read_headers(L, 5, &result->response);
    result->response.status = (long)status;
    result->sent = lua_toboolean(L, 3);
    result->outcome = outcome;
    if (!tn_response_add_body(&result->response, body, length) ||
        !tn_response_read_json(&result->response)) {
        bool is_too_large = result->response.too_large;
        result->outcome = is_too_large ? TN_RESPONSE : TN_NETWORK;
        reason = is_too_large ? "the body is larger than the limits"
                              : "not enough memory for the response";
    }
    tn_result_explain(result, reason);
    self->is_done = true;
    return 0;
}

/* ---- reading ---- */

static bool is_success(const struct tn_lua_response *self) {
    return self->result.outcome == TN_ANSWERED && self->result.response.status / 100 == 2;
}

static int push_string(lua_State *L, const char *text) {
    if (text)
        lua_pushstring(L, text);
    else
        lua_pushnil(L);
    return 1;
}

/* response:is_success() -> whether it was answered with a status of 2xx */
static int response_is_success(lua_State *L) {
    lua_pushboolean(L, is_success(check(L)));
    return 1;
}

/* response:is_sent() -> false only if the request certainly was not sent */
static int response_is_sent(lua_State *L) {
    lua_pushboolean(L, check(L)->result.sent);
    return 1;
}

/* response:arrival() -> went_out, date | false
 * went_out: false of a request that was cancelled before it was sent; date: the server's */
static int response_arrival(lua_State *L) {
    const struct tn_result *result = &check(L)->result;
    const char *date = result->response.headers[TN_DATE];
    lua_pushboolean(L, result->sent || result->outcome != TN_CANCELLED);
    if (date[0])
        lua_pushstring(L, date);
    else
        lua_pushboolean(L, 0);
    return 2;
}

/* response:is_done() -> whether it was filled */
static int response_is_done(lua_State *L) {
    lua_pushboolean(L, check(L)->is_done);
    return 1;
}

/* response:is_empty() -> whether it has no body */
static int response_is_empty(lua_State *L) {
    lua_pushboolean(L, check(L)->result.response.body_length == 0);
    return 1;
}

/* response:has_opaque_sids() -> whether it is from a service with identifiers of its own */
static int response_has_opaque_sids(lua_State *L) {
    lua_pushboolean(L, check(L)->opaque_sids);
    return 1;
}

/* response:outcome() -> "answered", or how it failed */
static int response_outcome(lua_State *L) {
    return push_string(L, tn_outcome_name(check(L)->result.outcome));
}

/* response:status() -> integer | nil */
static int response_status(lua_State *L) {
    long status = check(L)->result.response.status;
    if (status == 0)
        return 0;
    lua_pushinteger(L, status);
    return 1;
}

/* response:reason() -> the transport's message, or "" */
static int response_reason(lua_State *L) {
    return push_string(L, check(L)->result.reason);
}

/* response:header(name) -> value | nil: a header that is kept, by its lower-case name */
static int response_header(lua_State *L) {
    const struct tn_response *response = &check(L)->result.response;
    const char *name = luaL_checkstring(L, 2);
    for (int i = 0; i < TN_HEADER_COUNT; i++)
        if (strcmp(tn_header_name((enum tn_header)i), name) == 0)
            return push_string(L, response->headers[i][0] ? response->headers[i] : NULL);
    return luaL_argerror(L, 2, "this header is not kept");
}

/* Pushes the JSON object in the body, or nil and why there is none. */
static bool push_object(lua_State *L, const struct tn_response *response) {
    if (tn_lua_is_json_object(response->json, response->tokens)) {
        tn_lua_push_json(L, lua_upvalueindex(TN_LUA_UPVALUE), response->body, response->tokens);
        return true;
    }
    lua_pushnil(L);
    tn_lua_push_json_problem(L, response->body, response->body_length, response->json);
    return false;
}

/* response:json() -> object | nil, why */
static int response_json(lua_State *L) {
    return push_object(L, &check(L)->result.response) ? 1 : 2;
}

/* Whether the table on top of the stack has the SID of a phone number. */
static bool is_number(lua_State *L, bool opaque_sids) {
    size_t length = 0;
    lua_pushliteral(L, "sid");
    lua_rawget(L, -2);
    const char *sid = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
    bool is_number = sid && tn_sid_fits(sid, length, "PN", opaque_sids);
    lua_pop(L, 1);
    return is_number;
}

/* Pushes the JSON object in the body if it has a phone number SID; otherwise nil and why not.
 */
static bool push_number(lua_State *L, const struct tn_lua_response *self) {
    if (!push_object(L, &self->result.response))
        return false;
    if (is_number(L, self->opaque_sids))
        return true;
    lua_pushnil(L);
    lua_pushliteral(L, "no phone number SID in it");
    return false;
}

/* response:number() -> number | nil, why */
static int response_number(lua_State *L) {
    return push_number(L, check(L)) ? 1 : 2;
}

/* response:bought(form, account_sid | nil) -> number, fit | nil, why
 * The number that a purchase returned, and how it fits the form, see form:fit(). `why` is nil
 * if the response is not a success. */
static int response_bought(lua_State *L) {
    const struct tn_lua_response *self = check(L);
    lua_settop(L, 3);
    if (!is_success(self))
        return 0;
    if (!push_number(L, self))
        return 2;
    lua_pushstring(L, tn_lua_form_fit(L, 2, 4, 3));
    return 2;
}

/* response:sid() -> the SID of a phone number that the body names | nil
 * In a body that is not JSON, finds only SIDs in Twilio's format. */
static int response_sid(lua_State *L) {
    const struct tn_lua_response *self = check(L);
    const struct tn_response *response = &self->result.response;
    const char *sid =
        self->opaque_sids ? NULL : tn_sid_find(response->body, response->body_length, "PN");
    if (tn_lua_is_json_object(response->json, response->tokens)) {
        push_object(L, response);
        if (!is_number(L, self->opaque_sids))
            return 0;
        lua_pushliteral(L, "sid");
        lua_rawget(L, -2);
        return 1;
    }
    if (!sid)
        return 0;
    lua_pushlstring(L, sid, TN_SID_LENGTH);
    return 1;
}

static struct tn_verdict verdict_of(const struct tn_lua_response *self, bool is_good,
                                    bool *is_word) {
    struct tn_word word = { false, false };
    if (self->result.response.status >= 400)
        word = tn_word_of(&self->result.response, self->opaque_sids);
    *is_word = word.is_twilios;
    return tn_verdict_of(&self->result, word, is_good);
}

/* response:verdict(is_good) -> purchased, again | nil, kind | nil, is_word
 * is_good: the body of a success is what was requested. is_word: the error is Twilio's. */
static int response_verdict(lua_State *L) {
    bool is_word;
    struct tn_verdict verdict = verdict_of(check(L), lua_toboolean(L, 2), &is_word);
    push_string(L, tn_purchased_name(verdict.purchased));
    push_string(L, tn_again_name(verdict.again));
    push_string(L, verdict.kind);
    lua_pushboolean(L, is_word);
    return 4;
}

/* response:verdict_free(is_good) -> again | nil, kind | nil, is_unheard
 * The verdict on an idempotent request that buys nothing. is_unheard: it may have been carried
 * out. */
static int response_verdict_free(lua_State *L) {
    bool is_word;
    struct tn_verdict verdict = verdict_of(check(L), lua_toboolean(L, 2), &is_word);
    push_string(L, tn_again_name(verdict.again_free));
    push_string(L, verdict.kind);
    lua_pushboolean(L, verdict.purchased != TN_PURCHASED_NO);
    return 3;
}

static int response_collect(lua_State *L) {
    tn_response_free(&tn_lua_check_response(L, 1)->result.response);
    return 0;
}

static int response_tostring(lua_State *L) {
    lua_pushliteral(L, "twilio.numbers response");
    return 1;
}

static const luaL_Reg methods[] = {
    { "begin", response_begin },
    { "renew", response_renew },
    { "refuse", response_refuse },
    { "fill", response_fill },
    { "is_success", response_is_success },
    { "is_sent", response_is_sent },
    { "arrival", response_arrival },
    { "is_done", response_is_done },
    { "is_empty", response_is_empty },
    { "outcome", response_outcome },
    { "has_opaque_sids", response_has_opaque_sids },
    { "status", response_status },
    { "reason", response_reason },
    { "header", response_header },
    { "json", response_json },
    { "number", response_number },
    { "bought", response_bought },
    { "sid", response_sid },
    { "verdict", response_verdict },
    { "verdict_free", response_verdict_free },
    { "free", response_collect },
    { "__gc", response_collect },
    { "__tostring", response_tostring },
    { NULL, NULL },
};

void tn_lua_new_response_class(lua_State *L) {
    tn_lua_push_json_builder(L);
    tn_lua_new_class(L, RESPONSE, methods, 1);
}
