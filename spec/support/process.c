/* spec_process: fork() for specs, which no Debian package offers to every Lua.
 *   fork() -> 0 in the child, its pid in the parent
 *   wait(pid) -> exit status, or 128 + signal
 *   leave(status): ends the child at once, with nothing closed or collected */
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <lua.h>
#include <sys/wait.h>
#include <unistd.h>

static int process_fork(lua_State *L) {
    pid_t child = fork();
    if (child < 0)
        return luaL_error(L, "fork failed");
    lua_pushinteger(L, child);
    return 1;
}

static int process_wait(lua_State *L) {
    int status;
    if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0)
        return luaL_error(L, "waitpid failed");
    lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 1;
}

static int process_leave(lua_State *L) {
    _exit((int)luaL_checkinteger(L, 1));
    return 0;
}

int luaopen_spec_process(lua_State *L);
int luaopen_spec_process(lua_State *L) {
    static const struct {
        const char *name;
        lua_CFunction function;
    } functions[] = { { "fork", process_fork },
                      { "wait", process_wait },
                      { "leave", process_leave } };
    lua_createtable(L, 0, 3);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        lua_pushcfunction(L, functions[i].function);
        lua_setfield(L, -2, functions[i].name);
    }
    return 1;
}
