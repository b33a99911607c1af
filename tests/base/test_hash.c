#include "base/hash.h"

#include "base/base64.h"
#include "base/buffer.h"
#include "tests/runner.h"

static void expect(const uint8_t *digest, size_t size, const char *hex)
{
    struct buffer text = {0};

    hex_write(&text, span_of(digest, size));
    ck_assert_msg(span_equal(buffer_span(&text), span_of_string(hex)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&text)), hex);
    buffer_finish(&text);
}

/* The examples of FIPS 180. */
START_TEST(digests_are_those_of_the_standard)
{
    uint8_t digest[HASH_SHA256_SIZE];

    hash_sha1(SPAN("abc"), digest);
    expect(digest, HASH_SHA1_SIZE, "a9993e364706816aba3e25717850c26c9cd0d89d");
    hash_sha256(SPAN("abc"), digest);
    expect(digest, HASH_SHA256_SIZE,
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_sha256(SPAN_NONE, digest);
    expect(digest, HASH_SHA256_SIZE,
           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(pieces_give_the_digest_of_the_whole)
{
    uint8_t digest[HASH_SHA256_SIZE];
    struct hash *hash = hash_create();

    hash_feed(hash, SPAN("a"));
    hash_feed(hash, SPAN(""));
    hash_feed(hash, SPAN("bc"));
    hash_result_and_destroy(hash, digest);
    expect(digest, HASH_SHA256_SIZE,
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

/* RFC 4231, test case 2, and the empty key of the empty text. */
START_TEST(hmac_is_that_of_the_rfc)
{
    uint8_t digest[HASH_SHA256_SIZE];

    hash_hmac(SPAN("Jefe"), SPAN("what do ya want for nothing?"), digest);
    expect(digest, HASH_SHA256_SIZE,
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    hash_hmac(SPAN_NONE, SPAN_NONE, digest);
    expect(digest, HASH_SHA256_SIZE,
           "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
END_TEST

/* The vectors of the paper's appendix: key 00 01 … 0f, texts 00 01 … of each length. */
START_TEST(the_keyed_hash_is_that_of_the_paper)
{
    static const struct {
        size_t size;
        uint64_t hash;
    } vectors[] = {
        {0, 0x726fdb47dd0e0e31U}, {1, 0x74f839c593dc67fdU},  {7, 0xab0200f58b01d137U},
        {8, 0x93f5f5799a932462U}, {15, 0xa129ca6149be45e5U},
    };
    uint8_t bytes[16];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        ck_assert_uint_eq(hash_keyed(bytes, span_of(bytes, vectors[i].size)), vectors[i].hash);
}
END_TEST

TEST_MAIN("hash", digests_are_those_of_the_standard, pieces_give_the_digest_of_the_whole,
          hmac_is_that_of_the_rfc, the_keyed_hash_is_that_of_the_paper)
