/* See lua/json.h. */
#include "lua/json.h"

#include <string.h>

#include "lua/compat.h"

/* ---- known names ---- */

#define NAME(text)                                                                             \
    { text, sizeof(text) - 1 }
/* The names in Twilio's numbers, candidates, lists and errors, as ready-made Lua strings. A
 * name that is missing here costs Lua a look-up in its string table, and nothing else. */
static const struct {
    const char *text;
    size_t length;
} known[] = {
    NAME("account_sid"),
    NAME("address_requirements"),
    NAME("address_sid"),
    NAME("api_version"),
    NAME("available_phone_numbers"),
    NAME("beta"),
    NAME("bundle_sid"),
    NAME("capabilities"),
    NAME("code"),
    NAME("date_created"),
    NAME("date_updated"),
    NAME("details"),
    NAME("emergency_address_sid"),
    NAME("emergency_address_status"),
    NAME("emergency_status"),
    NAME("end"),
    NAME("fax"),
    NAME("first_page_uri"),
    NAME("friendly_name"),
    NAME("identity_sid"),
    NAME("incoming_phone_numbers"),
    NAME("iso_country"),
    NAME("lata"),
    NAME("latitude"),
    NAME("locality"),
    NAME("longitude"),
    NAME("message"),
    NAME("MMS"),
    NAME("mms"),
    NAME("more_info"),
    NAME("next_page_uri"),
    NAME("origin"),
    NAME("page"),
    NAME("page_size"),
    NAME("phone_number"),
    NAME("postal_code"),
    NAME("previous_page_uri"),
    NAME("rate_center"),
    NAME("region"),
    NAME("sid"),
    NAME("SMS"),
    NAME("sms"),
    NAME("sms_application_sid"),
    NAME("sms_fallback_method"),
    NAME("sms_fallback_url"),
    NAME("sms_method"),
    NAME("sms_url"),
    NAME("start"),
    NAME("status"),
    NAME("status_callback"),
    NAME("status_callback_method"),
    NAME("subresource_uris"),
    NAME("trunk_sid"),
    NAME("type"),
    NAME("uri"),
    NAME("voice"),
    NAME("voice_application_sid"),
    NAME("voice_caller_id_lookup"),
    NAME("voice_fallback_method"),
    NAME("voice_fallback_url"),
    NAME("voice_method"),
    NAME("voice_receive_mode"),
    NAME("voice_url"),
};

enum {
    KNOWN = sizeof known / sizeof *known,
    SLOTS = 256,
    /* upvalues of the builder: */
    INDEX = 1,      /* struct index */
    FIRST_NAME = 2, /* then one Lua string for each known name */
    DEPTH_SLOTS = 4 /* of Lua's stack, per level */
};

/* An open hash table: the number of a known name plus one, or 0. */
struct index {
    unsigned char slot[SLOTS];
};

static unsigned first_slot(const char *name, size_t length) {
    unsigned first = (unsigned char)name[0], middle = (unsigned char)name[length / 2],
             last = (unsigned char)name[length - 1];
    return ((unsigned)length * 31 + first * 5 + middle * 17 + last) % SLOTS;
}

static void fill_index(struct index *index) {
    memset(index, 0, sizeof *index);
    for (int i = 0; i < KNOWN; i++) {
        unsigned slot = first_slot(known[i].text, known[i].length);
        while (index->slot[slot])
            slot = (slot + 1) % SLOTS;
        index->slot[slot] = (unsigned char)(i + 1);
    }
}

/* The number of a known name, or -1. */
static int find_known(const struct index *index, const char *name, size_t length) {
    if (length == 0)
        return -1;
    for (unsigned slot = first_slot(name, length); index->slot[slot];
         slot = (slot + 1) % SLOTS) {
        int i = index->slot[slot] - 1;
        if (known[i].length == length && memcmp(known[i].text, name, length) == 0)
            return i;
    }
    return -1;
}

/* ---- values ---- */

/* A text, its tokens, and how many of these were built. */
struct build {
    const char *text;
    const struct tn_json_token *next;
    const struct index *index;
};

static void push_string(lua_State *L, const char *text, const struct tn_json_token *token) {
    const char *string = text + token->start;
    if (!token->has_escapes) {
        lua_pushlstring(L, string, token->length);
        return;
    }
    char few[512];
    char *room = token->length <= sizeof few ? few : lua_newuserdata(L, token->length);
    lua_pushlstring(L, room, (size_t)(tn_json_unescape(room, string, token->length) - room));
    if (room != few)
        lua_remove(L, -2);
}

