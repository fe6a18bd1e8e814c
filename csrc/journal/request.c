/* See request.h. */
#include "journal/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 4 /* records */

bool tn_bytes_copy(struct tn_bytes *copy, const char *bytes, size_t length) {
    char *room = length < SIZE_MAX ? malloc(length + 1) : NULL;
    if (!room)
        return false;
    if (length > 0)
        memcpy(room, bytes, length);
    room[length] = '\0';
    *copy = (struct tn_bytes){ room, length };
    return true;
}

void tn_bytes_free(struct tn_bytes *bytes) {
    free(bytes->bytes);
    *bytes = (struct tn_bytes){ NULL, 0 };
}

struct tn_store_request *tn_store_request_new(enum tn_store_operation operation, unsigned tag,
                                              double deadline) {
    struct tn_store_request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->operation = operation;
    request->tag = tag;
    request->deadline = deadline;
    request->status = TN_STORE_FAILED;
    return request;
}

void tn_store_request_delete(struct tn_store_request *request) {
    if (!request)
        return;
    for (size_t i = 0; i < request->count; i++) {
        free(request->records[i].key.bytes);
        free(request->records[i].value.bytes);
    }
    free(request->records);
    free(request->prefix.bytes);
    free(request->after.bytes);
    free(request);
}

bool tn_store_request_append(struct tn_store_request *request, const struct tn_record *record) {
    if (request->count == request->room) {
        size_t room = request->room ? request->room * 2 : ROOM_MIN;
        if (room > SIZE_MAX / sizeof *record)
            return false;
        struct tn_record *records = realloc(request->records, room * sizeof *record);
        if (!records)
            return false;
        request->records = records;
        request->room = room;
    }
    request->records[request->count++] = *record;
    return true;
}

static int compare(const void *a, const void *b) {
    const struct tn_bytes *left = &((const struct tn_record *)a)->key;
    const struct tn_bytes *right = &((const struct tn_record *)b)->key;
    size_t common = left->length < right->length ? left->length : right->length;
    int difference = memcmp(left->bytes, right->bytes, common);
    return difference ? difference
                      : (left->length > right->length) - (left->length < right->length);
}

void tn_store_request_sort(struct tn_store_request *request) {
    if (request->count > 1)
        qsort(request->records, request->count, sizeof *request->records, compare);
}

bool tn_store_request_repeats(const struct tn_store_request *request) {
    for (size_t i = 1; i < request->count; i++)
        if (compare(&request->records[i - 1], &request->records[i]) == 0)
            return true;
    return false;
}

/* ---- lists ---- */

void tn_store_requests_push(struct tn_store_requests *list, struct tn_store_request *request) {
    request->next = NULL;
    if (list->last)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
}

struct tn_store_request *tn_store_requests_shift(struct tn_store_requests *list) {
    struct tn_store_request *first = list->first;
    if (!first)
        return NULL;
    list->first = first->next;
    if (!list->first)
        list->last = NULL;
    first->next = NULL;
    return first;
}

struct tn_store_request *tn_store_requests_take(struct tn_store_requests *list, size_t most) {
    struct tn_store_requests taken = { NULL, NULL }, left = { NULL, NULL };
    bool applies = list->first && list->first->operation == TN_STORE_APPLY;
    struct tn_store_request *request;
    for (size_t count = 0; count < most && (request = tn_store_requests_shift(list));) {
        bool fits = (request->operation == TN_STORE_APPLY) == applies;
        tn_store_requests_push(fits ? &taken : &left, request);
        count += fits;
    }
    if (left.last) {
        left.last->next = list->first;
        list->first = left.first;
        list->last = list->last ? list->last : left.last;
    }
    return taken.first;
}

void tn_store_requests_delete(struct tn_store_requests *list) {
    struct tn_store_request *request;
    while ((request = tn_store_requests_shift(list)))
        tn_store_request_delete(request);
}
