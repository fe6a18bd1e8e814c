/* How a transfer ended: whether the request was sent, which status the response has, and the
 * reason of a failure. See transfer_private.h. */
#include "http/transfer_private.h"

#include <stdio.h>
#include <string.h>

#include "http/curl_outcome.h"

/* Names the file of certificates that cannot be read; libcurl on GnuTLS does not. */
static void name_ca_file(struct tn_transfer *transfer, CURLcode code) {
    const char *file = transfer->options.ca_file;
    if (code == CURLE_SSL_CACERT_BADFILE && file && !strstr(transfer->error, file))
        (void)snprintf(transfer->error, sizeof transfer->error,
                       "the certificates to trust cannot be read: %s", file);
}

/* The reason of a failure: libcurl's message, unless the cause is better known here. */
static const char *reason(const struct tn_transfer *transfer, CURLcode code) {
    const struct tn_response *response = &transfer->result->response;
    if (transfer->was_interrupted)
        return ""; /* libcurl would only blame the callback */
    if (transfer->is_late)
        return "the time limit for sending it has passed";
    if (transfer->is_lost)
        return "the connection was closed before the request was sent";
    if (response->too_large)
        return "the answer is larger than the limits";
    if (response->out_of_memory)
        return "not enough memory for the answer";
    if ((transfer->request->once && transfer->starts > 1) || code == CURLE_SEND_FAIL_REWIND)
        return "the connection was closed instead of answering";
    if (strstr(transfer->error, "proxy syntax")) /* libcurl quotes the URL, password included */
        return "the URL of the proxy is malformed";
    if (transfer->error[0])
        return transfer->error;
    if (code == CURLE_OK && !response->head_complete)
        return "the connection was closed within the headers";
    return code == CURLE_OK ? "" : curl_easy_strerror(code);
}

enum { STATUS_MAX = 999 };

/* The status as libcurl parsed it; 0 if this transfer did not start, since the handle then
 * still has the previous status. */
static long status_of_libcurl(struct tn_transfer *transfer) {
    long status = 0;
    bool began = transfer->starts > 0 || transfer->result->response.headers_bytes > 0;
    if (!began ||
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        return 0;
    return status >= 200 && status <= STATUS_MAX ? status : 0;
}

/* Sets the status from our parser and libcurl's. libcurl accepts status lines that ours rejects
 * ("HTTP/1.1  201") or never receives ("HTTP/1.1 201 " and a NUL byte), and a purchase must not
 * be missed. It also reads "404x" as 404, so a 4xx counts only if both agree. */
static void reconcile_status(struct tn_transfer *transfer) {
    struct tn_response *response = &transfer->result->response;
    long libcurl_status = status_of_libcurl(transfer);
    if (response->status == 0 && libcurl_status / 100 != 4)
        response->status = libcurl_status;
    else if (response->status / 100 == 4 && response->status != libcurl_status)
        response->status = 0;
}

void tn_transfer_set_result(struct tn_transfer *transfer, CURLcode code) {
    struct tn_result *result = transfer->result;
    /* Unguarded, only the body of a POST shows that it was sent. Other methods count as sent
     * from the start, which is on the safe side. */
    bool is_post = transfer->request->method == TN_POST;
    result->sent =
        transfer->starts > 0 || (!transfer->guarded && !is_post && !transfer->is_late);
    result->outcome = tn_outcome_of((int)code, result->sent, &result->permanent);
    if (transfer->is_late) {
        result->outcome = TN_TIMEOUT;
        result->permanent = true;
    }
    reconcile_status(transfer);
    /* libcurl reports success when the connection closes within the headers. */
    if (result->outcome == TN_ANSWERED && !result->response.head_complete)
        result->outcome = TN_NETWORK;
    if (result->outcome == TN_ANSWERED && result->response.status == 0)
        result->outcome = TN_RESPONSE;
    if (transfer->was_interrupted)
        result->outcome = TN_CANCELLED;
    if (!tn_response_read_json(&result->response) && result->outcome == TN_ANSWERED)
        result->outcome = TN_RESPONSE;
    name_ca_file(transfer, code);
    tn_result_explain(result, reason(transfer, code));
}
