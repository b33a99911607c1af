#include "server/collab/ephemeral.h"

#include "tests/runner.h"

static const struct session_key anna = {{'a'}};
static const struct session_key ben = {{'b'}};
static const struct session_key carla = {{'c'}};

static void tell(struct ephemeral *ephemeral, const char *text, const struct session_key *author)
{
    size_t mark;

    buffer_append_text(ephemeral_begin_frame(ephemeral, &mark), text);
    ephemeral_end_frame(ephemeral, mark, author);
}

/* Two frames of the whole, by Anna and Ben; three changes, two by Anna. */
static struct ephemeral told(void)
{
    struct ephemeral ephemeral = {0};

    tell(&ephemeral, "wa", &anna);
    tell(&ephemeral, "wb", &ben);
    ephemeral_begin_changes(&ephemeral);
    tell(&ephemeral, "a", &anna);
    tell(&ephemeral, "bb", &ben);
    tell(&ephemeral, "aa", &anna);
    return ephemeral;
}

/* What a reader reads from a place, each run behind a bar; frames have two bytes before them. */
static void expect_reads(const struct ephemeral *ephemeral, uint64_t place,
                         const struct session_key *reader, const char *expected)
{
    struct span bytes;
    struct buffer text = {0};

    while (ephemeral_run(ephemeral, reader, &place, &bytes)) {
        buffer_append_byte(&text, '|');
        for (size_t at = 0; at < bytes.size; at += 2 + (size_t)bytes.data[at + 1])
            buffer_append(&text, span_of(bytes.data + at + 2, bytes.data[at + 1]));
    }
    ck_assert(span_equal(buffer_span(&text), span_of_string(expected)));
    buffer_finish(&text);
    ck_assert_uint_eq(place, ephemeral_end(ephemeral));
}

START_TEST(nobody_reads_its_own_frames)
{
    struct ephemeral ephemeral = told();

    expect_reads(&ephemeral, ephemeral_whole(&ephemeral), &carla, "|wawbabbaa");
    expect_reads(&ephemeral, ephemeral_whole(&ephemeral), &anna, "|wb|bb");
    expect_reads(&ephemeral, ephemeral_changes(&ephemeral), &anna, "|bb");
    expect_reads(&ephemeral, ephemeral_changes(&ephemeral), &ben, "|a|aa");
    expect_reads(&ephemeral, ephemeral_end(&ephemeral), &carla, "");
    ephemeral_finish(&ephemeral);
}
END_TEST

START_TEST(a_turn_begins_where_the_one_before_ended)
{
    struct ephemeral ephemeral = told();
    uint64_t end = ephemeral_end(&ephemeral);

    ephemeral_restart(&ephemeral);
    ephemeral_begin_changes(&ephemeral);
    tell(&ephemeral, "c", &carla);
    ck_assert_uint_eq(ephemeral_whole(&ephemeral), end);
    ck_assert_uint_eq(ephemeral_changes(&ephemeral), end);
    expect_reads(&ephemeral, end, &anna, "|c");
    ephemeral_finish(&ephemeral);
}
END_TEST

static uint64_t step(const struct ephemeral *ephemeral, uint64_t place, size_t size,
                     const char *half)
{
    struct span rest;
    size_t left = size;
    uint64_t next = ephemeral_step(ephemeral, &anna, place, &left, &rest);

    ck_assert_uint_eq(left, 0);
    ck_assert(span_equal(rest, span_of_string(half)));
    return next;
}

START_TEST(steps_over_what_was_written)
{
    struct ephemeral ephemeral = told();
    uint64_t place = step(&ephemeral, ephemeral_whole(&ephemeral), 0, "");

    ck_assert_uint_eq(place, ephemeral_whole(&ephemeral) + 1);
    ck_assert_uint_eq(step(&ephemeral, place, 4, ""), ephemeral_changes(&ephemeral) + 1);
    ck_assert_uint_eq(step(&ephemeral, place, 8, ""), ephemeral_end(&ephemeral));
    ephemeral_finish(&ephemeral);
}
END_TEST

START_TEST(gives_the_rest_of_a_frame_that_was_begun)
{
    struct ephemeral ephemeral = told();
    uint64_t place = ephemeral_changes(&ephemeral);

    ck_assert_uint_eq(step(&ephemeral, place, 3, "b"), ephemeral_end(&ephemeral));
    place = ephemeral_whole(&ephemeral) + 1;
    ck_assert_uint_eq(step(&ephemeral, place, 7, "b"), ephemeral_end(&ephemeral));
    ephemeral_finish(&ephemeral);
}
END_TEST

START_TEST(what_is_behind_the_end_is_left)
{
    struct ephemeral ephemeral = told();
    struct span half;
    size_t size = 100;

    ck_assert_uint_eq(ephemeral_step(&ephemeral, &carla, ephemeral_whole(&ephemeral), &size, &half),
                      ephemeral_end(&ephemeral));
    ck_assert_uint_eq(size, 100 - 19);
    ck_assert(!span_present(half));
    ephemeral_finish(&ephemeral);
}
END_TEST

TEST_MAIN("ephemeral", nobody_reads_its_own_frames, a_turn_begins_where_the_one_before_ended,
          steps_over_what_was_written, gives_the_rest_of_a_frame_that_was_begun,
          what_is_behind_the_end_is_left)
