#include "server/collab/frames.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "tests/collab/frame_lines.h"
#include "tests/runner.h"

enum { CHANNEL = 7, EPOCH = 3 };

static struct buffer out;
static struct frames frames;

static void begin(void)
{
    out = (struct buffer){0};
    frames = (struct frames){
        .dialect = &dialect_native, .out = &out, .channel = CHANNEL, .epoch = EPOCH};
}

/* An entry by the session of all zeroes, whose `who` is AAAAAAAA. */
static struct entry entry(uint64_t seq, uint64_t epoch, enum entry_kind kind, const char *operation)
{
    struct entry entry = {.seq = seq, .epoch = epoch, .kind = (uint8_t)kind};

    entry.arrived = span_of_string(operation);
    entry.sequenced = entry.arrived;
    return entry;
}

static void add(uint64_t seq, uint64_t epoch, enum entry_kind kind, const char *operation)
{
    struct entry added = entry(seq, epoch, kind, operation);

    frames_add(&frames, &added);
}

static void expect(const char *expected)
{
    frames_end(&frames);
    frame_lines_expect(&out, expected);
}

START_TEST(puts_neighbours_into_one_frame)
{
    begin();
    add(5, EPOCH, ENTRY_EDIT, "[\"a\"]");
    add(6, EPOCH, ENTRY_EDIT, "[\"b\"]");
    expect("[7,5,\"AAAAAAAA\",[\"a\"],\"AAAAAAAA\",[\"b\"]]\n");
}
END_TEST

START_TEST(begins_a_new_frame_when_one_is_large)
{
    char *large = memory_zeroed(1, LIMIT_FRAME_BYTES + 8);
    struct entry next = entry(6, EPOCH, ENTRY_EDIT, "[\"b\"]");

    memset(large, 'x', LIMIT_FRAME_BYTES + 4);
    memcpy(large, "[\"", 2);
    memcpy(large + LIMIT_FRAME_BYTES + 2, "\"]", 2);
    begin();
    add(5, EPOCH, ENTRY_EDIT, large);
    ck_assert(!frames_joins(&frames, &next));
    frames_add(&frames, &next);
    frames_end(&frames);
    ck_assert_ptr_nonnull(memmem(out.data, out.size, "[7,6,", 5));
    buffer_finish(&out);
    memory_free(large);
}
END_TEST

START_TEST(writes_nothing_for_nothing)
{
    begin();
    frames_end(&frames);
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

TEST_MAIN("frames", puts_neighbours_into_one_frame, begins_a_new_frame_when_one_is_large,
          writes_nothing_for_nothing)
