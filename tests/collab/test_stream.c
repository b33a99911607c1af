#include "server/collab/stream.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "base/table.h"
#include "tests/runner.h"

static void add(struct stream *stream, const char *bytes, uint64_t last_seq)
{
    buffer_append_text(stream_open_slot(stream), bytes);
    stream_close_slot(stream, last_seq, 7);
}

static void expect_rest(const struct stream *stream, uint64_t at, const char *text)
{
    ck_assert(span_equal(stream_rest(stream, at), span_of_string(text)));
}

/* Where a cursor behind `seq` is placed. */
static uint64_t place_of(struct stream *stream, uint64_t seq)
{
    struct cursor cursor = {.at = UINT64_MAX};

    ck_assert(stream_join(stream, &cursor, seq));
    stream_leave(stream, &cursor);
    return cursor.at;
}

/* aaa holds 11 and 12, bb holds 13, cccc holds 14 to 16. */
static struct stream three_slots(void)
{
    struct stream stream;

    stream_init(&stream, 10, 7);
    add(&stream, "aaa", 12);
    add(&stream, "bb", 13);
    add(&stream, "cccc", 16);
    return stream;
}

START_TEST(gives_everything_from_a_place_to_the_end)
{
    struct stream stream = three_slots();

    expect_rest(&stream, 0, "aaabbcccc");
    expect_rest(&stream, 4, "bcccc");
    expect_rest(&stream, stream.end, "");
    stream_finish(&stream);
}
END_TEST

START_TEST(finds_the_slot_that_holds_the_next_operation)
{
    struct stream stream = three_slots();

    ck_assert_uint_eq(place_of(&stream, 10), 0);
    ck_assert_uint_eq(place_of(&stream, 11), 0); /* 12 is in the same slot as 11 */
    ck_assert_uint_eq(place_of(&stream, 12), 3);
    ck_assert_uint_eq(place_of(&stream, 13), 5);
    ck_assert_uint_eq(place_of(&stream, 15), 5);
    ck_assert_uint_eq(place_of(&stream, 16), stream.end);
    ck_assert_uint_eq(place_of(&stream, 99), stream.end);
    stream_finish(&stream);
}
END_TEST

START_TEST(knows_which_operations_it_has_not_got)
{
    struct stream stream = three_slots();
    struct cursor early = {0};
    struct cursor late = {0};

    ck_assert(!stream_join(&stream, &early, 9));
    ck_assert(stream_join(&stream, &late, 12));
    ck_assert_ptr_null(stream_trim(&stream, SIZE_MAX));
    ck_assert(!stream_join(&stream, &early, 11));
    ck_assert_uint_eq(stream.cursor_count, 1);
    ck_assert_uint_eq(place_of(&stream, 12), 3);
    stream_leave(&stream, &late);
    stream_finish(&stream);
}
END_TEST

START_TEST(tells_where_a_slot_ends_and_what_came_before_it)
{
    struct stream stream = three_slots();

    ck_assert_uint_eq(stream_boundary(&stream, 0), 0);
    ck_assert_uint_eq(stream_boundary(&stream, 1), 3);
    ck_assert_uint_eq(stream_boundary(&stream, 3), 3);
    ck_assert_uint_eq(stream_boundary(&stream, 8), 9);
    ck_assert_uint_eq(stream_boundary(&stream, 9), 9);
    ck_assert_uint_eq(stream_seq_at(&stream, 2), 10);
    ck_assert_uint_eq(stream_seq_at(&stream, 3), 12);
    ck_assert_uint_eq(stream_seq_at(&stream, 9), 16);
    stream_finish(&stream);
}
END_TEST

START_TEST(drops_the_slots_before_the_oldest_cursor)
{
    struct stream stream = three_slots();
    struct cursor cursor;

    ck_assert(stream_join(&stream, &cursor, 10));
    stream_advance(&stream, &cursor, 4); /* within the second slot */
    ck_assert_ptr_null(stream_trim(&stream, SIZE_MAX));
    ck_assert_uint_eq(stream.first, 3);
    ck_assert_uint_eq(stream.first_seq, 12);
    expect_rest(&stream, 3, "bbcccc");
    stream_advance(&stream, &cursor, 5);
    ck_assert_ptr_null(stream_trim(&stream, SIZE_MAX));
    ck_assert_uint_eq(stream.first, 9);
    expect_rest(&stream, 9, "");
    add(&stream, "d", 17);
    expect_rest(&stream, cursor.at, "d");
    stream_leave(&stream, &cursor);
    stream_finish(&stream);
}
END_TEST

