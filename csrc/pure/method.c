/* See pure/method.h. */
#include "pure/method.h"

#include <string.h>

static const char *const method_names[TN_METHOD_COUNT] = {
    [TN_GET] = "GET",
    [TN_POST] = "POST",
    [TN_DELETE] = "DELETE",
};

bool tn_method_named(const char *name, enum tn_method *method) {
    for (int i = 0; i < TN_METHOD_COUNT; i++) {
        if (strcmp(method_names[i], name) != 0)
            continue;
        *method = (enum tn_method)i;
        return true;
    }
    return false;
}
