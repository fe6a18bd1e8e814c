/* A server's responses, through libcurl and tn_transfer up to the verdict: the limits hold; a
 * purchase is sent at most once; whatever was sent counts as sent; a 201 is never "not bought",
 * and the verdict is "not bought" only if nothing was sent or the server refused.
 *
 * The input's first line has letters: g or d (GET or DELETE instead of POST), k, r, x, f (the
 * peer keeps, resets, is deaf, floods: see peer.h). The rest is the bytes of the responses,
 * separated by lines of "====". */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/transfer.h"
#include "http/fork.h"
#include "patterns.h"
#include "peer.h"
#include "pure/sid.h"
#include "pure/verdict.h"
#include "support.h"

static const char SECRET[] = "Basic c2VjcmV0OnNlY3JldA==";
static const char FORM[] = "AreaCode=415";

static bool has(struct tn_fuzz_part part, const char *text) {
    return part.length > 0 && memmem(part.text, part.length, text, strlen(text));
}

static void check_limits(const struct tn_result *result, bool input_has_secret) {
    const struct tn_response *response = &result->response;
    TN_FUZZ_CHECK((int)result->outcome >= 0 && result->outcome < TN_OUTCOME_COUNT);
    TN_FUZZ_CHECK(response->status == 0 ||
                  (response->status >= 200 && response->status <= 999));
    TN_FUZZ_CHECK(response->body_length <= response->body_max &&
                  response->headers_bytes <= 64 << 10);
    TN_FUZZ_CHECK(response->body_max <= 4 << 20 && response->body_capacity <= 8 << 20);
    TN_FUZZ_CHECK(response->json.count <= response->tokens_capacity);
    for (int i = 0; i < TN_HEADER_COUNT; i++)
        TN_FUZZ_CHECK(memchr(response->headers[i], '\0', sizeof response->headers[i]));
    TN_FUZZ_CHECK(memchr(result->reason, '\0', sizeof result->reason));
    TN_FUZZ_CHECK(input_has_secret || !strstr(result->reason, SECRET));
    if (result->outcome == TN_ANSWERED)
        TN_FUZZ_CHECK(result->sent && response->head_complete && response->status != 0);
}

/* Whether a response starts with a short, well-formed status line with 201. */
static bool says_created(struct tn_fuzz_part answer) {
    struct tn_fuzz_part rest = answer, line = tn_fuzz_take(&rest, "\n");
    return line.length < answer.length && line.length < 1000 &&
           (has((struct tn_fuzz_part){ line.text, line.length < 13 ? line.length : 13 },
                "HTTP/1.1 201 "));
}

static void check_sid(const struct tn_response *response) {
    const char *sid = tn_sid_find(response->body, response->body_length, "PN");
    TN_FUZZ_CHECK(!sid || tn_fuzz_fits(SID_PATTERN("PN"), sid, TN_SID_LENGTH));
}

static void check_verdict(const struct tn_result *result, bool is_good, bool opaque_sids) {
    long status = result->response.status;
    struct tn_word word = tn_word_of(&result->response, opaque_sids);
    struct tn_verdict verdict = tn_verdict_of(result, word, is_good);
    bool is_success = result->outcome == TN_ANSWERED && status / 100 == 2;
    bool may_refuse = status >= 400 && status < 500 && status != 408 && status != 409;
    TN_FUZZ_CHECK((verdict.kind == NULL) == (is_good && is_success));
    if (status == 201)
        TN_FUZZ_CHECK(verdict.purchased == TN_PURCHASED_YES);
    if (verdict.purchased == TN_PURCHASED_NO)
        TN_FUZZ_CHECK(!result->sent || (may_refuse && word.is_twilios));
    if (verdict.again == TN_AGAIN_YES || verdict.again == TN_AGAIN_RENEWED)
        TN_FUZZ_CHECK(verdict.purchased == TN_PURCHASED_NO && (!result->sent || word.has_code));
}

/* Performs each exchange on the same handle, which may reuse a kept connection. */
static void perform_all(const struct tn_fuzz_script *script, enum tn_method method,
                        struct tn_result *results) {
    /* no trust store to load */
    struct tn_transfer_options options = { .plain = true, .ca_file = "/dev/null" };
    struct tn_transfer *exchange = tn_transfer_new(&options);
    struct tn_auth_headers *headers = tn_auth_headers_new(SECRET);
    TN_FUZZ_CHECK(exchange && headers);
    for (size_t i = 0; i < script->count; i++) {
        char url[64];
        (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/%u", tn_fuzz_peer_port(),
                       (unsigned)i);
        struct tn_request request = {
            .method = method,
            .url = url,
            .body = method == TN_POST ? FORM : NULL,
            .body_length = method == TN_POST ? sizeof FORM - 1 : 0,
            .headers = headers,
            .timeout = 0.5,
            .connect_timeout = 0.5,
            .once = method == TN_POST,
        };
        tn_transfer_perform(exchange, &request, &results[i]);
    }
    tn_transfer_delete(exchange);
    tn_auth_headers_release(headers);
}

static void check_exchange(const struct tn_result *result, const struct tn_fuzz_seen *seen,
                           struct tn_fuzz_part answer, bool is_whole, bool is_purchase) {
    TN_FUZZ_CHECK(seen->requests == 0 || result->sent);
    TN_FUZZ_CHECK(!is_purchase || seen->requests <= 1);
    bool was_read = result->outcome != TN_TIMEOUT || result->response.headers_bytes > 0;
    if (is_purchase && is_whole && seen->on_new && was_read && says_created(answer))
        TN_FUZZ_CHECK(result->response.status == 201);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool is_ready;
    if (!is_ready)
        TN_FUZZ_CHECK(tn_fork_watch() && tn_transfer_global_init());
    is_ready = true;
    struct tn_fuzz_part all = { (const char *)data, size }, rest = all;
    struct tn_fuzz_part letters = tn_fuzz_take(&rest, "\n");
    struct tn_fuzz_script script = { .keeps = has(letters, "k"),
                                     .resets = has(letters, "r"),
                                     .deaf = has(letters, "x"),
                                     .floods = has(letters, "f") };
    enum tn_method method = has(letters, "g")   ? TN_GET
                            : has(letters, "d") ? TN_DELETE
                                                : TN_POST;
    do
        script.answers[script.count++] = tn_fuzz_take(&rest, "\n====\n");
    while (rest.length > 0 && script.count < TN_FUZZ_ANSWERS_MAX);

    struct tn_result results[TN_FUZZ_ANSWERS_MAX] = { 0 };
    struct tn_fuzz_seen seen[TN_FUZZ_ANSWERS_MAX] = { 0 };
    tn_fuzz_peer_port();
    tn_fuzz_peer_start(&script, seen);
    perform_all(&script, method, results);
    tn_fuzz_peer_stop();

    for (size_t i = 0; i < script.count; i++) {
        check_limits(&results[i], has(all, SECRET));
        check_exchange(&results[i], &seen[i], script.answers[i],
                       seen[i].answered_whole && !script.resets, method == TN_POST);
        check_sid(&results[i].response);
        for (int flags = 0; flags < 4; flags++)
            check_verdict(&results[i], flags & 1, flags & 2);
        tn_response_free(&results[i].response);
    }
    return 0;
}
