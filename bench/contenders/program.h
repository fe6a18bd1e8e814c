/* Shared by the contenders in C: the command line, the connection, and the report. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Noreturn void fail(const char *why) {
    (void)fprintf(stderr, "%s\n", why);
    exit(1);
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    if (!value)
        fail(name);
    return value;
}

/* The command line of every contender: URL CA_FILE COUNT IN_FLIGHT WARM_UP HTTP (1.1 or 2) */
struct arguments {
    const char *url, *ca_file;
    long count, in_flight, warm_up;
    int http2;
};

static double first_answer; /* seconds since 1970, of this process */

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct arguments read_arguments(int count, char **words) {
    if (count != 7)
        fail("usage: see the comment above this function");
    return (struct arguments){ words[1],
                               words[2],
                               strtol(words[3], NULL, 10),
                               strtol(words[4], NULL, 10),
                               strtol(words[5], NULL, 10),
                               words[6][0] == '2' };
}

/* CAPATH is NULL so that libcurl can cache the certificates. */
static void set_connection(CURL *easy, const struct arguments *order) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, order->ca_file);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     order->http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

/* Ends the program if a purchase failed. */
static void check(CURL *easy, CURLcode result) {
    long status = 0;
    if (result == CURLE_OK)
        result = curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status != 201)
        fail(result == CURLE_OK ? "not a 201" : curl_easy_strerror(result));
    if (first_answer == 0)
        first_answer = seconds(CLOCK_REALTIME);
}

static double peak_mb(void) {
    char line[256];
    double kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = strtod(line + 6, NULL);
    if (status)
        (void)fclose(status);
    return kilobytes / 1024;
}

/* Runs a function that buys `count` numbers, first to warm up and then timed, and reports. */
static void measure(void (*buy)(const struct arguments *, long),
                    const struct arguments *order) {
    if (order->warm_up > 0)
        buy(order, order->warm_up);
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    buy(order, order->count);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, wall = seconds(CLOCK_MONOTONIC) - wall;
    printf("{\"cpu_us\":%.3f,\"wall_us\":%.3f,\"process_cpu_s\":%.6f,\"first\":%.6f,"
           "\"peak_mb\":%.3f}\n",
           cpu * 1e6 / (double)order->count, wall * 1e6 / (double)order->count,
           seconds(CLOCK_PROCESS_CPUTIME_ID), first_answer, peak_mb());
}
