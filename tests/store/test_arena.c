#include "tests/runner.h"

#include "base/prng.h"
#include "server/store/store.h"

START_TEST(pieces_do_not_move_and_do_not_overlap)
{
    enum { COUNT = 2000 };
    static uint8_t *pieces[COUNT];
    static size_t sizes[COUNT];
    struct store_arena *arena = store_arena_create();
    struct prng prng;

    prng_init(&prng, 1);
    for (size_t i = 0; i < COUNT; i++) {
        sizes[i] = prng_below(&prng, i % 50 == 0 ? 20000 : 200);
        pieces[i] = store_arena_allocate(arena, sizes[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t at = 0; at < sizes[i]; at++)
            ck_assert_uint_eq(pieces[i][at], i % 251);
    }
    store_arena_destroy(arena);
}
END_TEST

START_TEST(copies_bytes_and_makes_the_absent_present)
{
    struct store_arena *arena = store_arena_create();
    struct span copy = store_arena_copy(arena, SPAN("hello"));

    ck_assert(span_equal(copy, SPAN("hello")));
    copy = store_arena_copy(arena, SPAN_NONE);
    ck_assert(span_present(copy) && copy.size == 0);
    store_arena_destroy(arena);
    store_arena_destroy(NULL);
}
END_TEST

START_TEST(an_entry_in_one_form_is_copied_in_one_form)
{
    struct store_arena *arena = store_arena_create();
    struct entry entry = {.seq = 7, .arrived = SPAN("[1]"), .sequenced = SPAN("[2]")};
    struct entry copy = store_arena_copy_entry(arena, &entry);

    ck_assert_uint_eq(copy.seq, 7);
    ck_assert(span_equal(copy.arrived, SPAN("[1]")) && span_equal(copy.sequenced, SPAN("[2]")));
    entry.sequenced = entry.arrived;
    copy = store_arena_copy_entry(arena, &entry);
    ck_assert_ptr_eq(copy.arrived.data, copy.sequenced.data);
    ck_assert_ptr_ne(copy.arrived.data, entry.arrived.data);
    store_arena_destroy(arena);
}
END_TEST

TEST_MAIN("arena", pieces_do_not_move_and_do_not_overlap, copies_bytes_and_makes_the_absent_present,
          an_entry_in_one_form_is_copied_in_one_form)
