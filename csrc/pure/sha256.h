/* SHA-256 (FIPS 180-4). Pure: no Lua, no libcurl, no allocation. Used by lua/record.c for
 * fingerprints of a request's parameters, not to protect secrets. */
#ifndef TN_PURE_SHA256_H
#define TN_PURE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

#define TN_SHA256_LENGTH 32 /* bytes of a digest */
#define TN_SHA256_BLOCK 64

struct tn_sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes added so far */
    unsigned char block[TN_SHA256_BLOCK];
};

void tn_sha256_init(struct tn_sha256 *hash);

/* Adds bytes; `bytes` may be NULL if `length` is 0. */
void tn_sha256_add(struct tn_sha256 *hash, const void *bytes, size_t length);

/* Writes the digest of everything added. The hash must not be used afterwards. */
void tn_sha256_finish(struct tn_sha256 *hash, unsigned char digest[TN_SHA256_LENGTH]);

#pragma GCC visibility pop

#endif
