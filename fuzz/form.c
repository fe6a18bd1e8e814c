/* Forms: a decoder of its own must read any values back byte for byte, and the form must not
 * exceed the announced size. The input is a letter for the table, then one value per line. */
#include <stdlib.h>
#include <string.h>

#include "pure/form.h"
#include "lua/params.h"
#include "support.h"

static const char *const tables[] = { "purchase", "update", "search", "list" };

static int hex_value(char c) {
    static const char digits[] = "0123456789ABCDEF";
    int value = 0;
    while (value < 16 && digits[value] != c)
        value++;
    TN_FUZZ_CHECK(value < 16);
    return value;
}

/* Decodes up to the end, or to a separator of fields, into `out`. */
static size_t decode(const char **at, const char *end, char *out) {
    size_t length = 0;
    for (; *at < end && **at != '&' && **at != '='; ++*at) {
        char c = **at;
        if (c == '%') {
            TN_FUZZ_CHECK(end - *at >= 3);
            c = (char)(hex_value((*at)[1]) * 16 + hex_value((*at)[2]));
            *at += 2;
        } else if (c == '+') {
            c = ' ';
        } else {
            TN_FUZZ_CHECK(tn_fuzz_fits("^[A-Za-z0-9*._-]$", &c, 1));
        }
        out[length++] = c;
    }
    return length;
}

static void check_field(const char *name, const char *value, size_t length, const char **at,
                        const char *end) {
    char *decoded = malloc((size_t)(end - *at) + 1);
    TN_FUZZ_CHECK(decoded);
    size_t name_length = decode(at, end, decoded);
    TN_FUZZ_CHECK(name_length == strlen(name) && memcmp(decoded, name, name_length) == 0);
    TN_FUZZ_CHECK(*at < end && *(*at)++ == '=');
    size_t value_length = decode(at, end, decoded);
    TN_FUZZ_CHECK(value_length == length);
    TN_FUZZ_CHECK(length == 0 || memcmp(decoded, value, length) == 0);
    free(decoded);
}

static void check_form(const struct tn_lua_values *values, const char *form, size_t size) {
    const char *at = form, *end = form + size;
    for (int i = 0; i < values->params->count; i++) {
        if (!(values->given & (UINT32_C(1) << i)))
            continue;
        if (at > form)
            TN_FUZZ_CHECK(at < end && *at++ == '&');
        check_field(values->params->rows[i].wire_name, values->row[i].text,
                    values->row[i].length, &at, end);
    }
    TN_FUZZ_CHECK(at == end);
}

static size_t write_form(const struct tn_lua_values *values, char *form) {
    char *end = form;
    for (int i = 0; i < values->params->count; i++) {
        if (!(values->given & (UINT32_C(1) << i)))
            continue;
        if (end > form)
            *end++ = '&';
        end = tn_lua_write_pair(values, i, end);
    }
    return (size_t)(end - form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct tn_fuzz_part rest = { (const char *)data, size };
    struct tn_fuzz_part table = tn_fuzz_take(&rest, "\n");
    struct tn_lua_values values = { 0 };
    values.params = tn_params_named(tables[table.length > 0 ? table.text[0] & 3 : 0]);
    for (int i = 0; i < values.params->count && rest.length > 0; i++) {
        struct tn_fuzz_part line = tn_fuzz_take(&rest, "\n");
        if (line.length == 1 && line.text[0] == '-') /* absent */
            continue;
        values.given |= UINT32_C(1) << i;
        values.row[i].text = line.text;
        values.row[i].length = line.length;
    }
    size_t room = tn_lua_form_room(&values);
    char *form = malloc(
        room > 0 ? room : 1); /* exactly as large, so that the sanitizer finds overruns */
    TN_FUZZ_CHECK(form);
    size_t length = write_form(&values, form);
    TN_FUZZ_CHECK(length <= room);
    check_form(&values, form, length);
    free(form);

    char *all = malloc(size > 0 ? TN_FORM_GROWTH * size : 1);
    TN_FUZZ_CHECK(all);
    char *end = tn_form_write(all, (const char *)data, size);
    TN_FUZZ_CHECK((size_t)(end - all) <= TN_FORM_GROWTH * size);
    free(all);
    return 0;
}
