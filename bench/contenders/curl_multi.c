/* The floor for many in flight: a bare curl_multi loop that keeps its easy handles busy. See
 * floor.h. */
#define _POSIX_C_SOURCE 200809L
#include "floor.h"

static CURLM *multi;
static CURL **easies;

/* Ends finished transfers, and reuses their handles while any are left to start. */
static long turn(long *left) {
    CURLMsg *message;
    int queued;
    long done = 0;
    while ((message = curl_multi_info_read(multi, &queued))) {
        CURL *easy = message->easy_handle;
        check(easy, message->data.result);
        curl_multi_remove_handle(multi, easy);
        done++;
        if (*left > 0) {
            --*left;
            curl_multi_add_handle(multi, easy);
        }
    }
    return done;
}

static void buy(const struct arguments *order, long count) {
    long left = count, done = 0;
    for (long i = 0; i < order->in_flight && left > 0; i++, left--)
        curl_multi_add_handle(multi, easies[i]);
    while (done < count) {
        int running;
        curl_multi_perform(multi, &running);
        done += turn(&left);
        if (done < count)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

int main(int count, char **words) {
    struct arguments order = read_arguments(count, words);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    easies = calloc((size_t)order.in_flight, sizeof(CURL *));
    if (!multi || !easies)
        return 1;
    for (long i = 0; i < order.in_flight; i++)
        easies[i] = new_easy(&order);
    measure(buy, &order);
    for (long i = 0; i < order.in_flight; i++)
        curl_easy_cleanup(easies[i]);
    curl_multi_cleanup(multi);
    forget();
    free(easies);
    return 0;
}
