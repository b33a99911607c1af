#include "server/bus/redis_url.h"
#include "tests/runner.h"

static void expect(const char *text, const struct redis_url *expected)
{
    struct redis_url url;

    ck_assert_int_eq(redis_url_read(&url, text, NULL), STATUS_OK);
    ck_assert_str_eq(url.host, expected->host);
    ck_assert_pstr_eq(url.user, expected->user);
    ck_assert_pstr_eq(url.password, expected->password);
    ck_assert_str_eq(url.prefix, expected->prefix);
    ck_assert_uint_eq(url.port, expected->port);
    redis_url_finish(&url);
}

START_TEST(what_is_left_out_has_a_default)
{
    expect("redis://redis.local", &(struct redis_url){"redis.local", NULL, NULL, "tutti:", 6379});
}
END_TEST

START_TEST(every_part_is_read)
{
    expect("redis://tutti:a%40b%3A@127.0.0.1:7777/?prefix=blue:",
           &(struct redis_url){"127.0.0.1", "tutti", "a@b:", "blue:", 7777});
    expect("redis://:secret@host", &(struct redis_url){"host", NULL, "secret", "tutti:", 6379});
}
END_TEST

START_TEST(what_is_not_understood_is_refused)
{
    static const char *const texts[] = {"",
                                        "localhost:6379",
                                        "rediss://host",
                                        "redis://",
                                        "redis://host/3",
                                        "redis://host?db=3",
                                        "redis://host?prefix=a&prefix=b"};
    struct redis_url url;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct fault fault = {""};

        ck_assert_msg(redis_url_read(&url, texts[i], &fault) == STATUS_MALFORMED_NAME, "%s",
                      texts[i]);
        ck_assert_str_ne(fault.text, "");
    }
}
END_TEST

TEST_MAIN("redis_url", what_is_left_out_has_a_default, every_part_is_read,
          what_is_not_understood_is_refused)
