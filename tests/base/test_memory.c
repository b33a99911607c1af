#include "base/memory.h"

#include <stdint.h>
#include <string.h>

#include "tests/runner.h"

START_TEST(gives_a_pointer_to_free_for_no_bytes_too)
{
    void *blocks[] = {memory_allocate(0), memory_zeroed(0, 8), memory_resize(NULL, 0),
                      memory_copy(NULL, 0)};

    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        ck_assert_ptr_nonnull(blocks[i]);
        memory_free(blocks[i]);
    }
    memory_free(NULL);
}
END_TEST

START_TEST(zeroes_what_it_says_it_zeroes)
{
    static const uint8_t zeroes[300];
    uint8_t *block = memory_zeroed(100, 3);

    ck_assert_mem_eq(block, zeroes, sizeof(zeroes));
    memory_free(block);
}
END_TEST

START_TEST(keeps_the_content_when_it_moves)
{
    uint8_t *block = memory_copy("tutti", 5);

    block = memory_resize(block, 1 << 20);
    ck_assert_mem_eq(block, "tutti", 5);
    block = memory_resize(block, 2);
    ck_assert_mem_eq(block, "tu", 2);
    memory_free(block);
}
END_TEST

START_TEST(finds_the_struct_around_a_member)
{
    struct outer {
        int before;
        int member;
    } outer = {1, 2};
    int *member = &outer.member;

    ck_assert_ptr_eq(container_of(member, struct outer, member), &outer);
}
END_TEST

TEST_MAIN("memory", gives_a_pointer_to_free_for_no_bytes_too, zeroes_what_it_says_it_zeroes,
          keeps_the_content_when_it_moves, finds_the_struct_around_a_member)
