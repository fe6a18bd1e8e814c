/* Helpers of the drivers: appending results, and messages. See driver.h. */
#include "journal/driver.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/request.h"

bool tn_store_set_value(struct tn_record *record, const char *value, size_t length) {
    struct tn_bytes copy;
    if (!tn_bytes_copy(&copy, value, length))
        return false;
    free(record->value.bytes);
    record->value = copy;
    return true;
}

bool tn_store_add_record(struct tn_store_request *request, const char *key, size_t key_length,
                         int64_t version, const char *value, size_t value_length) {
    struct tn_record record = { .version = version };
    if (!tn_bytes_copy(&record.key, key, key_length))
        return false;
    if (tn_bytes_copy(&record.value, value, value_length) &&
        tn_store_request_append(request, &record))
        return true;
    free(record.key.bytes);
    free(record.value.bytes);
    return false;
}

void tn_store_fail(struct tn_store_request *request, enum tn_store_status status,
                   const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    request->status = status;
    (void)vsnprintf(request->message, sizeof request->message, format, arguments);
    va_end(arguments);
}
