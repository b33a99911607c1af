#include "tools/tutti/yjs.h"

#include "tests/runner.h"

/* The bytes were put together by hand from the descriptions of y-protocols and of Yjs' first format
 * of updates; that Yjs itself reads them is checked where it is installed, by tools/bench/yjs.py.
 */

static const struct yjs_place beginning = {YJS_NOTHING, YJS_NOTHING};

static void expect(struct buffer *take_written, struct span bytes)
{
    ck_assert(span_equal(buffer_span(take_written), bytes));
    buffer_finish(take_written);
}

START_TEST(who_has_nothing_asks_for_all)
{
    struct buffer out = {0};

    yjs_ask(&out);
    expect(&out, SPAN("\x00\x00\x01\x00"));
}
END_TEST

START_TEST(the_first_characters_stand_in_the_root_text)
{
    struct buffer out = {0};

    yjs_type(&out, 5, 0, beginning, SPAN("ab"));
    expect(&out, SPAN("\x00\x02\x0f"         /* sync, an update of 15 bytes: */
                      "\x01\x01\x05\x00"     /* one struct, of author 5 from clock 0 on: */
                      "\x04\x01\x04text\x02" /* a string in the root "text", */
                      "ab"                   /* … these two; */
                      "\x00" /* nothing deleted */));
}
END_TEST

START_TEST(later_ones_stand_behind_the_one_before)
{
    struct buffer out = {0};

    yjs_type(&out, 300, 128, (struct yjs_place){127, YJS_NOTHING}, SPAN("x"));
    expect(&out, SPAN("\x00\x02\x0d"
                      "\x01\x01\xac\x02\x80\x01" /* author 300 from clock 128 on */
                      "\x84\xac\x02\x7f"         /* behind its 127 */
                      "\x01x\x00"));
}
END_TEST

START_TEST(some_stand_between_two_others)
{
    struct buffer out = {0};

    yjs_type(&out, 5, 300, (struct yjs_place){63, 64}, SPAN("x"));
    expect(&out, SPAN("\x00\x02\x0d"
                      "\x01\x01\x05\xac\x02" /* author 5 from clock 300 on */
                      "\xc4\x05\x3f\x05\x40" /* between its 63 and 64 */
                      "\x01x\x00"));
}
END_TEST

START_TEST(an_author_may_have_32_bits_and_a_text_any_size)
{
    struct buffer out = {0};
    struct buffer expected = {0};
    char text[1024];

    memset(text, '.', sizeof(text));
    yjs_type(&out, UINT32_MAX, 0, beginning, span_of(text, sizeof(text)));
    buffer_append(&expected, SPAN("\x00\x02\x92\x08" /* 1,042 bytes */
                                  "\x01\x01\xff\xff\xff\xff\x0f\x00\x04\x01\x04text\x80\x08"));
    buffer_append(&expected, span_of(text, sizeof(text)));
    buffer_append_byte(&expected, 0);
    expect(&out, buffer_span(&expected));
    buffer_finish(&expected);
}
END_TEST

/* ---- What a server says ---- */

START_TEST(an_update_is_read_by_its_author_and_clock)
{
    struct buffer message = {0};
    struct yjs_event event;

    yjs_type(&message, UINT32_MAX, 1000000, beginning, SPAN("x"));
    ck_assert_int_eq(yjs_read(buffer_span(&message), &event, NULL), STATUS_OK);
    ck_assert_int_eq(event.kind, YJS_UPDATE);
    ck_assert_uint_eq(event.author, UINT32_MAX);
    ck_assert_uint_eq(event.clock, 1000000);
    buffer_finish(&message);
}
END_TEST

START_TEST(other_messages_are_told_apart)
{
    static const struct {
        struct span message;
        enum yjs_kind kind;
    } cases[] = {
        {{(const uint8_t *)"\x00\x00\x01\x00", 4}, YJS_HAS},
        {{(const uint8_t *)"\x00\x01\x02\x00\x00", 5}, YJS_REST},
        {{(const uint8_t *)"\x01\x01\x00", 3}, YJS_OTHER}, /* who is here */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct yjs_event event;

        ck_assert_int_eq(yjs_read(cases[i].message, &event, NULL), STATUS_OK);
        ck_assert_int_eq(event.kind, cases[i].kind);
    }
}
END_TEST

START_TEST(what_is_no_message_is_refused)
{
    static const struct {
        const char *name;
        struct span message;
    } cases[] = {
        {"nothing", {(const uint8_t *)"", 0}},
        {"a number that does not end", {(const uint8_t *)"\x80", 1}},
        {"a number above 53 bits",
         {(const uint8_t *)"\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00\x01\x00", 12}},
        {"no step", {(const uint8_t *)"\x00", 1}},
        {"a step that there is not", {(const uint8_t *)"\x00\x03\x01\x00", 4}},
        {"no size", {(const uint8_t *)"\x00\x00", 2}},
        {"too few bytes", {(const uint8_t *)"\x00\x01\x03\x00\x00", 5}},
        {"too many bytes", {(const uint8_t *)"\x00\x01\x01\x00\x00", 5}},
        {"an update of nobody", {(const uint8_t *)"\x00\x02\x02\x00\x00", 5}},
        {"an update of two authors", {(const uint8_t *)"\x00\x02\x04\x02\x01\x05\x00", 7}},
        {"an update of two structs", {(const uint8_t *)"\x00\x02\x04\x01\x02\x05\x00", 7}},
        {"an update without a clock", {(const uint8_t *)"\x00\x02\x03\x01\x01\x05", 6}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct yjs_event event;
        struct fault fault = {""};

        ck_assert_msg(yjs_read(cases[i].message, &event, &fault) == STATUS_PROTOCOL, "%s",
                      cases[i].name);
        ck_assert_msg(fault.text[0] != '\0', "%s: no reason", cases[i].name);
    }
}
END_TEST

TEST_MAIN("yjs", who_has_nothing_asks_for_all, the_first_characters_stand_in_the_root_text,
          later_ones_stand_behind_the_one_before, some_stand_between_two_others,
          an_author_may_have_32_bits_and_a_text_any_size, an_update_is_read_by_its_author_and_clock,
          other_messages_are_told_apart, what_is_no_message_is_refused)
