/* A Lua state for fuzz targets, with the Lua layer but without the network. Reports line
 * coverage to libFuzzer. */
#ifndef TN_FUZZ_STATE_H
#define TN_FUZZ_STATE_H

#include <lauxlib.h>
#include <lua.h>

/* Created once, and kept until the process ends. */
lua_State *tn_fuzz_state(void);

/* Pushes a module; ends the process if it cannot be loaded. */
void tn_fuzz_require(lua_State *L, const char *name);

#endif
