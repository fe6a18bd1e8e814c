/* Requests to a store, and lists of them. C library only. Used by the drivers, the thread and
 * the binding. */
#ifndef TN_JOURNAL_REQUEST_H
#define TN_JOURNAL_REQUEST_H

#include "journal/driver.h"

#pragma GCC visibility push(hidden)

/* Creates a request, initially failed, so that a driver which ignores it reports no success.
 * NULL if there is no memory. */
struct tn_store_request *tn_store_request_new(enum tn_store_operation operation, unsigned tag,
                                              double deadline);

/* Frees a request and all that it points to. NULL is allowed. */
void tn_store_request_delete(struct tn_store_request *request);

/* Appends a record and takes ownership of it. False if there is no memory: the caller still
 * owns it. */
bool tn_store_request_append(struct tn_store_request *request, const struct tn_record *record);

/* Sorts the records by the bytes of their keys. */
void tn_store_request_sort(struct tn_store_request *request);

/* Whether two records have the same key. Call it after tn_store_request_sort(). */
bool tn_store_request_repeats(const struct tn_store_request *request);

/* Copies bytes and appends a NUL. False if there is no memory. */
bool tn_bytes_copy(struct tn_bytes *copy, const char *bytes, size_t length);
void tn_bytes_free(struct tn_bytes *bytes);

/* ---- lists ---- */

struct tn_store_requests {
    struct tn_store_request *first, *last;
};

void tn_store_requests_push(struct tn_store_requests *list, struct tn_store_request *request);

/* Removes and returns the first request; NULL if there is none. */
struct tn_store_request *tn_store_requests_shift(struct tn_store_requests *list);

/* Removes and returns the first request, with up to `most` in all that can run together: if it
 * applies writes, others that do, else others that do not. The rest keep their order. */
struct tn_store_request *tn_store_requests_take(struct tn_store_requests *list, size_t most);

void tn_store_requests_delete(struct tn_store_requests *list);

#pragma GCC visibility pop

#endif
