#include "server/store/spent.h"

#include "tests/runner.h"

START_TEST(what_was_written_is_read)
{
    struct spent spent[] = {{.serial = 3, .code = 207}, {.serial = 9007199254740991, .code = 400}};
    const struct session_row row = {.spent = spent, .spent_count = 2};
    struct session_row read = {0};
    struct store_arena *arena = store_arena_create();
    struct buffer text = {0};

    spent_write(&text, &row);
    ck_assert(span_equal(buffer_span(&text), SPAN("[[3,207],[9007199254740991,400]]")));
    ck_assert(spent_read(buffer_span(&text), arena, &read));
    ck_assert_uint_eq(read.spent_count, 2);
    ck_assert_uint_eq(read.spent[1].serial, 9007199254740991);
    ck_assert_int_eq(read.spent[0].code, 207);
    store_arena_destroy(arena);
    buffer_finish(&text);
}
END_TEST

START_TEST(what_is_no_list_is_not_read)
{
    static const char *const texts[] = {"", "{}", "[1]", "[[1]]", "[[1,\"x\"]]", "[[-1,2]]"};
    struct session_row row = {0};
    struct store_arena *arena = store_arena_create();

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(!spent_read(span_of_string(texts[i]), arena, &row), "%s", texts[i]);
    store_arena_destroy(arena);
}
END_TEST

TEST_MAIN("spent", what_was_written_is_read, what_is_no_list_is_not_read)
