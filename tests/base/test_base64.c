#include "base/base64.h"

#include "tests/runner.h"

/* RFC 4648, section 10, and the letters that the two alphabets do not share. */
static const struct {
    struct span bytes;
    const char *base64;
    const char *base64url;
    const char *hex;
} rows[] = {
    {{NULL, 0}, "", "", ""},
    {{(const uint8_t *)"f", 1}, "Zg==", "Zg", "66"},
    {{(const uint8_t *)"fo", 2}, "Zm8=", "Zm8", "666f"},
    {{(const uint8_t *)"foo", 3}, "Zm9v", "Zm9v", "666f6f"},
    {{(const uint8_t *)"foob", 4}, "Zm9vYg==", "Zm9vYg", "666f6f62"},
    {{(const uint8_t *)"fooba", 5}, "Zm9vYmE=", "Zm9vYmE", "666f6f6261"},
    {{(const uint8_t *)"foobar", 6}, "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
    {{(const uint8_t *)"\xFB\xFF\xBE", 3}, "+/++", "-_--", "fbffbe"},
    {{(const uint8_t *)"\0\0", 2}, "AAA=", "AAA", "0000"},
};

static void expect(void (*write)(struct buffer *, struct span), struct span bytes, const char *text)
{
    struct buffer out = {0};

    write(&out, bytes);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(text)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), text);
    buffer_finish(&out);
}

START_TEST(writes_the_examples_of_the_rfc)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect(base64_write, rows[i].bytes, rows[i].base64);
        expect(base64url_write, rows[i].bytes, rows[i].base64url);
        expect(hex_write, rows[i].bytes, rows[i].hex);
    }
}
END_TEST

START_TEST(reads_what_it_writes)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t out[16];
        size_t size = 77;

        ck_assert(base64url_read(span_of_string(rows[i].base64url), out, &size));
        ck_assert(span_equal(span_of(out, size), rows[i].bytes));
    }
}
END_TEST

START_TEST(refuses_every_second_spelling)
{
    static const char *const bad[] = {"A",     "Zm9vA", "Z",       "Zg==",  "Zh",
                                      "Zm9",   "Zm9vY", "Zm 8",    "Zm8\n", "+/",
                                      "Zm9_=", "=",     "Zm9\x80", "AB",    "AAB"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t out[16];
        size_t size = 77;

        ck_assert_msg(!base64url_read(span_of_string(bad[i]), out, &size), "%s", bad[i]);
        ck_assert_uint_eq(size, 77);
    }
}
END_TEST

TEST_MAIN("base64", writes_the_examples_of_the_rfc, reads_what_it_writes,
          refuses_every_second_spelling)
