/* See state.h. */
#include "state.h"

#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

int luaopen_twilio_numbers_core(lua_State *L);

/* Coverage of Lua code, which the compiler cannot instrument: libFuzzer also reads the counters
 * of this section. One for each step from one line to another, hashed. */
enum { STEPS = 1 << 15, TAIL = 12 /* bytes of a file's name that are hashed */ };
__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t steps[STEPS];

static void count_step(lua_State *L, lua_Debug *debug) {
    static uint32_t last;
    uint32_t line = 2166136261U;
    lua_getinfo(L, "S", debug);
    size_t tail = debug->srclen < TAIL ? debug->srclen : TAIL;
    for (const char *c = debug->source + debug->srclen - tail; *c; c++)
        line = (line ^ (uint8_t)*c) * 16777619U;
    line = (line ^ (uint32_t)debug->currentline) * 16777619U;
    uint8_t *step = &steps[(line ^ last) % STEPS];
    *step = (uint8_t)(*step + (*step < UINT8_MAX));
    last = line >> 1;
}

static int refuse(lua_State *L) {
    return luaL_error(L, "not in a fuzz target");
}

/* Modules that would reach the network or a host's event loop. */
static const char *const refused[] = {
    "twilio.numbers.curl", "cqueues", "copas", "luv", "socket", "resty.http", NULL,
};

/* Fuzz targets run in the top folder. */
static void add_path(lua_State *L) {
    lua_getglobal(L, "package");
    lua_pushliteral(L, "./?.lua;lua/?.lua;lua/?/init.lua;");
    lua_getfield(L, -2, "path");
    lua_concat(L, 2);
    lua_setfield(L, -2, "path");
    lua_pop(L, 1);
}

static lua_State *new_state(void) {
    lua_State *L = luaL_newstate();
    TN_FUZZ_CHECK(L);
    luaL_openlibs(L);
    add_path(L);
    luaL_requiref(L, "twilio.numbers.core", luaopen_twilio_numbers_core, 0);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (size_t i = 0; refused[i]; i++) {
        lua_pushcfunction(L, refuse);
        lua_setfield(L, -2, refused[i]);
    }
    lua_settop(L, 0);
    lua_sethook(L, count_step, LUA_MASKLINE, 0);
    return L;
}

lua_State *tn_fuzz_state(void) {
    static lua_State *L;
    if (!L)
        L = new_state();
    return L;
}

void tn_fuzz_require(lua_State *L, const char *name) {
    lua_getglobal(L, "require");
    lua_pushstring(L, name);
    if (lua_pcall(L, 1, 1, 0) != 0) {
        (void)fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
}
