/* An io_thread for Lua: requests in flight, which another thread sends. Nothing here waits, but
 * wait(), stop() and close(). */
#define _POSIX_C_SOURCE 200809L
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "io/wakeup.h"
#include "io/io_thread.h"
#include "lua/auth.h"
#include "lua/params.h"
#include "lua/transport.h"

#define ENGINE "twilio.numbers.engine"

enum {
    WAIT_MAX = 1000000000, /* milliseconds */
    TAKE_BYTES = 16 << 10  /* of bodies, after which a take ends: some 0.03 ms */
};

/* A userdata that owns the io_thread; NULL once it is closed: then nothing here does anything,
 * since finalizers that run after the io_thread's own may well ask. Lua allocates while results
 * are taken, which may run a finalizer that closes the io_thread or takes too: so it is closed
 * only when nobody takes, and one at a time does. */
struct io_thread {
    struct tn_io_thread *io_thread;
    struct tn_auth_headers *headers;
    unsigned last_tag;
    unsigned takes; /* that go on, each in a finalizer that the one before met */
    bool closing;
};

/* io_thread{ca_file =, proxy =, user_agent =, http_version =, plain =, max_in_flight =} ->
 * io_thread
 */
int tn_lua_new_engine(lua_State *L) {
    struct tn_transfer_options options = tn_lua_exchange_options(L);
    lua_getfield(L, 1, "max_in_flight");
    lua_Integer most = luaL_checkinteger(L, -1);
    struct io_thread *self = lua_newuserdata(L, sizeof *self);
    *self = (struct io_thread){ .io_thread = NULL };
    luaL_getmetatable(L, ENGINE);
    lua_setmetatable(L, -2);
    self->io_thread = tn_io_thread_new(&options, most > 1 ? (size_t)most : 1);
    if (!self->io_thread)
        return luaL_error(L, "not enough memory or file descriptors for an engine");
    return 1;
}

static struct io_thread *check(lua_State *L) {
    return luaL_checkudata(L, 1, ENGINE);
}

/* io_thread:authorize(value) -> whether that is the Authorization header of the requests to
 * come: there may be no memory for it */
static int engine_authorize(lua_State *L) {
    struct io_thread *self = check(L);
    const char *value = tn_lua_check_authorization(L, 2);
    if (!self->io_thread)
        return 0;
    tn_auth_headers_release(self->headers);
    self->headers = tn_auth_headers_new(value);
    lua_pushboolean(L, self->headers != NULL);
    return 1;
}

/* A job for the request at 2: tag, url, anything, timeout, connect_timeout, expires; or NULL if
 * there is no memory, or a finalizer has closed the io_thread. Checks nothing and raises
 * nothing: see check_request(). libcurl itself never sends a POST or DELETE a second time. */
static struct tn_job *new_job(lua_State *L, struct io_thread *self, enum tn_method method,
                              size_t body_length) {
    struct tn_request request = {
        .method = method,
        .url = lua_tostring(L, 3),
        .body_length = body_length,
        .headers = self->headers,
        .timeout = lua_tonumber(L, 5),
        .connect_timeout = lua_tonumber(L, 6),
        .once = method != TN_GET,
    };
    unsigned tag = (unsigned)lua_tointeger(L, 2);
    return self->io_thread ? tn_job_new(&request, tag, lua_tonumber(L, 7)) : NULL;
}

static void check_request(lua_State *L) {
    luaL_checkinteger(L, 2);
    luaL_checkstring(L, 3);
    for (int i = 5; i <= 7; i++)
        luaL_checknumber(L, i);
}

/* Hands a job over; pushes whether it could: there may be no thread for it. That a POST is out
 * is noted in the call at an index: its field `out` is there, and so takes no memory. */
static int submit(lua_State *L, struct io_thread *self, struct tn_job *job, int call) {
    bool is_post = job && job->request.method == TN_POST;
    bool submitted = job && tn_io_thread_submit(self->io_thread, job);
    if (job && !submitted)
        tn_job_delete(job);
    if (submitted && is_post && lua_istable(L, call)) {
        lua_pushinteger(L, 0);
        lua_setfield(L, call, "out");
    }
    lua_pushboolean(L, submitted);
    return 1;
}

