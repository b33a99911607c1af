#include "server/net/address.h"

#include <string.h>

#include "tests/runner.h"

static struct address address;
static struct fault fault;

static void expect_round(const char *text, bool loopback, bool any)
{
    char written[ADDRESS_TEXT_SIZE];

    ck_assert_int_eq(address_read(text, &address, &fault), STATUS_OK);
    address_write(&address, written);
    ck_assert_str_eq(written, text);
    ck_assert_int_eq(address_is_loopback(&address), loopback);
    ck_assert_int_eq(address_is_any(&address), any);
}

START_TEST(reads_and_writes_both_families)
{
    expect_round("127.0.0.1:7400", true, false);
    expect_round("127.8.9.10:1", true, false);
    expect_round("0.0.0.0:65535", false, true);
    expect_round("192.0.2.7:80", false, false);
    expect_round("[::1]:0", true, false);
    expect_round("[::]:7400", false, true);
    expect_round("[2001:db8::7]:443", false, false);
}
END_TEST

START_TEST(tells_the_port)
{
    ck_assert_int_eq(address_read("[::1]:7401", &address, &fault), STATUS_OK);
    ck_assert_uint_eq(address_port(&address), 7401);
}
END_TEST

START_TEST(refuses_what_is_no_address)
{
    static const char *const wrong[] = {"",
                                        ":",
                                        ":80",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "::1:80",
                                        "[::1:80",
                                        "[]:80",
                                        "a:b",
                                        "127.0.0.1:x",
                                        "127.0.0.1:-1",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:99999999999999"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_int_eq(address_read(wrong[i], &address, &fault), STATUS_FAILED);
        ck_assert_ptr_nonnull(strstr(fault.text, "is not HOST:PORT"));
    }
}
END_TEST

TEST_MAIN("address", reads_and_writes_both_families, tells_the_port, refuses_what_is_no_address)
