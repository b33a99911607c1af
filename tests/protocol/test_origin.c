#include "protocol/origin.h"

#include "tests/runner.h"

static const char *const list[] = {"https://friend.example", "http://other.example:8080"};
static const struct origins friends = {list, 2};
static const struct origins nobody;

START_TEST(a_page_of_the_host_itself_is_allowed)
{
    static const struct {
        const char *origin;
        const char *host;
        bool allowed;
    } table[] = {
        {"http://a.example", "a.example", true},
        {"https://A.example", "a.EXAMPLE", true},
        {"http://a.example:80", "a.example", true},
        {"https://a.example", "a.example:443", true},
        {"https://a.example:80", "a.example", false},
        {"http://a.example:7400", "a.example:7400", true},
        {"http://a.example:7400", "a.example", false},
        {"http://b.example", "a.example", false},
        {"ftp://a.example", "a.example", false},
        {"null", "a.example", false},
        {"", "a.example", false},
        {"http:/a.example", "a.example", false},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        ck_assert_msg(origin_is_allowed(span_of_string(table[i].origin),
                                        span_of_string(table[i].host), &nobody) == table[i].allowed,
                      "%s", table[i].origin);
    ck_assert(origin_is_allowed(SPAN_NONE, SPAN("a.example"), &nobody));
}
END_TEST

START_TEST(a_page_of_an_allowed_origin_is_allowed)
{
    static const char *const all[] = {"*"};
    const struct origins everybody = {all, 1};

    ck_assert(origin_is_allowed(SPAN("https://Friend.example"), SPAN("a.example"), &friends));
    ck_assert(!origin_is_allowed(SPAN("http://friend.example"), SPAN("a.example"), &friends));
    ck_assert(origin_is_allowed(SPAN("null"), SPAN("a.example"), &everybody));
}
END_TEST

START_TEST(a_strange_host_has_to_be_that_of_an_allowed_origin)
{
    ck_assert(origin_host_is_allowed(SPAN("friend.example"), &friends));
    ck_assert(origin_host_is_allowed(SPAN("friend.example:443"), &friends));
    ck_assert(origin_host_is_allowed(SPAN("other.example:8080"), &friends));
    ck_assert(!origin_host_is_allowed(SPAN("other.example"), &friends));
    ck_assert(!origin_host_is_allowed(SPAN("evil.example"), &friends));
    ck_assert(!origin_host_is_allowed(SPAN("evil.example"), &nobody));
}
END_TEST

START_TEST(addresses_and_names_of_this_machine_are_its_own)
{
    static const char *const own[] = {"127.0.0.1", "127.0.0.1:7400", "[::1]:7400",
                                      "localhost", "LOCALHOST:7400", "tutti.localhost"};
    static const char *const strange[] = {"evil.example", "notlocalhost", "localhost.example",
                                          "127.0.0.1.example"};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        ck_assert_msg(origin_host_is_own(span_of_string(own[i])), "%s", own[i]);
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        ck_assert_msg(!origin_host_is_own(span_of_string(strange[i])), "%s", strange[i]);
}
END_TEST

TEST_MAIN("origin", a_page_of_the_host_itself_is_allowed, a_page_of_an_allowed_origin_is_allowed,
          a_strange_host_has_to_be_that_of_an_allowed_origin,
          addresses_and_names_of_this_machine_are_its_own)
