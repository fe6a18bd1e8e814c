/* spec_slow_tls: makes the process that preloads it slow in the middle of a TLS handshake,
 * where OpenSSL verifies the server's signature, as on a machine with too much to do.
 *   SLOW_TLS_MS     milliseconds that it takes longer
 *   SLOW_TLS_BEGUN  a file that is created when it begins */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef int (*verify_function)(void *, const unsigned char *, size_t, const unsigned char *,
                               size_t);

/* OpenSSL's own: libpq has loaded it apart from this library. */
static verify_function find_verify(void) {
    const char *const names[] = { "libcrypto.so.3", "libcrypto.so.1.1" };
    verify_function verify = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !verify; i++) {
        void *library = dlopen(names[i], RTLD_LAZY | RTLD_NOLOAD);
        if (library)
            *(void **)&verify = dlsym(library, "EVP_DigestVerify");
    }
    return verify;
}

int EVP_DigestVerify(void *context, const unsigned char *signature, size_t length,
                     const unsigned char *data, size_t size);

int EVP_DigestVerify(void *context, const unsigned char *signature, size_t length,
                     const unsigned char *data, size_t size) {
    verify_function verify = find_verify();
    const char *milliseconds = getenv("SLOW_TLS_MS"), *begun = getenv("SLOW_TLS_BEGUN");
    if (milliseconds && begun) {
        int fd = open(begun, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (fd >= 0)
            close(fd);
        long all = strtol(milliseconds, NULL, 10);
        struct timespec left = { all / 1000, all % 1000 * 1000000 };
        nanosleep(&left, NULL);
    }
    return verify ? verify(context, signature, length, data, size) : -1;
}
