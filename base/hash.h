/* hash - digests by libcrypto. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { HASH_SHA1_SIZE = 20, HASH_SHA256_SIZE = 32 };

/* Only for the WebSocket handshake (RFC 6455, section 4.2.2). */
void hash_sha1(struct span bytes, uint8_t out[HASH_SHA1_SIZE]);

void hash_sha256(struct span bytes, uint8_t out[HASH_SHA256_SIZE]);

/* SHA-256 over content that comes in pieces. */
struct hash;
struct hash *hash_create(void);
void hash_feed(struct hash *hash, struct span bytes);
void hash_result_and_destroy(struct hash *hash, uint8_t out[HASH_SHA256_SIZE]);

/* HMAC-SHA-256 (RFC 2104). */
void hash_hmac(struct span key, struct span bytes, uint8_t out[HASH_SHA256_SIZE]);

/* A 64-bit hash for tables over what a peer chose: keyed, so that nobody can aim at one slot
 * (SipHash-2-4, Aumasson and Bernstein 2012). */
uint64_t hash_keyed(const uint8_t key[16], struct span bytes);

#endif
