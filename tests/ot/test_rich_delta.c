#include "ot/rich_delta.h"

#include "tests/runner.h"

static bool push_text(struct rich_delta *delta, const char *text, json_t *attributes)
{
    struct rich_piece piece = {.kind = RICH_INSERT,
                               .utf16 = strlen(text),
                               .text = span_of_string(text),
                               .attributes = attributes};

    return rich_delta_push(delta, &piece);
}

static void expect(const struct rich_delta *delta, const char *json)
{
    struct buffer out = {0};

    rich_delta_write(delta, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(json)), "%.*s",
                  SPAN_PRINT(buffer_span(&out)));
    buffer_finish(&out);
}

START_TEST(neighbours_of_one_kind_and_attributes_are_joined)
{
    struct rich_delta delta = {0};
    json_t *bold = json_pack("{s:i}", "b", 1), *same = json_deep_copy(bold);

    ck_assert(push_text(&delta, "a", NULL));
    ck_assert(!push_text(&delta, "b", NULL));
    ck_assert(push_text(&delta, "c", bold));
    ck_assert(!push_text(&delta, "d", same));
    rich_delta_retain(&delta, 2, NULL);
    rich_delta_retain(&delta, 0, bold);
    rich_delta_retain(&delta, 3, NULL);
    expect(&delta, "{\"ops\":[{\"insert\":\"ab\"},{\"attributes\":{\"b\":1},\"insert\":\"cd\"},"
                   "{\"retain\":5}]}");
    rich_delta_chop(&delta);
    ck_assert_uint_eq(delta.count, 2);
    rich_delta_chop(&delta);
    ck_assert_uint_eq(delta.count, 2);
    rich_delta_finish(&delta);
    json_decref(bold);
    json_decref(same);
}
END_TEST

START_TEST(insertions_go_in_front_of_deletions)
{
    struct rich_delta delta = {0};

    rich_delta_delete(&delta, 1);
    ck_assert(!push_text(&delta, "a", NULL));
    rich_delta_delete(&delta, 2);
    ck_assert(!push_text(&delta, "b", NULL));
    expect(&delta, "{\"ops\":[{\"insert\":\"ab\"},{\"delete\":3}]}");
    rich_delta_finish(&delta);
}
END_TEST

START_TEST(a_walk_takes_pieces_and_cuts_no_pair)
{
    struct rich_delta delta = {0};
    struct rich_walk walk = {.delta = &delta};
    struct rich_piece piece = {.kind = RICH_INSERT, .utf16 = 4, .text = SPAN("a😀b")};

    rich_delta_push(&delta, &piece);
    rich_delta_delete(&delta, 3);
    ck_assert(!rich_walk_take(&walk, 2, &piece));
    ck_assert(rich_walk_take(&walk, 3, &piece));
    ck_assert(span_equal(piece.text, SPAN("a😀")));
    ck_assert_uint_eq(rich_walk_left(&walk), 1);
    ck_assert(rich_walk_take(&walk, 9, &piece));
    ck_assert(span_equal(piece.text, SPAN("b")));
    ck_assert_int_eq(rich_walk_kind(&walk), RICH_DELETE);
    ck_assert(rich_walk_take(&walk, 3, &piece));
    ck_assert(rich_walk_done(&walk));
    ck_assert_int_eq(rich_walk_kind(&walk), RICH_RETAIN);
    ck_assert(rich_walk_take(&walk, 7, &piece));
    ck_assert_uint_eq(piece.utf16, 7);
    rich_delta_finish(&delta);
}
END_TEST

TEST_MAIN("rich_delta", neighbours_of_one_kind_and_attributes_are_joined,
          insertions_go_in_front_of_deletions, a_walk_takes_pieces_and_cuts_no_pair)
