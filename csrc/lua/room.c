/* See lua/room.h. */
#include "lua/room.h"

#include "lua/compat.h"

/* Slots, and calls from C one within the other, that nothing here comes close to. */
enum { ROOM = 450, ROOM_CALLS = 3 };

/* nest(more, nest) */
static int nest(lua_State *L) {
    lua_Integer more = lua_tointeger(L, 1);
    if (more == 0)
        return 0;
    lua_pushvalue(L, 2);
    lua_pushinteger(L, more - 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 0);
    return 0;
}

void tn_lua_need_room(lua_State *L) {
    luaL_checkstack(L, ROOM, "no room to hear an answer");
    lua_pushcfunction(L, nest);
    lua_pushinteger(L, ROOM_CALLS);
    lua_pushvalue(L, -2);
    lua_call(L, 2, 0);
}
