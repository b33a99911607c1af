#include "server/net/log.h"

#include "tests/runner.h"

static const uint64_t now_ms = 1795493495007; /* 2026-11-24T04:11:35.007Z */

static void expect(const char *line, const char *message, const struct log_field *fields)
{
    struct buffer out = {0};

    log_format(&out, now_ms, LOG_WARN, message, fields);
    buffer_append_byte(&out, 0);
    ck_assert_str_eq((const char *)out.data, line);
    buffer_finish(&out);
}

START_TEST(a_line_has_a_time_a_level_and_fields)
{
    expect("2026-11-24T04:11:35.007Z warn started address=[::1]:80 links=12\n", "started",
           log_fields(log_text("address", "[::1]:80"), log_number("links", 12)));
    expect("2026-11-24T04:11:35.007Z warn \"no more\"\n", "no more", NULL);
}
END_TEST

START_TEST(a_peer_cannot_forge_a_line)
{
    expect("2026-11-24T04:11:35.007Z warn x a=\"1\\x0a2026 error \\\"y\\\" b=2\\\\\"\n", "x",
           log_fields(log_text("a", "1\n2026 error \"y\" b=2\\")));
    expect("2026-11-24T04:11:35.007Z warn x a=\"\"\n", "x", log_fields(log_text("a", "")));
}
END_TEST

TEST_MAIN("log", a_line_has_a_time_a_level_and_fields, a_peer_cannot_forge_a_line)
