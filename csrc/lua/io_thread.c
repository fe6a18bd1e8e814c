/* The class of I/O threads, which send requests in the background. Only wait(), stop() and
 * close() block. */
#define _POSIX_C_SOURCE 200809L
#include <limits.h>
#include <poll.h>
#include <stdio.h>

#include "io/wakeup.h"
#include "io/io_thread.h"
#include "lua/auth.h"
#include "lua/class.h"
#include "lua/response.h"
#include "lua/transport.h"

#define IO_THREAD "twilio.numbers.io_thread"

enum { WAIT_MAX = 1000000000 }; /* milliseconds */

/* The userdata, which owns the I/O thread. io_thread is NULL once it is closed; all methods
 * must still work then, since other finalizers may call them after its own. */
struct io_thread {
    struct tn_io_thread *io_thread;
    struct tn_auth_headers *headers;
    unsigned last_tag;
};

/* io_thread{ca_file =, proxy =, user_agent =, http_version =, plain =, direct =, max_in_flight
 * =} -> io_thread
 */
int tn_lua_new_io_thread(lua_State *L) {
    struct tn_transfer_options options = tn_lua_transfer_options(L);
    lua_getfield(L, 1, "max_in_flight");
    lua_Integer most = luaL_checkinteger(L, -1);
    struct io_thread *self = lua_newuserdata(L, sizeof *self);
    *self = (struct io_thread){ .io_thread = NULL };
    luaL_getmetatable(L, IO_THREAD);
    lua_setmetatable(L, -2);
    self->io_thread = tn_io_thread_new(&options, most > 1 ? (size_t)most : 1);
    if (!self->io_thread)
        return luaL_error(L, "not enough memory or file descriptors for an I/O thread");
    return 1;
}

static struct io_thread *check(lua_State *L) {
    return tn_lua_self(L, IO_THREAD);
}

/* io_thread:authorize(value) -> boolean
 * Sets the Authorization header of further requests. False if there is no memory. */
static int io_thread_authorize(lua_State *L) {
    struct io_thread *self = check(L);
    const char *value = tn_lua_check_authorization(L, 2);
    if (!self->io_thread)
        return 0;
    tn_auth_headers_release(self->headers);
    self->headers = tn_auth_headers_new(value);
    lua_pushboolean(L, self->headers != NULL);
    return 1;
}

/* io_thread:tag() -> integer
 * Returns the tag of the next request, so that the caller can store the response under it
 * before it arrives. */
static int io_thread_tag(lua_State *L) {
    struct io_thread *self = check(L);
    self->last_tag = self->last_tag % INT_MAX + 1; /* an array index in every version of Lua */
    lua_pushinteger(L, (lua_Integer)self->last_tag);
    return 1;
}

/* io_thread:send(tag, response, method, url, body | form | nil, timeout, connect_timeout,
 * expires [, not_after]) -> submitted
 * Like session:send(), but io_thread:take() fills the response. `expires` is on core.now()'s
 * clock. libcurl never sends a POST or DELETE a second time by itself. */
static int io_thread_send(lua_State *L) {
    struct io_thread *self = check(L);
    unsigned tag = (unsigned)luaL_checkinteger(L, 2);
    struct tn_lua_response *response = tn_lua_check_response(L, 3);
    struct tn_request request = tn_lua_check_request(L, 4);
    double expires = luaL_checknumber(L, 9);
    request.limit = tn_lua_check_send_limit(L, 10);
    request.headers = self->headers;
    struct tn_job *job = self->io_thread ? tn_job_new(&request, tag, expires) : NULL;
    bool submitted = job && tn_io_thread_submit(self->io_thread, job);
    if (submitted)
        tn_lua_response_begin(response, request.method);
    else if (job)
        tn_job_delete(job);
    lua_pushboolean(L, submitted);
    return 1;
}

static void close_io_thread(struct io_thread *self) {
    tn_io_thread_delete(self->io_thread);
    tn_auth_headers_release(self->headers);
    self->io_thread = NULL;
    self->headers = NULL;
}

/* Moves the result of a job into its response. */
static void fill(struct tn_lua_response *response, struct tn_job *job) {
    tn_response_free(&response->result.response);
    response->result = job->result;
    job->result = (struct tn_result){ .outcome = TN_CANCELLED };
    response->is_done = true;
}

