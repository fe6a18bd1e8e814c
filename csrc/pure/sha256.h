/* SHA-256 (FIPS 180-4). Pure: no Lua, no libcurl, no allocation. Used by lua/record.c, for
 * fingerprints of a request's parameters: no secret is kept by it. */
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

/* Adds bytes; `bytes` may be NULL if there are none. */
void tn_sha256_add(struct tn_sha256 *hash, const void *bytes, size_t length);

/* Writes the digest of all that was added. The hash is used up. */
void tn_sha256_finish(struct tn_sha256 *hash, unsigned char digest[TN_SHA256_LENGTH]);

#pragma GCC visibility pop

#endif