static void push_name(lua_State *L, const struct build *build,
                      const struct tn_json_token *token) {
    int i = token->has_escapes
                ? -1
                : find_known(build->index, build->text + token->start, token->length);
    if (i < 0)
        push_string(L, build->text, token);
    else
        lua_pushvalue(L, lua_upvalueindex(FIRST_NAME + i));
}

static void push_number(lua_State *L, const char *text, const struct tn_json_token *token) {
    int64_t integer;
    const char *number = text + token->start;
    if (token->kind == TN_JSON_INTEGER && tn_json_integer(number, token->length, &integer))
        tn_lua_push_integer64(L, integer);
    else
        tn_lua_push_real(L, tn_json_real(number, token->length));
}

static void push_value(lua_State *L, struct build *build);

/* Sets a null: removes an earlier member of the same name. */
static void set_null(lua_State *L) {
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    bool is_there = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!is_there) {
        lua_pop(L, 1);
        return;
    }
    lua_pushnil(L);
    lua_rawset(L, -3);
}

static void push_object(lua_State *L, struct build *build, const struct tn_json_token *token) {
    lua_createtable(L, 0, (int)token->start);
    for (uint32_t members = token->length; members > 0; members--) {
        push_name(L, build, build->next++);
        if (build->next->kind == TN_JSON_NULL) {
            build->next++;
            set_null(L);
        } else {
            push_value(L, build);
            lua_rawset(L, -3);
        }
    }
}

static void push_array(lua_State *L, struct build *build, const struct tn_json_token *token) {
    lua_createtable(L, (int)token->length, 0);
    for (uint32_t i = 1; i <= token->length; i++) {
        if (build->next->kind == TN_JSON_NULL) {
            build->next++;
        } else {
            push_value(L, build);
            lua_rawseti(L, -2, (int)i);
        }
    }
}

/* The reader limits the depth of the recursion. */
static void push_value(lua_State *L, struct build *build) {
    const struct tn_json_token *token = build->next++;
    switch (token->kind) {
    case TN_JSON_OBJECT:
        push_object(L, build, token);
        break;
    case TN_JSON_ARRAY:
        push_array(L, build, token);
        break;
    case TN_JSON_STRING:
        push_string(L, build->text, token);
        break;
    case TN_JSON_INTEGER:
    case TN_JSON_REAL:
        push_number(L, build->text, token);
        break;
    case TN_JSON_NULL:
        lua_pushnil(L);
        break;
    default:
        lua_pushboolean(L, token->kind == TN_JSON_TRUE);
    }
}

/* build(light userdata of a struct build) -> value */
static int build_value(lua_State *L) {
    struct build build = *(const struct build *)lua_touserdata(L, 1);
    build.index = lua_touserdata(L, lua_upvalueindex(INDEX));
    luaL_checkstack(L, DEPTH_SLOTS * (TN_JSON_DEPTH_MAX + 1), "no room for a response");
    push_value(L, &build);
    return 1;
}

void tn_lua_push_json_builder(lua_State *L) {
    luaL_checkstack(L, KNOWN + FIRST_NAME, "no room for the names in responses");
    fill_index(lua_newuserdata(L, sizeof(struct index)));
    for (int i = 0; i < KNOWN; i++)
        lua_pushlstring(L, known[i].text, known[i].length);
    lua_pushcclosure(L, build_value, KNOWN + 1);
}

void tn_lua_push_json(lua_State *L, int builder, const char *text,
                      const struct tn_json_token *tokens) {
    struct build build = { .text = text, .next = tokens };
    int base = lua_gettop(L);
    lua_pushvalue(L, builder);
    lua_pushlightuserdata(L, &build);
    int status = lua_pcall(L, 1, 1, 0);
    if (status == 0)
        return;
    if (status != LUA_ERRMEM)
        (void)lua_error(L); /* such as Ctrl-C: the caller must learn of it */
    lua_settop(L, base);
    lua_pushvalue(L, builder);
    lua_pushlightuserdata(L, &build);
    lua_call(L, 1, 1);
}

/* ---- problems ---- */

bool tn_lua_is_json_object(struct tn_json_result result, const struct tn_json_token *tokens) {
    return result.problem == TN_JSON_OK && result.count > 0 && tokens[0].kind == TN_JSON_OBJECT;
}

void tn_lua_push_json_problem(lua_State *L, const char *text, size_t length,
                              struct tn_json_result result) {
    size_t blanks = 0;
    while (blanks < length && strchr(" \t\r\n", text[blanks]) && text[blanks])
        blanks++;
    if (blanks == length || text[blanks] != '{')
        lua_pushliteral(L, "not a JSON object");
    else
        lua_pushfstring(L, "malformed JSON at byte %d: %s", (int)result.at + 1,
                        tn_json_problem_name(result.problem));
}
