/* See lua/loaded.h. */
#define _GNU_SOURCE /* dladdr */
#include "lua/loaded.h"

#include <dlfcn.h>
#include <string.h>

void tn_lua_stay_loaded(lua_CFunction open) {
#ifdef RTLD_NODELETE
    Dl_info self;
    void *address = NULL;
    memcpy(&address, &open, sizeof address); /* ISO C has no such cast */
    if (dladdr(address, &self) && self.dli_fname)
        dlopen(self.dli_fname, RTLD_LAZY | RTLD_NODELETE | RTLD_NOLOAD);
#else
    (void)open;
#endif
}
