#include "server/collab/frames.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "tests/collab/frame_script.h"
#include "tests/runner.h"

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
