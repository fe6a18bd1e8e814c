/* spec_failing: makes a call of a library into another one fail, as if there were no memory or no
 * descriptor left. It puts itself into the library's table of imports, so that the calls of that
 * library alone are counted and fail, even if other code makes the same calls, or a sanitizer is present.
 *   load(path): loads a library and runs nothing of it
 *   attach(path, group) -> the names of its calls that belong to the group
 *   imports(path) -> the names of all functions that it calls
 *   arm(group, n, forever): from now on the nth call of the group fails, or all from then on
 *   disarm() -> how many failed, the name of the last one or nil
 *   count() -> how many calls of the group there were since it was armed
 *   trust(directory, file): what libcurl says its trust store is, after attach(path, "trust")
 *   readable(fd, seconds): waits until a descriptor is readable, at most so long; whether it is
 *   limit(seconds): the process ends with status 99 if it takes longer from now on; 0: no limit
 * Linux with 64 bits. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <lauxlib.h>
#include <link.h>
#include <lua.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* libcurl 7.88 frees twice what it could not keep of a TLS session: while OpenSSL hands it one,
 * its memory does not fail. */
static _Thread_local bool spared;
static int (*keep_session)(void *, void *);

static int keep_session_spared(void *connection, void *session) {
    spared = true;
    int kept = keep_session(connection, session);
    spared = false;
    return kept;
}

/* Group, function, what it returns when it fails, and errno or 0. */
#define CALLS(CALL)                                                                            \
    CALL(memory, malloc, 0, ENOMEM)                                                            \
    CALL(memory, calloc, 0, ENOMEM)                                                            \
    CALL(memory, realloc, 0, ENOMEM)                                                           \
    CALL(memory, strdup, 0, ENOMEM)                                                            \
    CALL(system, pthread_create, EAGAIN, 0)                                                    \
    CALL(system, pthread_mutex_init, ENOMEM, 0)                                                \
    CALL(system, pthread_sigmask, EINVAL, 0)                                                   \
    CALL(system, __register_atfork, ENOMEM, 0)                                                 \
    CALL(system, __cxa_atexit, ENOMEM, 0)                                                      \
    CALL(system, pipe2, -1, EMFILE)                                                            \
    CALL(system, socket, -1, EMFILE)                                                           \
    CALL(system, bind, -1, EADDRINUSE)                                                         \
    CALL(system, listen, -1, EADDRINUSE)                                                       \
    CALL(system, accept4, -1, ECONNABORTED)                                                    \
    CALL(system, mkdtemp, 0, EACCES)                                                           \
    CALL(system, send, -1, EPIPE)                                                              \
    CALL(system, setsockopt, -1, ENOPROTOOPT)                                                  \
    CALL(system, shutdown, -1, ENOTCONN)                                                       \
    CALL(system, write, -1, EINTR)                                                             \
    CALL(system, read, -1, EINTR)                                                              \
    CALL(system, poll, -1, EINTR)                                                              \
    CALL(system, nanosleep, -1, EINTR)                                                         \
    CALL(system, getentropy, -1, EIO)                                                          \
    CALL(system, opendir, 0, EMFILE)                                                           \
    CALL(system, readdir, 0, EBADF)                                                            \
    CALL(system, sigpending, -1, EFAULT)                                                       \
    CALL(system, sigtimedwait, -1, EAGAIN)                                                     \
    CALL(system, uname, -1, EFAULT)                                                            \
    CALL(system, dladdr, 0, 0)                                                                 \
    CALL(system, dlopen, 0, 0)                                                                 \
    CALL(curl, curl_global_init, CURLE_OUT_OF_MEMORY, 0)                                       \
    CALL(curl, curl_easy_init, 0, 0)                                                           \
    CALL(curl, curl_easy_setopt, CURLE_OUT_OF_MEMORY, 0)                                       \
    CALL(curl, curl_easy_getinfo, CURLE_BAD_FUNCTION_ARGUMENT, 0)                              \
    CALL(curl, curl_easy_perform, CURLE_OUT_OF_MEMORY, 0)                                      \
    CALL(curl, curl_slist_append, 0, 0)                                                        \
    CALL(curl, curl_url, 0, 0)                                                                 \
    CALL(curl, curl_url_set, CURLUE_OUT_OF_MEMORY, 0)                                          \
    CALL(curl, curl_multi_init, 0, 0)                                                          \
    CALL(curl, curl_multi_setopt, CURLM_OUT_OF_MEMORY, 0)                                      \
    CALL(curl, curl_multi_add_handle, CURLM_OUT_OF_MEMORY, 0)                                  \
    CALL(curl, curl_multi_perform, CURLM_OUT_OF_MEMORY, 0)                                     \
    CALL(curl, curl_multi_poll, CURLM_OUT_OF_MEMORY, 0)                                        \
    CALL(curl, curl_multi_wakeup, CURLM_WAKEUP_FAILURE, 0)                                     \
    CALL(libcurl_memory, malloc, 0, ENOMEM)                                                    \
    CALL(libcurl_memory, calloc, 0, ENOMEM)                                                    \
    CALL(libcurl_memory, realloc, 0, ENOMEM)                                                   \
    CALL(libcurl_memory, strdup, 0, ENOMEM)                                                    \
    CALL(libcurl_system, socketpair, -1, EMFILE)                                               \
    CALL(libcurl_system, setsockopt, -1, ENOPROTOOPT)                                          \
    CALL(libcurl_system, getsockopt, -1, EBADF)                                                \
    CALL(libcurl_system, getsockname, -1, ENOBUFS)                                             \
    CALL(libcurl_system, getpeername, -1, ENOBUFS)                                             \
    CALL(libcurl_system, connect, -1, ECONNREFUSED)                                            \
    CALL(libcurl_system, send, -1, ECONNRESET)                                                 \
    CALL(libcurl_system, recv, -1, ECONNRESET)                                                 \
    CALL(libcurl_system, poll, -1, ENOMEM)                                                     \
    CALL(libcurl_system, pthread_create, EAGAIN, 0)                                            \
    CALL(http2_memory, malloc, 0, ENOMEM)                                                      \
    CALL(http2_memory, calloc, 0, ENOMEM)                                                      \
    CALL(http2_memory, realloc, 0, ENOMEM)                                                     \
    CALL(tls_memory, malloc, 0, ENOMEM)                                                        \
    CALL(tls_memory, calloc, 0, ENOMEM)                                                        \
    CALL(tls_memory, realloc, 0, ENOMEM)                                                       \
    CALL(sqlite_memory, malloc, 0, ENOMEM)                                                     \
    CALL(sqlite_memory, realloc, 0, ENOMEM)

