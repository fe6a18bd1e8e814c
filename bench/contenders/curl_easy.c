/* The floor of one purchase at a time: a bare libcurl loop. See floor.h. */
#include "floor.h"

static CURL *easy;

static void buy(const struct arguments *order, long count) {
    (void)order;
    while (count-- > 0)
        check(easy, curl_easy_perform(easy));
}

int main(int count, char **words) {
    struct arguments order = read_arguments(count, words);
    struct curl_slist *headers = new_headers();
    easy = new_easy(&order, headers);
    measure(buy, &order);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    return 0;
}