/* io_thread:tag() -> a tag for a request to come, so that its record can be there before its
 * response */
static int engine_tag(lua_State *L) {
    struct io_thread *self = check(L);
    self->last_tag = self->last_tag % INT_MAX + 1; /* an index that every Lua knows */
    lua_pushinteger(L, (lua_Integer)self->last_tag);
    return 1;
}

/* io_thread:transfer(tag, url, body | nil, timeout, connect_timeout, expires, method [, call])
 *   -> submitted
 * As session:transfer(), but its response comes by io_thread:take(). `expires` is on
 * core.now()'s clock. */
static int engine_exchange(lua_State *L) {
    struct io_thread *self = check(L);
    size_t length = 0;
    const char *body = luaL_optlstring(L, 4, NULL, &length);
    check_request(L);
    struct tn_job *job = new_job(L, self, tn_lua_check_method(L, 8), length);
    if (job && length > 0)
        memcpy(job->body, body, length);
    return submit(L, self, job, 9);
}

/* io_thread:purchase(tag, url, params, timeout, connect_timeout, expires [, call])
 *   -> submitted
 *   -> nil, problems       nothing will be sent */
static int engine_purchase(lua_State *L) {
    struct io_thread *self = check(L);
    struct tn_lua_values values;
    check_request(L);
    lua_settop(L, 8);
    lua_pushnil(L);
    if (!tn_lua_read_params(L, 4, &tn_params_purchase, &values))
        return 2;
    struct tn_job *job = new_job(L, self, TN_POST, tn_lua_form_room(&values));
    if (job) {
        job->is_purchase = true;
        job->request.body_length = tn_lua_write_form(&values, job->body);
    }
    return submit(L, self, job, 8);
}

/* Writes what came of a job into the record on top of the stack: `done`, and
 *   number, status, request_id      a purchase that was made, and form if it is not set up so
 *   form, response                    any other purchase
 *   response                          any other request */
static void fill(lua_State *L, const struct tn_job *job) {
    static const char *const bought[] = { "number", "status", "request_id", "form" };
    static const char *const failed[] = { "form", "answer" };
    const struct tn_request *request = &job->request;
    const char *const *names = failed;
    int record = lua_gettop(L);
    if (!job->is_purchase) {
        tn_lua_push_answer(L, lua_upvalueindex(1), &job->result);
        names = &failed[1];
    } else {
        enum tn_lua_fit fit =
            tn_lua_push_purchase(L, lua_upvalueindex(1), request, &job->result);
        if (fit != TN_FIT_WHOLE)
            lua_pushlstring(L, request->body, request->body_length);
        if (fit != TN_FIT_OTHER)
            names = bought;
        else
            lua_insert(L, -2);
    }
    /* Lua collects no more from here on, so that nobody else fills the record */
    for (int count = lua_gettop(L) - record; !job->is_dropped && count > 0; count--)
        lua_setfield(L, record, names[count - 1]);
    lua_settop(L, record);
    lua_pushboolean(L, 1);
    lua_setfield(L, record, "done");
}

/* A take that goes on. */
struct take {
    struct io_thread *self;
    lua_Integer count, most;
    size_t bytes;       /* of the bodies so far */
    struct tn_job *job; /* that is kept, since its record is being filled */
};

/* Ends the keeping of a job. */
static void release(struct tn_job *job) {
    job->is_kept = false;
    if (job->is_dropped)
        tn_job_delete(job);
}

/* Fills the record on top of the stack. False if a finalizer took the job meanwhile. */
static bool fill_once(lua_State *L, struct take *take, struct tn_job *job) {
    bool was_kept = job->is_kept; /* by the take that a finalizer runs in */
    take->job = was_kept ? NULL : job;
    job->is_kept = true;
    fill(L, job);
    bool is_ours = !job->is_dropped;
    if (!was_kept) {
        take->job = NULL;
        release(job);
    }
    return is_ours;
}

/* take_some(take, records, done). A job is dropped only when its record is filled, so that an
 * error on the way loses nothing. */
