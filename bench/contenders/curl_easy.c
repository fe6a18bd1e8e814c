/* The floor for one purchase at a time: a bare libcurl loop. See floor.h. */
#define _POSIX_C_SOURCE 200809L
#include "floor.h"

static CURL *handle;

static void buy(const struct arguments *order, long count) {
    (void)order;
    while (count-- > 0)
        check(handle, curl_easy_perform(handle));
}

int main(int count, char **words) {
    struct arguments order = read_arguments(count, words);
    handle = new_easy(&order);
    measure(buy, &order);
    curl_easy_cleanup(handle);
    forget();
    return 0;
}
