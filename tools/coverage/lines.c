/* coverage_lines: notes which lines of the library's Lua files run, for `make coverage`. Its
 * function takes a path: from then on, in this Lua state and in the coroutines that it makes,
 * each line that runs for the first time is appended to that file, as "lua/twilio/... LINE".
 * Written at once and with no descriptor kept, so that nothing is lost when a process is killed
 * and no spec that counts descriptors sees it. What is seen is static: one state a process. */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 1024, LINES = 1024, PATH = 512 };

struct file {
    char source[PATH];
    const char
        *name; /* in source: without the folder it was found in; NULL: not the library's */
    bool seen[LINES];
};

static struct file files[FILES];
static int count;
static struct file *last; /* most lines are of the same file as the one before */
static char report[PATH];

/* Lua files are found below lua/, and where they are installed. */
static const char *name_in(const char *source) {
    const char *name = strstr(source, "twilio/numbers/");
    if (!name)
        name = strstr(source, "twilio/simulator/");
    return source[0] == '@' ? name : NULL;
}

/* To count less than all would look like lines that never ran. */
static void give_up(const char *what) {
    (void)fprintf(stderr, "tools/coverage/lines.c has no room for %s\n", what);
    abort();
}

static struct file *file_of(const char *source) {
    if (last && strcmp(last->source, source) == 0)
        return last;
    if (!name_in(source))
        return NULL;
    for (int i = 0; i < count; i++)
        if (strcmp(files[i].source, source) == 0)
            return last = &files[i];
    if (count == FILES || strlen(source) >= PATH)
        give_up(source);
    last = &files[count++];
    memcpy(last->source, source, strlen(source) + 1);
    last->name = name_in(last->source);
    return last;
}

static bool write_line(const char *name, int line) {
    char text[PATH + 32];
    int length = snprintf(text, sizeof text, "lua/%s %d\n", name, line);
    int fd = open(report, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return false; /* a spec has used them all up */
    bool written = write(fd, text, (size_t)length) == length;
    close(fd);
    return written;
}

static void line_runs(lua_State *L, lua_Debug *activation) {
    int line = activation->currentline;
    struct file *file =
        lua_getinfo(L, "S", activation) && line >= 0 ? file_of(activation->source) : NULL;
    if (file && line >= LINES)
        give_up("so long a file");
    if (file && !file->seen[line])
        file->seen[line] = write_line(file->name, line);
}

int luaopen_coverage_lines(lua_State *L);
int luaopen_coverage_lines(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    if (strlen(path) >= sizeof report)
        return luaL_error(L, "too long a path: %s", path);
    memcpy(report, path, strlen(path) + 1);
    lua_sethook(L, line_runs, LUA_MASKLINE, 0);
    return 0;
}
