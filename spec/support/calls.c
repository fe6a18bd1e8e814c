/* spec_calls: system calls for specs of the libraries that are preloaded: Lua's own files are written within
 * the C library, where those see nothing.
 *   open(path [, "create" | "folder"]) -> descriptor
 *   write(fd, text), pwrite(fd, text, offset), ftruncate(fd, length), fsync(fd), fdatasync(fd), close(fd)
 *   unlink(path), rename(from, to)
 *   pair() -> two descriptors that are connected
 *   send(fd, text), recv(fd, size) -> text
 * Each raises an error if it fails. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Raises what a call's result says, or returns how many values the function has pushed. */
static int done(lua_State *L, long result, int values) {
    if (result < 0)
        return luaL_error(L, "%s", strerror(errno));
    return values;
}

static int check_fd(lua_State *L) {
    return (int)luaL_checkinteger(L, 1);
}

static int calls_open(lua_State *L) {
    const char *path = luaL_checkstring(L, 1), *how = luaL_optstring(L, 2, "");
    int flags = strcmp(how, "create") == 0   ? O_RDWR | O_CREAT
                : strcmp(how, "folder") == 0 ? O_RDONLY | O_DIRECTORY
                                             : O_RDWR;
    int fd = open(path, flags, 0600);
    lua_pushinteger(L, fd);
    return done(L, fd, 1);
}

static int calls_write(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 2, &length);
    return done(L, write(check_fd(L), text, length), 0);
}

static int calls_pwrite(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 2, &length);
    return done(L, pwrite(check_fd(L), text, length, (off_t)luaL_checkinteger(L, 3)), 0);
}

static int calls_ftruncate(lua_State *L) {
    return done(L, ftruncate(check_fd(L), (off_t)luaL_checkinteger(L, 2)), 0);
}

static int calls_fsync(lua_State *L) {
    return done(L, fsync(check_fd(L)), 0);
}

static int calls_fdatasync(lua_State *L) {
    return done(L, fdatasync(check_fd(L)), 0);
}

static int calls_close(lua_State *L) {
    return done(L, close(check_fd(L)), 0);
}

static int calls_unlink(lua_State *L) {
    return done(L, unlink(luaL_checkstring(L, 1)), 0);
}

static int calls_rename(lua_State *L) {
    return done(L, rename(luaL_checkstring(L, 1), luaL_checkstring(L, 2)), 0);
}

static int calls_pair(lua_State *L) {
    int ends[2] = { -1, -1 };
    int status = socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    lua_pushinteger(L, ends[0]);
    lua_pushinteger(L, ends[1]);
    return done(L, status, 2);
}

static int calls_send(lua_State *L) {
    size_t length;
    const char *text = luaL_checklstring(L, 2, &length);
    return done(L, send(check_fd(L), text, length, 0), 0);
}

static int calls_recv(lua_State *L) {
    char text[256];
    size_t size = (size_t)luaL_checkinteger(L, 2);
    ssize_t length = recv(check_fd(L), text, size < sizeof text ? size : sizeof text, 0);
    lua_pushlstring(L, text, length > 0 ? (size_t)length : 0);
    return done(L, length, 1);
}

int luaopen_spec_calls(lua_State *L);
int luaopen_spec_calls(lua_State *L) {
    static const struct {
        const char *name;
        lua_CFunction function;
    } functions[] = { { "open", calls_open },         { "write", calls_write },
                      { "pwrite", calls_pwrite },     { "ftruncate", calls_ftruncate },
                      { "fsync", calls_fsync },       { "fdatasync", calls_fdatasync },
                      { "close", calls_close },       { "unlink", calls_unlink },
                      { "rename", calls_rename },     { "pair", calls_pair },
                      { "send", calls_send },         { "recv", calls_recv } };
    lua_createtable(L, 0, 12);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        lua_pushcfunction(L, functions[i].function);
        lua_setfield(L, -2, functions[i].name);
    }
    return 1;
}
