/* A purchase in C as one would write it, with libcurl and jsmn: encodes the parameters, buys,
 * reads the response into a struct, and checks its status and SID. One purchase after the
 * other. */
#define _POSIX_C_SOURCE 200809L
#include <stdbool.h>
#include <stddef.h>

#include "program.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS /* otherwise it searches for the object around each member */
#include <jsmn.h>

enum { TOKEN_MAX = 128, TEXT_MAX = 64 * 1024 };

/* clang-format off */
#define TEXTS(X) \
    X(sid) X(account_sid) X(phone_number) X(friendly_name) X(api_version) X(uri) X(origin) X(type) \
    X(status) X(date_created) X(date_updated) X(bundle_sid) X(identity_sid) X(trunk_sid) \
    X(voice_url) X(voice_method) X(voice_fallback_url) X(voice_fallback_method) \
    X(voice_application_sid) X(voice_receive_mode) X(sms_url) X(sms_method) X(sms_fallback_url) \
    X(sms_fallback_method) X(sms_application_sid) X(status_callback) X(status_callback_method) \
    X(address_requirements) X(address_sid) X(emergency_status) X(emergency_address_sid) \
    X(emergency_address_status)
#define FLAGS(X) X(voice) X(sms) X(mms) X(fax) X(beta) X(voice_caller_id_lookup)
/* clang-format on */

/* Texts point into the response; NULL if that has null or no value. */
struct number {
#define TEXT(name) const char *name;
#define FLAG(name) bool name;
    TEXTS(TEXT)
    FLAGS(FLAG)
#undef TEXT
#undef FLAG
};

static const struct field {
    const char *name;
    size_t length, offset;
    bool is_flag;
} fields[] = {
#define TEXT(name) { #name, sizeof #name - 1, offsetof(struct number, name), false },
#define FLAG(name) { #name, sizeof #name - 1, offsetof(struct number, name), true },
    TEXTS(TEXT) FLAGS(FLAG)
};

/* ---- JSON ---- */

/* Decodes the escapes of a string in place, and terminates it; jsmn has checked them. Leaves \u
 * as it is: the response has none, and a string without a backslash costs only memchr. */
static const char *unescape(char *text, size_t length) {
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    char *end = text + length, *first = memchr(text, '\\', length), *to = first ? first : end;
    for (const char *from = to; from < end; from++) {
        if (*from == '\\' && from[1] != 'u') {
            const char *letter = strchr(letters, *++from);
            *to++ = letter ? meanings[letter - letters] : *from;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return text;
}

static void set_field(struct number *number, const char *name, size_t length, char *text,
                      const jsmntok_t *value) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].length != length || memcmp(fields[i].name, name, length) != 0)
            continue;
        void *place = (char *)number + fields[i].offset;
        if (fields[i].is_flag)
            *(bool *)place = text[value->start] == 't';
        else if (value->type == JSMN_STRING)
            *(const char **)place =
                unescape(text + value->start, (size_t)(value->end - value->start));
        return;
    }
}

/* Members of `capabilities` are read as if they were next to it. A name's token has size 1, and
 * its value is the next one. */
static bool read_number(struct number *number, char *text, size_t length) {
    jsmntok_t tokens[TOKEN_MAX];
    jsmn_parser parser;
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, text, length, tokens, TOKEN_MAX);
    *number = (struct number){ 0 };
    for (int i = 1; i + 1 < count; i++)
        if (tokens[i].type == JSMN_STRING && tokens[i].size == 1)
            set_field(number, text + tokens[i].start, (size_t)(tokens[i].end - tokens[i].start),
                      text, &tokens[i + 1]);
    return count > 0 && tokens[0].type == JSMN_OBJECT;
}

static bool is_sid(const char *text) {
    return text && strncmp(text, "PN", 2) == 0 &&
           strspn(text + 2, "0123456789abcdefABCDEF") == 32 && !text[34];
}

/* ---- the order and the purchase ---- */

struct text {
    char bytes[TEXT_MAX + 1];
    size_t length;
};

static struct text answer;

static const struct {
    const char *name, *value;
} params[] = {
    /* those of order.json */
    { "PhoneNumber", "+15005550006" },
    { "FriendlyName", "Front desk" },
    { "VoiceUrl", "https://example.com/voice" },
    { "VoiceMethod", "POST" },
    { "VoiceFallbackUrl", "https://example.com/voice/fallback" },
    { "SmsUrl", "https://example.com/sms" },
    { "SmsMethod", "POST" },
    { "StatusCallback", "https://example.com/status" },
    { "StatusCallbackMethod", "POST" },
    { "AddressSid", "ADaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
};

static void append(struct text *text, const char *bytes, size_t length) {
    if (length > TEXT_MAX - text->length)
        fail("too long");
    memcpy(text->bytes + text->length, bytes, length);
    text->bytes[text->length += length] = '\0';
}

static void write_form(CURL *easy, struct text *form) {
    form->length = 0;
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        char *value = curl_easy_escape(easy, params[i].value, 0);
        if (!value)
            fail("no memory");
        if (i > 0)
            append(form, "&", 1);
        append(form, params[i].name, strlen(params[i].name));
        append(form, "=", 1);
        append(form, value, strlen(value));
        curl_free(value);
    }
}

static size_t on_body(char *bytes, size_t size, size_t count, void *user) {
    append(user, bytes, size * count);
    return size * count;
}

static CURL *easy;

static void buy(const struct arguments *order, long count) {
    static struct text form;
    (void)order;
    while (count-- > 0) {
        struct number number;
        write_form(easy, &form);
        answer.length = 0;
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, form.bytes);
        check(easy, curl_easy_perform(easy));
        if (!read_number(&number, answer.bytes, answer.length) || !is_sid(number.sid))
            fail("not a number");
    }
}

int main(int count, char **words) {
    struct arguments order = read_arguments(count, words);
    char url[512], authorization[512];
    (void)snprintf(url, sizeof url, "%s%s", order.url, variable("REQUEST_PATH"));
    (void)snprintf(authorization, sizeof authorization, "Authorization: %s",
                   variable("AUTHORIZATION"));
    struct curl_slist *headers = curl_slist_append(NULL, authorization);
    easy = curl_easy_init();
    set_connection(easy, &order);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
    measure(buy, &order);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    return 0;
}
