#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/memory.h"
#include "base/must.h"

/* libcrypto fails here only when it has no memory or no such algorithm: both are our own fault. */

struct hash {
    EVP_MD_CTX *context;
};

void hash_sha1(struct span bytes, uint8_t out[HASH_SHA1_SIZE])
{
    must(EVP_Digest(bytes.data, bytes.size, out, NULL, EVP_sha1(), NULL) == 1);
}

void hash_sha256(struct span bytes, uint8_t out[HASH_SHA256_SIZE])
{
    must(EVP_Digest(bytes.data, bytes.size, out, NULL, EVP_sha256(), NULL) == 1);
}

struct hash *hash_create(void)
{
    struct hash *hash = memory_zeroed(1, sizeof(*hash));

    hash->context = EVP_MD_CTX_new();
    must(hash->context != NULL);
    must(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) == 1);
    return hash;
}

void hash_feed(struct hash *hash, struct span bytes)
{
    must(EVP_DigestUpdate(hash->context, bytes.data, bytes.size) == 1);
}

void hash_result_and_destroy(struct hash *hash, uint8_t out[HASH_SHA256_SIZE])
{
    must(EVP_DigestFinal_ex(hash->context, out, NULL) == 1);
    EVP_MD_CTX_free(hash->context);
    memory_free(hash);
}

void hash_hmac(struct span key, struct span bytes, uint8_t out[HASH_SHA256_SIZE])
{
    /* An absent key would mean "the one before" to libcrypto. */
    const void *key_data = span_present(key) ? (const void *)key.data : "";

    must(key.size <= INT32_MAX);
    must(HMAC(EVP_sha256(), key_data, (int)key.size, bytes.data, bytes.size, out, NULL) != NULL);
}

/* ---- SipHash-2-4 ---- */

struct sip {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

/* Little-endian, whatever the machine is. */
static uint64_t load(const uint8_t *at, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static void sip_round(struct sip *sip)
{
    sip->v0 += sip->v1;
    sip->v2 += sip->v3;
    sip->v1 = rotate(sip->v1, 13) ^ sip->v0;
    sip->v3 = rotate(sip->v3, 16) ^ sip->v2;
    sip->v0 = rotate(sip->v0, 32);
    sip->v2 += sip->v1;
    sip->v0 += sip->v3;
    sip->v1 = rotate(sip->v1, 17) ^ sip->v2;
    sip->v3 = rotate(sip->v3, 21) ^ sip->v0;
    sip->v2 = rotate(sip->v2, 32);
}

static void sip_word(struct sip *sip, uint64_t word)
{
    sip->v3 ^= word;
    sip_round(sip);
    sip_round(sip);
    sip->v0 ^= word;
}

uint64_t hash_keyed(const uint8_t key[16], struct span bytes)
{
    uint64_t k0 = load(key, 8);
    uint64_t k1 = load(key + 8, 8);
    struct sip sip = {.v0 = k0 ^ 0x736f6d6570736575U,
                      .v1 = k1 ^ 0x646f72616e646f6dU,
                      .v2 = k0 ^ 0x6c7967656e657261U,
                      .v3 = k1 ^ 0x7465646279746573U};
    size_t whole = bytes.size & ~(size_t)7;

    for (size_t at = 0; at < whole; at += 8)
        sip_word(&sip, load(bytes.data + at, 8));
    size_t rest = bytes.size - whole;
    uint64_t last = rest > 0 ? load(bytes.data + whole, rest) : 0;
    sip_word(&sip, last | (uint64_t)bytes.size << 56);
    sip.v2 ^= 0xFF;
    for (int i = 0; i < 4; i++)
        sip_round(&sip);
    return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}
