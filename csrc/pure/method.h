/* The HTTP methods that requests use. */
#ifndef TN_PURE_METHOD_H
#define TN_PURE_METHOD_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

enum tn_method { TN_GET, TN_POST, TN_DELETE, TN_METHOD_COUNT };

/* Finds a method by name; false if there is none. */
bool tn_method_named(const char *name, enum tn_method *method);

#pragma GCC visibility pop

#endif
