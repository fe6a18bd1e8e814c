/* A Lua state for targets: with the product's Lua layer, and no network. libFuzzer learns which
 * of its lines were run. */
#ifndef TN_FUZZ_STATE_H
#define TN_FUZZ_STATE_H

#include <lauxlib.h>
#include <lua.h>

/* Made once, and kept as long as the process runs. */
lua_State *tn_fuzz_state(void);

/* Pushes a module; ends the process if it cannot be loaded. */
void tn_fuzz_require(lua_State *L, const char *name);

#endif
