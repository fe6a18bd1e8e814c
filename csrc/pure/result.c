/* See pure/result.h. */
#include "pure/result.h"

#include <string.h>

void tn_result_explain(struct tn_result *result, const char *reason) {
    size_t length = strlen(reason);
    if (length >= sizeof result->reason) {
        length = sizeof result->reason - 1;
        while (length > 0 && reason[length] != ' ')
            length--;
    }
    memcpy(result->reason, reason, length);
    result->reason[length] = '\0';
}