/* All of them take up to six values of a register's size, and return one. */
typedef long function(long, long, long, long, long, long);
_Static_assert(sizeof(long) == sizeof(void *), "values of other sizes");

struct call {
    const char *group, *name;
    long value;
    int error;
    function *stand_in, *real;
};

static struct {
    _Atomic(const char *) group; /* that is armed, or NULL */
    atomic_long count, n, failed;
    atomic_bool forever;
    _Atomic(const char *) last; /* that failed */
} armed;

static bool must_fail(const struct call *call) {
    const char *group = atomic_load(&armed.group);
    if (!group || spared || strcmp(group, call->group) != 0)
        return false;
    long count = atomic_fetch_add(&armed.count, 1) + 1, n = atomic_load(&armed.n);
    bool again = count > n && atomic_load(&armed.forever) &&
                 (call->error != EINTR || count % 2 == 0); /* signals do not come always */
    if (count != n && !again)
        return false;
    atomic_fetch_add(&armed.failed, 1);
    atomic_store(&armed.last, call->name);
    if (call->error != 0)
        errno = call->error;
    return true;
}

#define DECLARE(group, name, result, number) static function group##_##name;
CALLS(DECLARE)

#define ROW(group, name, result, number)                                                       \
    { #group, #name, result, number, group##_##name, NULL },
static function spare_sessions, show_trust;
static struct call calls[] = {
    CALLS(ROW) /* and those that are redirected, and never fail: */
    { "libcurl_memory", "SSL_CTX_sess_set_new_cb", 0, 0, spare_sessions, NULL },
    { "trust", "curl_version_info", 0, 0, show_trust, NULL },
};

#define PLACE(group, name, result, number) PLACE_##group##_##name,
enum { CALLS(PLACE) PLACE_OF_SESSIONS, PLACE_OF_TRUST, CALL_COUNT };

#define DEFINE(group, name, result, number)                                                    \
    static long group##_##name(long a, long b, long c, long d, long e, long f) {               \
        const struct call *call = &calls[PLACE_##group##_##name];                              \
        return must_fail(call) ? call->value : call->real(a, b, c, d, e, f);                   \
    }
CALLS(DEFINE)

static long spare_sessions(long context, long callback, long c, long d, long e, long f) {
    memcpy(&keep_session, &callback, sizeof keep_session);
    function *stand_in = NULL;
    int (*spared_one)(void *, void *) = keep_session_spared;
    memcpy(&stand_in, &spared_one, sizeof stand_in);
    return calls[PLACE_OF_SESSIONS].real(context, (long)stand_in, c, d, e, f);
}

/* Where libcurl says that its trust store is. */
static char trusted_directory[256], trusted_file[256];

static long show_trust(long age, long b, long c, long d, long e, long f) {
    static curl_version_info_data info;
    long real = calls[PLACE_OF_TRUST].real(age, b, c, d, e, f);
    memcpy(&info, (void *)real, sizeof info); // NOLINT(performance-no-int-to-ptr)
    info.capath = trusted_directory;
    info.cainfo = trusted_file;
    return (long)&info;
}

/* ---- a library's imports ---- */

struct imports {
    const ElfW(Sym) * symbols;
    const char *names;
    const ElfW(Rela) * tables[2]; /* of functions, and of the rest */
    size_t sizes[2];
    ElfW(Addr) base;
};

static struct imports imports_of(lua_State *L, const char *path) {
    struct imports imports = { .base = 0 };
    struct link_map *map = NULL;
    void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    if (!library || dlinfo(library, RTLD_DI_LINKMAP, &map) != 0 || !map) {
        luaL_error(L, "%s is not loaded", path);
        return imports;
    }
    imports.base = map->l_addr;
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        void *address = (void *)entry->d_un.d_ptr; // NOLINT(performance-no-int-to-ptr)
        switch (entry->d_tag) {
        case DT_SYMTAB:
            imports.symbols = address;
            break;
        case DT_STRTAB:
            imports.names = address;
            break;
        case DT_JMPREL:
            imports.tables[0] = address;
            break;
        case DT_PLTRELSZ:
            imports.sizes[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_RELA:
            imports.tables[1] = address;
            break;
        case DT_RELASZ:
            imports.sizes[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
            break;
        default:
            break;
        }
    }
    return imports;
}

/* The name that a place in a table refers to in another library, or NULL. */
static const char *name_of(const struct imports *imports, const ElfW(Rela) * place) {
    if (!imports->symbols || !place || ELF64_R_SYM(place->r_info) == 0)
        return NULL;
    const ElfW(Sym) *symbol = &imports->symbols[ELF64_R_SYM(place->r_info)];
    return symbol->st_shndx == SHN_UNDEF ? imports->names + symbol->st_name : NULL;
}

static function *find_real(const char *name) {
    void *address = dlsym(RTLD_DEFAULT, name);
    void *libcurl = address ? NULL : dlopen("libcurl.so.4", RTLD_LAZY);
    function *real = NULL;
    if (libcurl)
        address = dlsym(libcurl, name);
    memcpy(&real, &address, sizeof real);
    return real;
}

static bool replace(const struct imports *imports, const ElfW(Rela) * place,
                    const struct call *call) {
    uintptr_t address = imports->base + place->r_offset;
    uintptr_t page = address & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
    void *whole = (void *)page, *entry = (void *)address; // NOLINT(performance-no-int-to-ptr)
    if (mprotect(whole, address + sizeof(void *) - page, PROT_READ | PROT_WRITE) != 0)
        return false;
    memcpy(entry, &call->stand_in, sizeof call->stand_in);
    return true;
}

static int failing_load(lua_State *L) {
    if (!dlopen(luaL_checkstring(L, 1), RTLD_NOW))
        return luaL_error(L, "%s", dlerror());
    return 0;
}

/* Appends a name to the list on top of the stack. */
static void append(lua_State *L, const char *name) {
#if LUA_VERSION_NUM >= 502
    int length = (int)lua_rawlen(L, -1);
#else
    int length = (int)lua_objlen(L, -1);
#endif
    lua_pushstring(L, name);
    lua_rawseti(L, -2, length + 1);
}

static void attach_place(lua_State *L, const struct imports *imports, const ElfW(Rela) * place,
                         const char *group) {
    const char *name = name_of(imports, place);
    for (size_t i = 0; name && i < CALL_COUNT; i++) {
        struct call *call = &calls[i];
        if (strcmp(call->group, group) != 0 || strcmp(call->name, name) != 0)
            continue;
        call->real = call->real ? call->real : find_real(name);
        if (!call->real || !replace(imports, place, call))
            luaL_error(L, "%s cannot be replaced", name);
        append(L, name);
    }
}

static int failing_attach(lua_State *L) {
    struct imports imports = imports_of(L, luaL_checkstring(L, 1));
    const char *group = luaL_checkstring(L, 2);
    lua_newtable(L);
    for (int table = 0; table < 2; table++)
        for (size_t i = 0; i < imports.sizes[table]; i++)
            attach_place(L, &imports, &imports.tables[table][i], group);
    return 1;
}

static int failing_imports(lua_State *L) {
    struct imports imports = imports_of(L, luaL_checkstring(L, 1));
    lua_newtable(L);
    for (int table = 0; table < 2; table++)
        for (size_t i = 0; i < imports.sizes[table]; i++) {
            const char *name = name_of(&imports, &imports.tables[table][i]);
            if (name)
                append(L, name);
        }
    return 1;
}

/* ---- what fails ---- */

static int failing_arm(lua_State *L) {
    const char *group = luaL_checkstring(L, 1), *known = NULL;
    for (size_t i = 0; i < CALL_COUNT; i++)
        if (strcmp(calls[i].group, group) == 0)
            known = calls[i].group;
    luaL_argcheck(L, known, 1, "no such group");
    atomic_store(&armed.count, 0);
    atomic_store(&armed.failed, 0);
    atomic_store(&armed.last, NULL);
    atomic_store(&armed.n, (long)luaL_checkinteger(L, 2));
    atomic_store(&armed.forever, lua_toboolean(L, 3));
    atomic_store(&armed.group, known);
    return 0;
}

static int failing_trust(lua_State *L) {
    (void)snprintf(trusted_directory, sizeof trusted_directory, "%s", luaL_checkstring(L, 1));
    (void)snprintf(trusted_file, sizeof trusted_file, "%s", luaL_checkstring(L, 2));
    return 0;
}

static int failing_disarm(lua_State *L) {
    atomic_store(&armed.group, NULL);
    lua_pushinteger(L, (lua_Integer)atomic_load(&armed.failed));
    lua_pushstring(L, atomic_load(&armed.last));
    return 2;
}

static int failing_count(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)atomic_load(&armed.count));
    return 1;
}

