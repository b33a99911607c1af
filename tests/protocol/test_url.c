#include "protocol/url.h"

#include "base/json_scan.h"
#include "tests/runner.h"

static struct buffer out;
static struct fault fault;

static bool is(struct span span, const char *text)
{
    return span_equal(span, span_of_string(text));
}

START_TEST(a_mark_cuts_and_goes)
{
    struct span text = SPAN("a=b=c");

    ck_assert(is(url_cut(&text, '='), "a"));
    ck_assert(is(url_cut(&text, '='), "b"));
    ck_assert(is(url_cut(&text, '='), "c"));
    ck_assert(!span_present(text));
    ck_assert(!span_present(url_cut(&text, '=')));
    text = SPAN("a=");
    ck_assert(is(url_cut(&text, '='), "a"));
    ck_assert(span_present(text));
}
END_TEST

START_TEST(numbers_are_digits_within_bounds)
{
    static const char *const wrong[] = {
        "", "-1", "+1", "1.0", "0x1", " 1", "9007199254740992", "99999999999999999999999"};
    uint64_t number = 7;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_assert_msg(!url_read_number(span_of_string(wrong[i]), &number), "%s", wrong[i]);
    ck_assert(!url_read_number(SPAN_NONE, &number));
    ck_assert_uint_eq(number, 7);
    ck_assert(url_read_number(SPAN("9007199254740991"), &number));
    ck_assert_uint_eq(number, JSON_INTEGER_MAX);
    ck_assert(url_read_number(SPAN("007"), &number));
    ck_assert_uint_eq(number, 7);
}
END_TEST

START_TEST(what_is_encoded_is_decoded)
{
    ck_assert(url_decode(SPAN("a%2Fb%c3%bc+"), &out));
    ck_assert(is(buffer_span(&out), "a/b\xc3\xbc+"));
    buffer_clear(&out);
    ck_assert(url_decode_value(SPAN("a+b%2B%00"), &out));
    ck_assert(span_equal(buffer_span(&out), span_of("a b+\0", 5)));
    buffer_finish(&out);
}
END_TEST

START_TEST(broken_encodings_are_refused)
{
    static const char *const wrong[] = {"%", "%4", "a%4", "%zz", "%4z", "%%41"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_assert_msg(!url_decode(span_of_string(wrong[i]), &out), "%s", wrong[i]);
    buffer_finish(&out);
}
END_TEST

START_TEST(a_name_is_two_segments)
{
    buffer_append_text(&out, "before");
    ck_assert_int_eq(url_decode_name(SPAN("notes"), SPAN("a%2Fb"), &out, &fault), STATUS_OK);
    ck_assert(is(buffer_span(&out), "beforenotes/a/b"));
    buffer_clear(&out);
    ck_assert_int_eq(url_decode_name(SPAN("no%2Ftes"), SPAN("a"), &out, &fault),
                     STATUS_MALFORMED_NAME);
    buffer_clear(&out);
    ck_assert_int_eq(url_decode_name(SPAN("notes"), SPAN(""), &out, &fault), STATUS_MALFORMED_NAME);
    buffer_clear(&out);
    ck_assert_int_eq(url_decode_name(SPAN("%"), SPAN("a"), &out, &fault), STATUS_MALFORMED_NAME);
    buffer_finish(&out);
}
END_TEST

TEST_MAIN("url", a_mark_cuts_and_goes, numbers_are_digits_within_bounds, what_is_encoded_is_decoded,
          broken_encodings_are_refused, a_name_is_two_segments)
