/* spec_forgetful: overwrites freed memory in the process that preloads it, so that a secret which is found
 * in its memory is still referenced. (LuaJIT does not allocate its objects by malloc().) */
#define _GNU_SOURCE
#include <malloc.h>
#include <stddef.h>
#include <string.h>

void *__libc_malloc(size_t size);
void __libc_free(void *memory);

void free(void *memory) {
    if (memory) {
        volatile unsigned char *byte = memory;
        for (size_t left = malloc_usable_size(memory); left > 0; left--)
            *byte++ = 0;
    }
    __libc_free(memory);
}

/* Never in place: shrinking would leave the end of the block as it was. */
void *realloc(void *memory, size_t size) {
    void *other = memory && size == 0 ? NULL : __libc_malloc(size);
    if (memory && other) {
        size_t old = malloc_usable_size(memory);
        memcpy(other, memory, old < size ? old : size);
    }
    if (other || size == 0)
        free(memory);
    return other;
}
