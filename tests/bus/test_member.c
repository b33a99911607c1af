#include "server/bus/bus.h"
#include "tests/runner.h"

START_TEST(a_member_is_its_name_and_its_start)
{
    struct bus_member member = {.name = "rack/7", .start = UINT64_MAX};
    struct bus_member read;
    char text[BUS_MEMBER_SIZE];

    bus_member_write(&member, text);
    ck_assert_str_eq(text, "rack/7/18446744073709551615");
    ck_assert(bus_member_read(span_of_string(text), &read));
    ck_assert_str_eq(read.name, "rack/7");
    ck_assert_uint_eq(read.start, UINT64_MAX);
}
END_TEST

START_TEST(a_member_that_is_leaving_says_so)
{
    struct bus_member member = {.name = "leaving", .start = 7, .leaving = true};
    struct bus_member read;
    char text[BUS_MEMBER_SIZE];

    bus_member_write(&member, text);
    ck_assert_str_eq(text, "leaving/7/leaving");
    ck_assert(bus_member_read(span_of_string(text), &read));
    ck_assert_str_eq(read.name, "leaving");
    ck_assert_uint_eq(read.start, 7);
    ck_assert(read.leaving);
    ck_assert(bus_member_read(SPAN("leaving/7"), &read));
    ck_assert(!read.leaving);
}
END_TEST

START_TEST(what_is_no_member_is_not_read)
{
    static const char *const texts[] = {"",
                                        "a",
                                        "a/",
                                        "/1",
                                        "a/x",
                                        "a/1x",
                                        "a/-1",
                                        "a/18446744073709551616",
                                        "/leaving",
                                        "a/leaving",
                                        "a/1/leaving/leaving"};
    struct bus_member member;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(!bus_member_read(span_of_string(texts[i]), &member), "%s", texts[i]);
    ck_assert(!bus_member_read(SPAN_NONE, &member));
    ck_assert(!bus_member_read(SPAN("a\0b/1"), &member));
}
END_TEST

START_TEST(a_name_fits_its_room)
{
    char text[80];
    struct bus_member member;

    memset(text, 'n', sizeof(text));
    memcpy(text + 63, "/1", 3);
    ck_assert(bus_member_read(span_of_string(text), &member));
    memcpy(text + 63, "n/1", 4);
    ck_assert(!bus_member_read(span_of_string(text), &member));
}
END_TEST

TEST_MAIN("member", a_member_is_its_name_and_its_start, a_member_that_is_leaving_says_so,
          what_is_no_member_is_not_read, a_name_fits_its_room)