static int take_some(lua_State *L) {
    struct take *take = lua_touserdata(L, 1);
    struct tn_io_thread *io_thread = take->self->io_thread;
    struct tn_job *job;
    if (!io_thread) /* a finalizer closed it just before this take began */
        return 0;
    while (take->count < take->most && take->bytes < TAKE_BYTES &&
           (job = tn_io_thread_peek(io_thread))) {
        int tag = (int)job->tag;
        take->bytes += job->result.response.body_length;
        lua_settop(L, 3);
        lua_rawgeti(L, 2, tag);
        if (lua_istable(L, -1)) {
            if (!fill_once(L, take, job))
                continue;
            lua_rawseti(L, 3, (int)tn_lua_length(L, 3) + 1);
            take->count++;
        }
        lua_pushnil(L);
        lua_rawseti(L, 2, tag);
        tn_io_thread_drop(io_thread);
    }
    return 0;
}

static void end(struct io_thread *self) {
    struct tn_io_thread *io_thread = self->io_thread;
    struct tn_auth_headers *headers = self->headers;
    self->io_thread = NULL;
    self->headers = NULL;
    tn_io_thread_delete(io_thread);
    tn_auth_headers_release(headers);
}

/* io_thread:take(records, done, most) -> count
 * Fills the records of at most so many requests that are done, fewer where bodies are large:
 * records[tag] is taken out and appended to `done`. An error that is met after some were taken
 * comes with the next call. -1: the requests are lost to us, since this is a child of fork() or
 * the io_thread was closed. */
static int engine_take(lua_State *L) {
    struct io_thread *self = check(L);
    struct take take = { .self = self, .most = lua_tointeger(L, 4) };
    if (!self->io_thread || tn_io_thread_is_foreign(self->io_thread)) {
        lua_pushinteger(L, -1);
        return 1;
    }
    if (!tn_io_thread_peek(self->io_thread)) {
        lua_pushinteger(L, 0);
        return 1;
    }
    lua_settop(L, 3);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, take_some, 1);
    lua_pushlightuserdata(L, &take);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    self->takes++;
    int failed = lua_pcall(L, 3, 0, 0);
    self->takes--;
    if (take.job)
        release(take.job);
    if (self->closing && self->takes == 0)
        end(self);
    if (failed && take.count == 0)
        return lua_error(L);
    lua_pushinteger(L, take.count);
    return 1;
}

/* io_thread:cancel(tag) -> whether it was noted */
static int engine_cancel(lua_State *L) {
    struct io_thread *self = check(L);
    unsigned tag = (unsigned)luaL_checkinteger(L, 2);
    lua_pushboolean(L, self->io_thread && tn_io_thread_cancel(self->io_thread, tag));
    return 1;
}

/* io_thread:wake_at(time) -> whether it will: the descriptor is readable at core.now() == time
 */
static int engine_wake_at(lua_State *L) {
    struct io_thread *self = check(L);
    double time = luaL_checknumber(L, 2);
    lua_pushboolean(L, self->io_thread && tn_io_thread_wake_at(self->io_thread, time));
    return 1;
}

/* Upvalue: the io_thread, which needs no check. */
static int has_news(lua_State *L) {
    const struct io_thread *self = lua_touserdata(L, lua_upvalueindex(1));
    const struct tn_io_thread *io_thread = self->io_thread;
    lua_pushboolean(L, !io_thread || tn_io_thread_has_news(io_thread) ||
                           tn_io_thread_is_foreign(io_thread));
    return 1;
}

/* io_thread:news() -> has_news() -> whether take() has something to do or to say
 * A function, since a game asks in each frame, and the look-up of a method would be half of it.
 */
static int engine_news(lua_State *L) {
    check(L);
    lua_settop(L, 1);
    lua_pushcclosure(L, has_news, 1);
    return 1;
}

/* io_thread:descriptor() -> a file descriptor, readable whenever take() has something to do |
 * nil
 */
static int engine_descriptor(lua_State *L) {
    const struct io_thread *self = check(L);
    if (!self->io_thread)
        return 0;
    lua_pushinteger(L, tn_io_thread_descriptor(self->io_thread));
    return 1;
}

/* io_thread:wait(seconds): blocks until the descriptor is readable; a signal ends it early */
static int engine_wait(lua_State *L) {
    const struct io_thread *self = check(L);
    struct pollfd descriptor = { .events = POLLIN };
    double milliseconds = luaL_checknumber(L, 2) * 1000;
    if (!self->io_thread)
        return 0;
    descriptor.fd = tn_io_thread_descriptor(self->io_thread);
    if (milliseconds > 0) /* rounded up, or the last of it would be spent awake */
        poll(&descriptor, 1, milliseconds < WAIT_MAX ? (int)milliseconds + 1 : WAIT_MAX);
    return 0;
}

