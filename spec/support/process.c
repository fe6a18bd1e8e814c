/* spec_process: what specs need of the system, and no Debian package offers to every Lua.
 *   fork() -> 0 in the child, its pid in the parent
 *   wait(pid) -> exit status, or 128 + signal
 *   pid() -> of this process
 *   leave(status): ends the child at once, with nothing closed or collected
 *   linger(): exit() takes a second longer, before the handlers that were there by then
 *   close_at_exit(): closes the Lua state after the exit handlers that are installed later
 *   kill(pid, signal)
 *   alarm(seconds): SIGALRM, which does nothing, again and again; 0: no more
 *   setenv(name, value | nil)
 *   entries(folder) -> how many entries it has
 *   user_timeouts(port) -> the TCP_USER_TIMEOUT of each connection of this process to that port, in ms
 *   connections(port) -> a word for each: "silent", "readable", "closed" (by the other side)
 *   unmask(text) -> the text with the lowest bit of each byte changed: a secret of which this is the only
 *     copy in the process, since the one that the program holds is another text
 *   allocated() -> the bytes that are allocated, in C and, but for LuaJIT, in Lua
 *   states(count, program) -> what each returned, as a list: runs a program in so many Lua states of
 *     this process at once, each in a thread of its own, and closes them. Its argument is which it is
 *   leave_running(count, program): the same, but returns at once and never closes them
 *   arrive(), arrivals() -> how often any state of this process called arrive() */
#define _GNU_SOURCE /* POLLRDHUP */
#include <dirent.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int process_fork(lua_State *L) {
    pid_t child = fork();
    if (child < 0)
        return luaL_error(L, "fork failed");
    lua_pushinteger(L, child);
    return 1;
}

static int process_pid(lua_State *L) {
    lua_pushinteger(L, getpid());
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

static void sleep_a_while(void) {
    nanosleep(&(struct timespec){ 1, 0 }, NULL);
}

static int process_linger(lua_State *L) {
    if (atexit(sleep_a_while) != 0)
        return luaL_error(L, "atexit failed");
    return 0;
}

static lua_State *closed_at_exit;

static void close_state(void) {
    lua_close(closed_at_exit);
}

static int process_close_at_exit(lua_State *L) {
    closed_at_exit = L;
    if (atexit(close_state) != 0)
        return luaL_error(L, "atexit failed");
    return 0;
}

static int process_kill(lua_State *L) {
    if (kill((pid_t)luaL_checkinteger(L, 1), (int)luaL_checkinteger(L, 2)) != 0)
        return luaL_error(L, "kill failed");
    return 0;
}

static void do_nothing(int number) {
    (void)number;
}

static int process_alarm(lua_State *L) {
    long microseconds = (long)(luaL_checknumber(L, 1) * 1e6);
    struct timeval interval = { microseconds / 1000000, microseconds % 1000000 };
    struct itimerval timer = { interval, interval };
    struct sigaction action = { .sa_handler = do_nothing };
    if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &timer, NULL) != 0)
        return luaL_error(L, "setitimer failed");
    return 0;
}

static int process_setenv(lua_State *L) {
    const char *value = luaL_optstring(L, 2, NULL);
    if (value)
        setenv(luaL_checkstring(L, 1), value, 1);
    else
        unsetenv(luaL_checkstring(L, 1));
    return 0;
}

static int process_entries(lua_State *L) {
    int count = -2; /* . and .. */
    DIR *folder = opendir(luaL_checkstring(L, 1));
    if (!folder)
        return luaL_error(L, "opendir failed");
    while (readdir(folder))
        count++;
    closedir(folder);
    lua_pushinteger(L, count);
    return 1;
}

enum { DESCRIPTORS_MAX = 1024 };

/* The first connection to a port of 127.0.0.1 among the descriptors from that one on; or -1. */
static int find_connection(int fd, int port) {
    for (; fd < DESCRIPTORS_MAX; fd++) {
        struct sockaddr_in peer = { .sin_port = 0 };
        socklen_t size = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
            peer.sin_family == AF_INET && ntohs(peer.sin_port) == port)
            return fd;
    }
    return -1;
}

