/* See lua/auth.h. */
#include "lua/auth.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "pure/base64.h"
#include "lua/compat.h"
#include "pure/redact.h"
#include "pure/wipe.h"

#define AUTHORIZATION "twilio.numbers.authorization"

/* A single block of Lua's memory, which never moves, so no copies remain. */
struct authorization {
    size_t header_length;   /* the header's value, and a NUL */
    size_t scheme_length;   /* its public start: "Basic " or "Bearer " */
    size_t password_length; /* the password after it; 0 with a token */
    char text[];
};

static struct authorization *check(lua_State *L, int index) {
    return luaL_checkudata(L, index, AUTHORIZATION);
}

/* Pushes an authorization with room for its text. */
static struct authorization *new_authorization(lua_State *L, const char *scheme,
                                               size_t secret_length, size_t password_length) {
    size_t scheme_length = strlen(scheme), header_length = scheme_length + secret_length;
    size_t length = header_length + 1 + password_length + 1;
    struct authorization *self =
        lua_newuserdata(L, offsetof(struct authorization, text) + length);
    *self = (struct authorization){ header_length, scheme_length, password_length };
    memset(self->text, 0, length);
    memcpy(self->text, scheme, scheme_length);
    luaL_getmetatable(L, AUTHORIZATION);
    lua_setmetatable(L, -2);
    return self;
}

int tn_lua_new_basic(lua_State *L) {
    size_t user_length, password_length;
    const char *user = luaL_checklstring(L, 1, &user_length);
    const char *password = luaL_checklstring(L, 2, &password_length);
    size_t plain_length = user_length + 1 + password_length;
    char *plain = lua_newuserdata(L, plain_length);
    struct authorization *self =
        new_authorization(L, "Basic ", tn_base64_length(plain_length), password_length);
    memcpy(plain, user, user_length);
    plain[user_length] = ':';
    memcpy(plain + user_length + 1, password, password_length);
    tn_base64_write(self->text + self->scheme_length, plain, plain_length);
    tn_wipe(plain, plain_length);
    memcpy(self->text + self->header_length + 1, password, password_length);
    return 1;
}

int tn_lua_new_bearer(lua_State *L) {
    size_t length;
    const char *token = luaL_checklstring(L, 1, &length);
    struct authorization *self = new_authorization(L, "Bearer ", length, 0);
    memcpy(self->text + self->scheme_length, token, length);
    return 1;
}

const char *tn_lua_check_authorization(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : check(L, index)->text;
}

/* authorization:text() -> the header's value, for a transport in Lua; "" once it was wiped */
static int authorization_text(lua_State *L) {
    lua_pushstring(L, check(L, 1)->text);
    return 1;
}

/* The length of the secret that a text starts with; 0 if there is none. Base64 padding may be
 * missing. */
static size_t match(const struct authorization *self, const char *text, size_t length) {
    const char *coded = self->text + self->scheme_length;
    size_t coded_length = self->header_length - self->scheme_length;
    size_t found = tn_redact_match(text, length, coded, coded_length);
    while (coded_length > 0 && coded[coded_length - 1] == '=')
        coded_length--;
    if (found == 0)
        found = tn_redact_match(text, length, coded, coded_length);
    if (found == 0)
        found = tn_redact_match(text, length, self->text + self->header_length + 1,
                                self->password_length);
    return found;
}

/* Whether an encoded secret may start with this character; lets most of a text be skipped. */
static bool may_begin(const struct authorization *self, char c) {
    return c == self->text[self->scheme_length] || c == self->text[self->header_length + 1] ||
           c == '%' || c == '\\';
}

/* authorization:redact(text) -> the text without the secrets, in any encoding */
static int authorization_redact(lua_State *L) {
    static const char redacted[] = "[redacted]";
    const struct authorization *self = check(L, 1);
    size_t length, begin = 0;
    const char *text = luaL_checklstring(L, 2, &length);
    luaL_Buffer buffer;
    lua_settop(L, 2);
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < length;) {
        size_t found = may_begin(self, text[i]) ? match(self, text + i, length - i) : 0;
        if (found > 0) {
            luaL_addlstring(&buffer, text + begin, i - begin);
            luaL_addlstring(&buffer, redacted, sizeof redacted - 1);
            begin = i + found;
        }
        i += found > 0 ? found : 1;
    }
    if (begin == 0)
        lua_pushvalue(L, 2);
    else {
        luaL_addlstring(&buffer, text + begin, length - begin);
        luaL_pushresult(&buffer);
    }
    return 1;
}

/* authorization:forget(): wipes the secrets, as does collecting it */
static int authorization_forget(lua_State *L) {
    struct authorization *self = check(L, 1);
    tn_wipe(self->text, self->header_length + 1 + self->password_length);
    self->header_length = self->scheme_length = self->password_length = 0;
    return 0;
}

static const luaL_Reg methods[] = {
    { "text", authorization_text },
    { "redact", authorization_redact },
    { "forget", authorization_forget },
    { "__gc", authorization_forget },
    { NULL, NULL },
};

void tn_lua_new_authorization_class(lua_State *L) {
    if (luaL_newmetatable(L, AUTHORIZATION)) {
        tn_lua_set_functions(L, methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
        lua_pushliteral(L, AUTHORIZATION); /* getmetatable() gives this, not the table */
        lua_setfield(L, -2, "__metatable");
    }
    lua_pop(L, 1);
}