/* io_thread:take(responses) -> tag, response | nil | false
 * Fills the response of a finished request and removes it from the table, where its tag is its
 * key; nil if none has finished. Allocates no memory. false: this is a child of fork(), or the
 * I/O thread was closed, and the requests are lost. */
static int io_thread_take(lua_State *L) {
    struct io_thread *self = check(L);
    struct tn_job *job;
    if (!self->io_thread || tn_io_thread_is_foreign(self->io_thread)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    while ((job = tn_io_thread_peek(self->io_thread))) {
        int tag = (int)job->tag;
        lua_rawgeti(L, 2, tag);
        bool is_known = lua_isuserdata(L, -1);
        if (is_known) {
            fill(tn_lua_check_response(L, -1), job);
            lua_pushnil(L);
            lua_rawseti(L, 2, tag);
        }
        tn_io_thread_drop(self->io_thread);
        if (is_known) {
            lua_pushinteger(L, tag);
            lua_insert(L, -2);
            return 2;
        }
        lua_pop(L, 1);
    }
    return 0;
}

/* io_thread:cancel(tag) -> boolean: false if there is no memory or no I/O thread */
static int io_thread_cancel(lua_State *L) {
    struct io_thread *self = check(L);
    unsigned tag = (unsigned)luaL_checkinteger(L, 2);
    lua_pushboolean(L, self->io_thread && tn_io_thread_cancel(self->io_thread, tag));
    return 1;
}

/* io_thread:wake_at(time) -> boolean
 * Makes the descriptor readable once core.now() == time; replaces the time of an earlier call.
 * False if the thread cannot be started. */
static int io_thread_wake_at(lua_State *L) {
    struct io_thread *self = check(L);
    double time = luaL_checknumber(L, 2);
    lua_pushboolean(L, self->io_thread && tn_io_thread_wake_at(self->io_thread, time));
    return 1;
}

/* io_thread:watch(fd) -> boolean
 * Wakes the host once the descriptor is readable, and then stops watching it; has_news()
 * returns true then. The caller may close it at any time. False if the thread cannot be started
 * or watches too many.
 */
static int io_thread_watch(lua_State *L) {
    struct io_thread *self = check(L);
    int fd = (int)luaL_checkinteger(L, 2);
    lua_pushboolean(L, self->io_thread && tn_io_thread_watch(self->io_thread, fd));
    return 1;
}

/* io_thread:load() -> in_flight, queued, limit | nothing if it is closed */
static int io_thread_load(lua_State *L) {
    const struct io_thread *self = check(L);
    if (!self->io_thread)
        return 0;
    struct tn_load load = tn_io_thread_load(self->io_thread);
    lua_pushinteger(L, (lua_Integer)load.in_flight);
    lua_pushinteger(L, (lua_Integer)load.queued);
    lua_pushinteger(L, (lua_Integer)load.limit);
    return 3;
}

/* Upvalue: the io_thread, whose class was already checked. */
static int has_events(lua_State *L) {
    const struct io_thread *self = lua_touserdata(L, lua_upvalueindex(1));
    const struct tn_io_thread *io_thread = self->io_thread;
    lua_pushboolean(L, !io_thread || tn_io_thread_has_events(io_thread) ||
                           tn_io_thread_is_foreign(io_thread));
    return 1;
}

/* io_thread:news() -> function() -> boolean: whether to call take()
 * Returns a function, not a method's result, since a game calls it in each frame and a method
 * look-up would take half of the time. */
static int io_thread_news(lua_State *L) {
    check(L);
    lua_settop(L, 1);
    lua_pushcclosure(L, has_events, 1);
    return 1;
}

/* io_thread:descriptor() -> file descriptor | nil: readable while take() should be called */
static int io_thread_descriptor(lua_State *L) {
    const struct io_thread *self = check(L);
    if (!self->io_thread)
        return 0;
    lua_pushinteger(L, tn_io_thread_descriptor(self->io_thread));
    return 1;
}

/* io_thread:wait(seconds): blocks until the descriptor is readable, or a signal arrives */
static int io_thread_wait(lua_State *L) {
    const struct io_thread *self = check(L);
    struct pollfd descriptor = { .events = POLLIN };
    double milliseconds = luaL_checknumber(L, 2) * 1000;
    if (!self->io_thread)
        return 0;
    descriptor.fd = tn_io_thread_descriptor(self->io_thread);
    if (milliseconds > 0) /* rounded up, since 0 would not block */
        poll(&descriptor, 1, milliseconds < WAIT_MAX ? (int)milliseconds + 1 : WAIT_MAX);
    return 0;
}

/* io_thread:listen() -> path | nil: of a unix socket to connect to */
static int io_thread_listen(lua_State *L) {
    const struct io_thread *self = check(L);
    /* a copy, since lua_pushstring() may run a finalizer that closes the io_thread */
    char path[TN_WAKEUP_PATH_MAX] = "";
    if (self->io_thread)
        (void)snprintf(path, sizeof path, "%s", tn_io_thread_listen(self->io_thread));
    if (path[0] == '\0')
        return 0;
    lua_pushstring(L, path);
    return 1;
}

/* io_thread:accept() -> boolean
 * Accepts a connection to that socket, to which a byte is then sent when take() should be
 * called. False if there is none. */
static int io_thread_accept(lua_State *L) {
    const struct io_thread *self = check(L);
    lua_pushboolean(L, self->io_thread && tn_io_thread_accept(self->io_thread));
    return 1;
}

/* io_thread:unlisten(): closes the socket and its connection, if there is one */
static int io_thread_unlisten(lua_State *L) {
    struct io_thread *self = check(L);
    if (self->io_thread)
        tn_io_thread_unlisten(self->io_thread);
    return 0;
}

/* io_thread:is_foreign() -> boolean
 * Whether it was closed, or belongs to the parent of this process. */
static int io_thread_is_foreign(lua_State *L) {
    const struct io_thread *self = check(L);
    lua_pushboolean(L, !self->io_thread || tn_io_thread_is_foreign(self->io_thread));
    return 1;
}

/* io_thread:stop(): cancels the requests in flight; take() still returns them */
static int io_thread_stop(lua_State *L) {
    struct io_thread *self = check(L);
    if (self->io_thread)
        tn_io_thread_stop(self->io_thread);
    return 0;
}

/* io_thread:ring(): makes the descriptor readable */
static int io_thread_ring(lua_State *L) {
    const struct io_thread *self = check(L);
    if (self->io_thread)
        tn_io_thread_ring(self->io_thread);
    return 0;
}

/* io_thread:close(): stops it and drops the responses that were not taken; may be called twice
 */
static int io_thread_close(lua_State *L) {
    close_io_thread(check(L));
    return 0;
}

/* io_thread:owe(boolean): sets whether the caller still has to report possible purchases, other
 * than those of the requests here */
static int io_thread_owe(lua_State *L) {
    const struct io_thread *self = check(L);
    if (self->io_thread)
        tn_io_thread_set_unreported(self->io_thread, lua_toboolean(L, 2));
    return 0;
}

/* The finalizer. No method can be using the io_thread, which would then be on the stack. A
 * client that was closed has already reported all outcomes. */
static int io_thread_collect(lua_State *L) {
    struct io_thread *self = check(L);
    if (self->io_thread) {
        tn_io_thread_stop(self->io_thread);
        if (tn_io_thread_has_unreported(self->io_thread))
            tn_io_thread_warn_unreported();
    }
    close_io_thread(self);
    return 0;
}

static const luaL_Reg methods[] = {
    { "authorize", io_thread_authorize },
    { "tag", io_thread_tag },
    { "send", io_thread_send },
    { "take", io_thread_take },
    { "cancel", io_thread_cancel },
    { "wake_at", io_thread_wake_at },
    { "watch", io_thread_watch },
    { "load", io_thread_load },
    { "news", io_thread_news },
    { "descriptor", io_thread_descriptor },
    { "wait", io_thread_wait },
    { "listen", io_thread_listen },
    { "accept", io_thread_accept },
    { "unlisten", io_thread_unlisten },
    { "is_foreign", io_thread_is_foreign },
    { "stop", io_thread_stop },
    { "ring", io_thread_ring },
    { "owe", io_thread_owe },
    { "close", io_thread_close },
    { "__gc", io_thread_collect },
    { "__close", io_thread_close },
    { NULL, NULL },
};

void tn_lua_new_io_thread_class(lua_State *L) {
    if (!tn_io_thread_global_init())
        luaL_error(L, "not enough memory for the exit() and fork() handlers");
    tn_lua_new_class(L, IO_THREAD, methods, 0);
}