START_TEST(asks_cursors_that_are_too_far_behind_to_leave)
{
    struct stream stream = three_slots();
    struct cursor first;
    struct cursor second;
    struct cursor third;

    ck_assert(stream_join(&stream, &first, 10));
    ck_assert(stream_join(&stream, &second, 10));
    ck_assert(stream_join(&stream, &third, 12));
    stream_advance(&stream, &first, 1);
    ck_assert_ptr_null(stream_trim(&stream, 9));
    struct cursor *asked = stream_trim(&stream, 8);

    ck_assert(asked == &first || asked == &second);
    stream_leave(&stream, asked);
    asked = asked == &first ? &second : &first;
    ck_assert_ptr_eq(stream_trim(&stream, 8), asked);
    stream_leave(&stream, asked);
    ck_assert_ptr_null(stream_trim(&stream, 8));
    ck_assert_uint_eq(stream.first, 3);
    ck_assert_ptr_null(stream_trim(&stream, 6));
    ck_assert_ptr_eq(stream_trim(&stream, 5), &third);
    stream_leave(&stream, &third);
    stream_finish(&stream);
}
END_TEST

static size_t count_at(struct stream *stream, uint64_t at)
{
    const struct cursor *cursor;
    size_t count;

    DL_COUNT(stream_cursors(stream, at), cursor, count);
    return count;
}

START_TEST(who_waits_at_the_end_is_found_in_the_next_slot_and_nobody_else)
{
    struct stream stream = three_slots();
    struct cursor lags;
    struct cursor waits[2];

    ck_assert(stream_join(&stream, &lags, 13));
    ck_assert(stream_join(&stream, &waits[0], 16));
    ck_assert(stream_join(&stream, &waits[1], 99));
    uint64_t end = stream.end;

    ck_assert_uint_eq(count_at(&stream, end), 2);
    add(&stream, "d", 17);
    add(&stream, "e", 18);
    ck_assert_uint_eq(count_at(&stream, end), 2);
    ck_assert_uint_eq(count_at(&stream, end + 1), 0);
    ck_assert_uint_eq(count_at(&stream, stream.end), 0);
    stream_advance(&stream, &waits[0], 1);
    stream_advance(&stream, &waits[1], 2);
    ck_assert_uint_eq(count_at(&stream, end), 0);
    ck_assert_uint_eq(count_at(&stream, end + 1), 1);
    ck_assert_uint_eq(count_at(&stream, stream.end), 1);
    ck_assert_uint_eq(count_at(&stream, lags.at), 1);
    stream_leave(&stream, &lags);
    stream_leave(&stream, &waits[0]);
    stream_leave(&stream, &waits[1]);
    stream_finish(&stream);
}
END_TEST

START_TEST(begins_anew_behind_what_it_had)
{
    struct stream stream = three_slots();
    uint64_t old_end = stream.end;

    stream_restart(&stream, 40, 8);
    ck_assert_uint_eq(stream.first, old_end);
    ck_assert_uint_eq(place_of(&stream, 40), stream.first);
    add(&stream, "e", 41);
    expect_rest(&stream, place_of(&stream, 40), "e");
    ck_assert_uint_eq(stream.epoch, 7);
    stream_finish(&stream);
}
END_TEST

/* Against the plain idea of it: one long text that is never dropped, and places in it. */
START_TEST(cursors_read_one_text_however_much_is_dropped)
{
    enum { SLOTS = 5000, CURSORS = 5, BEHIND_MAX = 200 };
    struct stream stream;
    struct cursor cursors[CURSORS];
    struct buffer all = {0};
    struct prng prng;

    prng_init(&prng, 20);
    stream_init(&stream, 0, 1);
    for (size_t i = 0; i < CURSORS; i++)
        ck_assert(stream_join(&stream, &cursors[i], 0));
    for (uint64_t seq = 1; seq <= SLOTS; seq++) {
        char text[32];
        struct cursor *late;

        snprintf(text, sizeof(text), "[%d]", (int)prng_below(&prng, 1000000));
        buffer_append_text(&all, text);
        add(&stream, text, seq);
        while ((late = stream_trim(&stream, BEHIND_MAX)) != NULL) {
            stream_leave(&stream, late);
            ck_assert(stream_join(&stream, late, seq));
        }
        ck_assert_uint_eq(stream.end, all.size);
        ck_assert_uint_le(stream.end - stream.first, BEHIND_MAX);
        struct cursor *cursor = &cursors[prng_below(&prng, CURSORS)];
        size_t rest = all.size - cursor->at;

        ck_assert(
            span_equal(stream_rest(&stream, cursor->at), span_of(all.data + cursor->at, rest)));
        stream_advance(&stream, cursor, prng_below(&prng, rest + 1));
    }
    /* What was dropped does not pile up. */
    ck_assert_uint_lt(stream.bytes.capacity, all.size);
    for (size_t i = 0; i < CURSORS; i++)
        stream_leave(&stream, &cursors[i]);
    ck_assert_uint_eq(stream.cursor_count, 0);
    buffer_finish(&all);
    stream_finish(&stream);
}
END_TEST

TEST_MAIN("stream", gives_everything_from_a_place_to_the_end,
          finds_the_slot_that_holds_the_next_operation, knows_which_operations_it_has_not_got,
          tells_where_a_slot_ends_and_what_came_before_it, drops_the_slots_before_the_oldest_cursor,
          asks_cursors_that_are_too_far_behind_to_leave,
          who_waits_at_the_end_is_found_in_the_next_slot_and_nobody_else,
          begins_anew_behind_what_it_had, cursors_read_one_text_however_much_is_dropped)
