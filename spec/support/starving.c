/* spec_starving: a Lua state that runs out of memory when a spec wants it to. It wraps the
 * allocator of the state that loads it, which works with every Lua, and refuses to allocate or
 * to grow; shrinking and freeing always succeed, as Lua requires of an allocator.
 *
 * arm(nth [, times]): from now on the nth request is refused, and those that follow, `times` in
 *   all; default: all of them. Lua 5.2 and later collect and ask once more before they raise: so
 *   1 is never noticed there.
 * limit(bytes): every request that would make the state larger by more than so many bytes.
 * disarm() -> how many requests there were since, how many were refused */
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdlib.h>

/* One for each state, for good: lua_close() needs it. */
struct starving {
    struct starving *next;
    lua_Alloc allocate; /* the state's own */
    void *user;
    bool is_armed, has_limit;
    double asked, refused, nth, times;
    double left; /* bytes */
};

static struct starving *all;

static bool refuses(struct starving *self, const void *block, size_t old_size, size_t new_size) {
    double growth = (double)new_size - (block ? (double)old_size : 0);
    if (!self->is_armed)
        return false;
    self->left -= growth;
    if (growth <= 0)
        return false;
    self->asked++;
    bool is_refused = self->has_limit
                          ? self->left < 0
                          : self->asked >= self->nth && self->asked < self->nth + self->times;
    if (is_refused) {
        self->refused++;
        self->left += growth;
    }
    return is_refused;
}

static void *allocate(void *user, void *block, size_t old_size, size_t new_size) {
    struct starving *self = user;
    if (refuses(self, block, old_size, new_size))
        return NULL;
    return self->allocate(self->user, block, old_size, new_size);
}

static struct starving *of(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

static int starving_arm(lua_State *L) {
    struct starving *self = of(L);
    self->nth = luaL_checknumber(L, 1);
    self->times = luaL_optnumber(L, 2, 1e300);
    self->has_limit = false;
    self->asked = self->refused = 0;
    self->is_armed = true;
    return 0;
}

static int starving_limit(lua_State *L) {
    struct starving *self = of(L);
    self->left = luaL_checknumber(L, 1);
    self->has_limit = true;
    self->asked = self->refused = 0;
    self->is_armed = true;
    return 0;
}

static int starving_disarm(lua_State *L) {
    struct starving *self = of(L);
    self->is_armed = false;
    lua_pushnumber(L, self->asked);
    lua_pushnumber(L, self->refused);
    return 2;
}

int luaopen_spec_starving(lua_State *L);
int luaopen_spec_starving(lua_State *L) {
    static const luaL_Reg functions[] = { { "arm", starving_arm },
                                          { "limit", starving_limit },
                                          { "disarm", starving_disarm } };
    struct starving *self =
        calloc(1, sizeof *self); /* the state's for good: lua_close() needs it */
    if (!self)
        return luaL_error(L, "no memory");
    self->next = all;
    all = self;
    lua_createtable(L, 0, 3);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        lua_pushlightuserdata(L, self);
        lua_pushcclosure(L, functions[i].func, 1);
        lua_setfield(L, -2, functions[i].name);
    }
    self->allocate = lua_getallocf(L, &self->user);
    lua_setallocf(L, allocate, self);
    return 1;
}