/* io_thread:listen() -> the path of a unix socket to connect to | nil */
static int engine_listen(lua_State *L) {
    const struct io_thread *self = check(L);
    char path[TN_WAKEUP_PATH_MAX] =
        ""; /* a copy: a finalizer may close the io_thread meanwhile */
    if (self->io_thread)
        (void)snprintf(path, sizeof path, "%s", tn_io_thread_listen(self->io_thread));
    if (path[0] == '\0')
        return 0;
    lua_pushstring(L, path);
    return 1;
}

/* io_thread:accept() -> whether somebody has connected, who from now on gets a byte whenever
 * take() has something to do */
static int engine_accept(lua_State *L) {
    const struct io_thread *self = check(L);
    lua_pushboolean(L, self->io_thread && tn_io_thread_accept(self->io_thread));
    return 1;
}

/* io_thread:unlisten(): closes that connection, if there is one */
static int engine_unlisten(lua_State *L) {
    struct io_thread *self = check(L);
    if (self->io_thread)
        tn_io_thread_unlisten(self->io_thread);
    return 0;
}

/* io_thread:is_foreign() -> whether this is a child of fork(), and the io_thread its parent's;
 * or it is closed, and nobody's */
static int engine_is_foreign(lua_State *L) {
    const struct io_thread *self = check(L);
    lua_pushboolean(L, !self->io_thread || tn_io_thread_is_foreign(self->io_thread));
    return 1;
}

/* io_thread:stop(): ends what is in flight as cancelled, to be taken */
static int engine_stop(lua_State *L) {
    struct io_thread *self = check(L);
    if (self->io_thread)
        tn_io_thread_stop(self->io_thread);
    return 0;
}

/* io_thread:ring(): makes the descriptor readable, for whoever waits for it to look up */
static int engine_ring(lua_State *L) {
    const struct io_thread *self = check(L);
    if (self->io_thread)
        tn_io_thread_ring(self->io_thread);
    return 0;
}

/* io_thread:close(): stops, and forgets what was not taken; safe to call twice */
static int engine_close(lua_State *L) {
    struct io_thread *self = check(L);
    self->closing = true;
    if (self->takes == 0)
        end(self);
    return 0;
}

/* io_thread:owe(boolean): whether purchases that may have been made are still to be reported,
 * besides those that are in here */
static int engine_owe(lua_State *L) {
    const struct io_thread *self = check(L);
    if (self->io_thread)
        tn_io_thread_owe(self->io_thread, lua_toboolean(L, 2));
    return 0;
}

/* Collected: nobody can be using it, since a user has it on the stack. A client that was closed
 * has told all outcomes before. */
static int engine_collect(lua_State *L) {
    struct io_thread *self = check(L);
    if (self->io_thread) {
        tn_io_thread_stop(self->io_thread);
        if (tn_io_thread_owes(self->io_thread))
            tn_io_thread_complain();
    }
    end(self);
    return 0;
}

static const luaL_Reg methods[] = {
    { "authorize", engine_authorize },
    { "tag", engine_tag },
    { "exchange", engine_exchange },
    { "purchase", engine_purchase },
    { "take", engine_take },
    { "cancel", engine_cancel },
    { "wake_at", engine_wake_at },
    { "news", engine_news },
    { "descriptor", engine_descriptor },
    { "wait", engine_wait },
    { "listen", engine_listen },
    { "accept", engine_accept },
    { "unlisten", engine_unlisten },
    { "is_foreign", engine_is_foreign },
    { "stop", engine_stop },
    { "ring", engine_ring },
    { "owe", engine_owe },
    { "close", engine_close },
    { "__gc", engine_collect },
    { "__close", engine_close },
    { NULL, NULL },
};

void tn_lua_new_engine_class(lua_State *L) {
    if (!tn_io_thread_global_init())
        luaL_error(L, "not enough memory for what exit() and fork() are to call");
    tn_lua_new_class(L, ENGINE, methods);
}
