#include "server/collab/stream.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
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

static uint64_t found(const struct stream *stream, uint64_t seq)
{
    uint64_t at = UINT64_MAX;

    ck_assert(stream_find(stream, seq, &at));
    return at;
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

    ck_assert_uint_eq(found(&stream, 10), 0);
    ck_assert_uint_eq(found(&stream, 11), 0); /* 12 is in the same slot as 11 */
    ck_assert_uint_eq(found(&stream, 12), 3);
    ck_assert_uint_eq(found(&stream, 13), 5);
    ck_assert_uint_eq(found(&stream, 15), 5);
    ck_assert_uint_eq(found(&stream, 16), stream.end);
    ck_assert_uint_eq(found(&stream, 99), stream.end);
    stream_finish(&stream);
}
END_TEST

START_TEST(knows_which_operations_it_has_not_got)
{
    struct stream stream = three_slots();
    uint64_t at = 5;

    ck_assert(!stream_find(&stream, 9, &at));
    stream_drop_before(&stream, 3);
    ck_assert(!stream_find(&stream, 11, &at));
    ck_assert_uint_eq(at, 5);
    ck_assert_uint_eq(found(&stream, 12), 3);
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

START_TEST(drops_whole_slots_only)
{
    struct stream stream = three_slots();

    stream_drop_before(&stream, 4);
    ck_assert_uint_eq(stream.first, 3);
    ck_assert_uint_eq(stream.first_seq, 12);
    expect_rest(&stream, 3, "bbcccc");
    stream_drop_before(&stream, 9);
    ck_assert_uint_eq(stream.first, 9);
    expect_rest(&stream, 9, "");
    add(&stream, "d", 17);
    expect_rest(&stream, 9, "d");
    stream_finish(&stream);
}
END_TEST

START_TEST(says_where_to_cut_to_become_small)
{
    struct stream stream = three_slots();

    ck_assert_uint_eq(stream_cut(&stream, 9), 0);
    ck_assert_uint_eq(stream_cut(&stream, 8), 3);
    ck_assert_uint_eq(stream_cut(&stream, 6), 3);
    ck_assert_uint_eq(stream_cut(&stream, 5), 5);
    ck_assert_uint_eq(stream_cut(&stream, 0), 9);
    stream_finish(&stream);
}
END_TEST

START_TEST(loses_every_cursor_when_it_begins_anew)
{
    struct stream stream = three_slots();
    uint64_t old_end = stream.end;

    stream_restart(&stream, 40, 8);
    ck_assert_uint_gt(stream.first, old_end);
    ck_assert_uint_eq(found(&stream, 40), stream.first);
    add(&stream, "e", 41);
    expect_rest(&stream, found(&stream, 40), "e");
    ck_assert_uint_eq(stream.epoch, 7);
    stream_finish(&stream);
}
END_TEST

/* Against the plain idea of it: one long text that is never dropped. */
START_TEST(stays_the_same_text_however_much_is_dropped)
{
    enum { SLOTS = 5000 };
    struct stream stream;
    struct buffer all = {0};
    struct prng prng;

    prng_init(&prng, 20);
    stream_init(&stream, 0, 1);
    for (uint64_t seq = 1; seq <= SLOTS; seq++) {
        char text[32];

        snprintf(text, sizeof(text), "[%d]", (int)prng_below(&prng, 1000000));
        buffer_append_text(&all, text);
        add(&stream, text, seq);
        if (prng_below(&prng, 4) == 0)
            stream_drop_before(&stream,
                               stream.first + prng_below(&prng, stream.end - stream.first + 1));
        ck_assert_uint_eq(stream.end, all.size);
        uint64_t at = stream.first + prng_below(&prng, stream.end - stream.first + 1);

        ck_assert(
            span_equal(stream_rest(&stream, at), span_of(all.data + at, (size_t)(all.size - at))));
    }
    /* What was dropped does not pile up. */
    ck_assert_uint_lt(stream.bytes.capacity, all.size);
    buffer_finish(&all);
    stream_finish(&stream);
}
END_TEST

TEST_MAIN("stream", gives_everything_from_a_place_to_the_end,
          finds_the_slot_that_holds_the_next_operation, knows_which_operations_it_has_not_got,
          tells_where_a_slot_ends_and_what_came_before_it, drops_whole_slots_only,
          says_where_to_cut_to_become_small, loses_every_cursor_when_it_begins_anew,
          stays_the_same_text_however_much_is_dropped)
