/* The floor of purchases in flight: a bare curl_multi that keeps easy handles busy with the
 * same bytes and looks at nothing but the status. bare_multi URL CA_FILE AUTHORIZATION FORM
 * COUNT IN_FLIGHT HTTP_VERSION (1 or 2)
 *     ->  CPU and wall microseconds for each request */
#define _POSIX_C_SOURCE 200809L
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t take(char *bytes, size_t size, size_t count, void *user) {
    (void)bytes, (void)user;
    return size * count;
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static CURL *new_easy(char **arguments, struct curl_slist *headers) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
    curl_easy_setopt(easy, CURLOPT_CAINFO, arguments[2]);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     arguments[7][0] == '2' ? (long)CURL_HTTP_VERSION_2TLS
                                            : (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT,
                     "twilio-numbers/0.1.0 (Linux x86_64) Lua/5.4 libcurl");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, arguments[4]);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(arguments[4]));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    return easy;
}

/* Ends what is done and begins anew with its handle, while any are left to begin. False for an
 * answer that is no 201. */
static int turn(CURLM *multi, long *left, long *done) {
    CURLMsg *message;
    int queued;
    while ((message = curl_multi_info_read(multi, &queued))) {
        CURL *easy = message->easy_handle;
        long status = 0;
        if (message->data.result != CURLE_OK ||
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
            status != 201)
            return 0;
        curl_multi_remove_handle(multi, easy);
        ++*done;
        if (*left > 0) {
            --*left;
            curl_multi_add_handle(multi, easy);
        }
    }
    return 1;
}

static int run(CURLM *multi, CURL **easies, long in_flight, long requests) {
    long left = requests, done = 0;
    for (long i = 0; i < in_flight && left > 0; i++, left--)
        curl_multi_add_handle(multi, easies[i]);
    while (done < requests) {
        int running;
        curl_multi_perform(multi, &running);
        if (!turn(multi, &left, &done))
            return 0;
        if (done < requests)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    return 1;
}

int main(int count, char **arguments) {
    if (count != 8)
        return 2;
    long requests = strtol(arguments[5], NULL, 10), in_flight = strtol(arguments[6], NULL, 10);
    char authorization[512];
    (void)snprintf(authorization, sizeof authorization, "Authorization: %s", arguments[3]);
    struct curl_slist *headers = curl_slist_append(NULL, authorization);
    headers = curl_slist_append(headers, "Accept: application/json");
    headers = curl_slist_append(headers, "Expect:");
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    CURL **easies = calloc((size_t)in_flight, sizeof(CURL *));
    for (long i = 0; easies && i < in_flight; i++)
        easies[i] = new_easy(arguments, headers);
    if (!easies)
        return 1;
    int worked = run(multi, easies, in_flight, 50 * in_flight);
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    worked = worked && run(multi, easies, in_flight, requests);
    if (worked && requests > 0)
        printf("%.2f %.2f\n",
               (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / (double)requests,
               (seconds(CLOCK_MONOTONIC) - wall) * 1e6 / (double)requests);
    for (long i = 0; i < in_flight; i++)
        curl_easy_cleanup(easies[i]);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    free(easies);
    return worked ? 0 : 1;
}
