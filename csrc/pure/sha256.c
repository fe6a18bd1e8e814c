/* See pure/sha256.h. The names of functions and variables are those of FIPS 180-4. */
#include "pure/sha256.h"

#include <string.h>

enum { ROUNDS = 64, LENGTH_BYTES = 8 /* of the message's length, at the end of the padding */ };

/* Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64
 * primes. */
static const uint32_t k[ROUNDS] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4,
    0xAB1C5ED5, 0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE,
    0x9BDC06A7, 0xC19BF174, 0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F,
    0x4A7484AA, 0x5CB0A9DC, 0x76F988DA, 0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7,
    0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967, 0x27B70A85, 0x2E1B2138, 0x4D2C6DFC,
    0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85, 0xA2BFE8A1, 0xA81A664B,
    0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070, 0x19A4C116,
    0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7,
    0xC67178F2,
};

static uint32_t rotr(uint32_t x, int n) {
    return x >> n | x << (32 - n);
}

static uint32_t load(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

static void store(unsigned char *bytes, uint32_t word) {
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(word >> (24 - 8 * i) & 0xFF);
}

/* Section 6.2.2, step 1: the message schedule. */
static void schedule(uint32_t w[ROUNDS], const unsigned char *block) {
    for (int t = 0; t < 16; t++)
        w[t] = load(block + (size_t)t * 4);
    for (int t = 16; t < ROUNDS; t++) {
        uint32_t sigma0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t sigma1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = sigma1 + w[t - 7] + sigma0 + w[t - 16];
    }
}

/* Section 6.2.2, steps 2 to 4: v holds the working variables a to h. */
static void compress(uint32_t state[8], const unsigned char *block) {
    uint32_t w[ROUNDS], v[8];
    schedule(w, block);
    memcpy(v, state, sizeof v);
    for (int t = 0; t < ROUNDS; t++) {
        uint32_t sum1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25);
        uint32_t ch = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + sum1 + ch + k[t] + w[t];
        uint32_t sum0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22);
        uint32_t maj = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + sum0 + maj;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

void tn_sha256_init(struct tn_sha256 *hash) {
    /* Section 5.3.3: of the square roots of the first eight primes. */
    static const uint32_t first[8] = { 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                       0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19 };
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, first, sizeof first);
}

void tn_sha256_add(struct tn_sha256 *hash, const void *bytes, size_t length) {
    const unsigned char *next = bytes;
    while (length > 0) {
        size_t used = (size_t)(hash->length % TN_SHA256_BLOCK);
        size_t part = TN_SHA256_BLOCK - used < length ? TN_SHA256_BLOCK - used : length;
        memcpy(hash->block + used, next, part);
        hash->length += part;
        next += part;
        length -= part;
        if (used + part == TN_SHA256_BLOCK)
            compress(hash->state, hash->block);
    }
}

void tn_sha256_finish(struct tn_sha256 *hash, unsigned char digest[TN_SHA256_LENGTH]) {
    static const unsigned char padding[TN_SHA256_BLOCK] = { 0x80 };
    unsigned char bits[LENGTH_BYTES];
    store(bits, (uint32_t)(hash->length >> 29));
    store(bits + 4, (uint32_t)(hash->length << 3));
    size_t used = (size_t)(hash->length % TN_SHA256_BLOCK);
    size_t last = TN_SHA256_BLOCK - LENGTH_BYTES;
    tn_sha256_add(hash, padding, used < last ? last - used : last + TN_SHA256_BLOCK - used);
    tn_sha256_add(hash, bits, sizeof bits);
    for (size_t i = 0; i < 8; i++)
        store(digest + i * 4, hash->state[i]);
}
