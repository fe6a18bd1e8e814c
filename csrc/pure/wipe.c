/* See pure/wipe.h. */
#include "pure/wipe.h"

#include <stdlib.h>
#include <string.h>

void tn_wipe(void *memory, size_t length) {
    volatile unsigned char *byte = memory;
    while (length-- > 0)
        *byte++ = 0;
}

void tn_wipe_free(char *text) {
    if (text)
        tn_wipe(text, strlen(text));
    free(text);
}
