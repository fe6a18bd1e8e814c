/* The Lua layer: the input becomes options, parameters and responses; whatever they are, a call
 * must return a value or an error. The checks are in client.lua, the reader of inputs in
 * script.lua. */
#include <stdio.h>
#include <stdlib.h>

#include "state.h"
#include "support.h"

static int with_traceback(lua_State *L) {
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    lua_State *L = tn_fuzz_state();
    if (lua_gettop(L) == 0) {
        lua_pushcfunction(L, with_traceback);
        tn_fuzz_require(L, "fuzz.client");
    }
    lua_pushvalue(L, 2);
    lua_pushlstring(L, (const char *)data, size);
    if (lua_pcall(L, 1, 0, 1) != 0) {
        (void)fprintf(stderr, "%s\n", lua_tostring(L, -1));
        abort();
    }
    return 0;
}
