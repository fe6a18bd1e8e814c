/* Requests to a store: made and freed. C library only. Used by the drivers, the thread and the
 * binding. */
#ifndef TN_JOURNAL_REQUEST_H
#define TN_JOURNAL_REQUEST_H

#include "journal/driver.h"

#pragma GCC visibility push(hidden)

/* NULL if there is no memory. It begins as failed: a driver that forgets it reports no success.
 */
struct tn_store_request *tn_store_request_new(enum tn_store_operation operation, unsigned tag,
                                              double deadline);

/* Frees it with all that it points to. NULL is allowed. */
void tn_store_request_delete(struct tn_store_request *request);

/* Appends a record, which the request owns from then on. False if there is no memory: the
 * caller still owns it. */
bool tn_store_request_append(struct tn_store_request *request, const struct tn_record *record);

/* Sorts the records by the bytes of their keys. */
void tn_store_request_sort(struct tn_store_request *request);

/* Whether two records have one key. To be called after tn_store_request_sort(). */
bool tn_store_request_repeats(const struct tn_store_request *request);

/* Copies bytes, with a zero behind them. False if there is no memory. */
bool tn_bytes_copy(struct tn_bytes *copy, const char *bytes, size_t length);
void tn_bytes_free(struct tn_bytes *bytes);

/* ---- lists ---- */

struct tn_store_requests {
    struct tn_store_request *first, *last;
};

void tn_store_requests_push(struct tn_store_requests *list, struct tn_store_request *request);

/* The first one, taken out of the list; NULL if there is none. */
struct tn_store_request *tn_store_requests_shift(struct tn_store_requests *list);

/* Takes the first one out of the list, and up to `most` with it that can be run together: those
 * that apply writes, if it does, or else those that do not. The others keep their order. */
struct tn_store_request *tn_store_requests_take(struct tn_store_requests *list, size_t most);

void tn_store_requests_delete(struct tn_store_requests *list);

#pragma GCC visibility pop

#endif