static void end_process(int number) {
    static const char words[] = "it hangs\n";
    (void)number;
    (void)!write(STDOUT_FILENO, words, sizeof words - 1);
    _exit(99);
}

static int failing_limit(lua_State *L) {
    if (signal(SIGALRM, end_process) == SIG_ERR)
        return luaL_error(L, "no SIGALRM");
    alarm((unsigned)luaL_checkinteger(L, 1));
    return 0;
}

static int failing_readable(lua_State *L) {
    struct pollfd descriptor = { .fd = (int)luaL_checkinteger(L, 1), .events = POLLIN };
    int milliseconds = (int)(luaL_checknumber(L, 2) * 1000) + 1;
    lua_pushboolean(L, poll(&descriptor, 1, milliseconds) == 1);
    return 1;
}

int luaopen_spec_failing(lua_State *L);
int luaopen_spec_failing(lua_State *L) {
    static const struct {
        const char *name;
        lua_CFunction function;
    } functions[] = { { "load", failing_load },       { "attach", failing_attach },
                      { "imports", failing_imports }, { "arm", failing_arm },
                      { "disarm", failing_disarm },   { "count", failing_count },
                      { "limit", failing_limit },     { "readable", failing_readable },
                      { "trust", failing_trust } };
    lua_createtable(L, 0, 8);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        lua_pushcfunction(L, functions[i].function);
        lua_setfield(L, -2, functions[i].name);
    }
    return 1;
}