static int process_user_timeouts(lua_State *L) {
    int port = (int)luaL_checkinteger(L, 1), count = 0;
    lua_newtable(L);
    for (int fd = -1; (fd = find_connection(fd + 1, port)) >= 0;) {
        unsigned milliseconds = 0;
        socklen_t size = sizeof milliseconds;
        if (getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size) != 0)
            return luaL_error(L, "getsockopt failed");
        lua_pushinteger(L, (lua_Integer)milliseconds);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

static const char *state_of(int fd) {
    struct pollfd state = { .fd = fd, .events = POLLIN | POLLRDHUP };
    if (poll(&state, 1, 0) == 0)
        return "silent";
    return state.revents == POLLIN ? "readable" : "closed";
}

static int process_connections(lua_State *L) {
    int port = (int)luaL_checkinteger(L, 1), count = 0;
    lua_newtable(L);
    for (int fd = -1; (fd = find_connection(fd + 1, port)) >= 0;) {
        lua_pushstring(L, state_of(fd));
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

static int process_unmask(lua_State *L) {
    size_t length;
    const char *masked = luaL_checklstring(L, 1, &length);
    volatile char text[256];
    luaL_argcheck(L, length <= sizeof text, 1, "too long");
    for (size_t i = 0; i < length; i++)
        text[i] = masked[i] ^ 1;
    lua_pushlstring(L, (const char *)text, length);
    for (size_t i = 0; i < length; i++)
        text[i] = 0;
    return 1;
}

/* of a sanitizer, which has an allocator of its own */
extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* not mallinfo2(), which valgrind does not replace; an int is enough for specs */
static int process_allocated(lua_State *L) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    struct mallinfo info = mallinfo();
#pragma GCC diagnostic pop
    if (__sanitizer_get_current_allocated_bytes)
        lua_pushnumber(L, (lua_Number)__sanitizer_get_current_allocated_bytes());
    else
        lua_pushnumber(L, (lua_Number)info.uordblks + (lua_Number)info.hblkhd);
    return 1;
}

/* ---- states ---- */

struct state {
    pthread_t thread;
    lua_State *L;
};

/* A new state that is ready to run the program, which gets the number; NULL if there is none. */
static lua_State *new_state(const char *path, const char *cpath, const char *program,
                            int number) {
    lua_State *L = luaL_newstate();
    if (!L)
        return NULL;
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_pushstring(L, path);
    lua_setfield(L, -2, "path");
    lua_pushstring(L, cpath);
    lua_setfield(L, -2, "cpath");
    lua_pop(L, 1);
    luaL_loadstring(L, program);
    lua_pushinteger(L, number);
    return L;
}

/* Leaves a string on the state's stack. */
static void *run_state(void *user) {
    struct state *state = user;
    lua_pcall(state->L, 1, 1, 0);
    lua_gc(state->L, LUA_GCCOLLECT, 0);
    return NULL;
}

/* Starts the states that are asked for by the arguments. */
static void start_states(lua_State *L, struct state *states, int count) {
    const char *program = luaL_checkstring(L, 2);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "path");
    lua_getfield(L, -2, "cpath");
    for (int i = 0; i < count; i++) {
        states[i].L = new_state(lua_tostring(L, -2), lua_tostring(L, -1), program, i + 1);
        if (!states[i].L || pthread_create(&states[i].thread, NULL, run_state, &states[i]) != 0)
            luaL_error(L, "no state or no thread");
    }
}

static int process_states(lua_State *L) {
    int count = (int)luaL_checkinteger(L, 1);
    struct state *states = lua_newuserdata(L, (size_t)count * sizeof *states);
    start_states(L, states, count);
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        pthread_join(states[i].thread, NULL);
        const char *result = lua_tostring(states[i].L, -1);
        lua_pushstring(L, result ? result : "nothing");
        lua_rawseti(L, -2, i + 1);
        lua_close(states[i].L);
    }
    return 1;
}

static int process_leave_running(lua_State *L) {
    int count = (int)luaL_checkinteger(L, 1);
    struct state *states = lua_newuserdata(L, (size_t)count * sizeof *states);
    luaL_ref(L, LUA_REGISTRYINDEX); /* theirs for good */
    start_states(L, states, count);
    return 0;
}

static atomic_int arrivals;

static int process_arrive(lua_State *L) {
    (void)L;
    atomic_fetch_add(&arrivals, 1);
    return 0;
}

static int process_arrivals(lua_State *L) {
    lua_pushinteger(L, atomic_load(&arrivals));
    return 1;
}

int luaopen_spec_process(lua_State *L);
int luaopen_spec_process(lua_State *L) {
    static const struct {
        const char *name;
        lua_CFunction function;
    } functions[] = { { "fork", process_fork },
                      { "wait", process_wait },
                      { "pid", process_pid },
                      { "leave", process_leave },
                      { "linger", process_linger },
                      { "close_at_exit", process_close_at_exit },
                      { "kill", process_kill },
                      { "alarm", process_alarm },
                      { "entries", process_entries },
                      { "setenv", process_setenv },
                      { "allocated", process_allocated },
                      { "states", process_states },
                      { "unmask", process_unmask },
                      { "user_timeouts", process_user_timeouts },
                      { "connections", process_connections },
                      { "arrive", process_arrive },
                      { "arrivals", process_arrivals },
                      { "leave_running", process_leave_running } };
    lua_createtable(L, 0, 16);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        lua_pushcfunction(L, functions[i].function);
        lua_setfield(L, -2, functions[i].name);
    }
    return 1;
}
