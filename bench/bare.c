/* The floor: a bare libcurl loop that sends the same bytes and looks at nothing but the status.
 * bare URL CA_FILE AUTHORIZATION FORM COUNT
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

int main(int count, char **arguments) {
    if (count != 6)
        return 2;
    long requests = strtol(arguments[5], NULL, 10), warm_up = 50, status = 0;
    char authorization[512];
    (void)snprintf(authorization, sizeof authorization, "Authorization: %s", arguments[3]);
    struct curl_slist *headers = curl_slist_append(NULL, authorization);
    headers = curl_slist_append(headers, "Accept: application/json");
    headers = curl_slist_append(headers, "Expect:");
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
    curl_easy_setopt(easy, CURLOPT_CAINFO, arguments[2]);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT,
                     "twilio-numbers/0.1.0 (Linux x86_64) Lua/5.4 libcurl");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, arguments[4]);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(arguments[4]));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    double cpu = 0, wall = 0;
    for (long i = -warm_up; i < requests; i++) {
        if (i == 0) {
            cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
            wall = seconds(CLOCK_MONOTONIC);
        }
        if (curl_easy_perform(easy) != CURLE_OK ||
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
            status != 201)
            return 1;
    }
    if (requests > 0)
        printf("%.1f %.1f\n",
               (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / (double)requests,
               (seconds(CLOCK_MONOTONIC) - wall) * 1e6 / (double)requests);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    return 0;
}
