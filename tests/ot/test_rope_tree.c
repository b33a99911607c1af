#include "ot/rope_tree.h"

#include "base/prng.h"
#include "tests/runner.h"

static size_t leaves_under(const void *child, uint32_t height)
{
    const struct rope_node *node = child;
    size_t leaves = 0;

    if (height == 0)
        return 1;
    for (uint32_t i = 0; i < node->count; i++)
        leaves += leaves_under(node->children[i], height - 1);
    return leaves;
}

/* Sound, and no more than twice the leaves that the text needs. */
static void expect_dense(const struct rope *rope)
{
    size_t needed = rope->total.bytes / ROPE_LEAF_BYTES + 1;

    ck_assert(rope_is_sound(rope));
    ck_assert_uint_le(leaves_under(rope->root, rope->height), 2 * needed + 2);
}

/* Patterns that leave slim leaves behind in a careless tree. */
START_TEST(every_way_of_typing_leaves_a_dense_tree)
{
    struct rope *rope = rope_create();

    for (int i = 0; i < 20000; i++) /* at the end */
        rope_insert(rope, rope_count(rope).points, SPAN("e"));
    expect_dense(rope);
    for (int i = 0; i < 20000; i++) /* at the front */
        rope_insert(rope, 0, SPAN("f"));
    expect_dense(rope);
    for (int i = 0; i < 20000; i++) /* always at one place */
        rope_insert(rope, 20000, SPAN("p"));
    expect_dense(rope);
    for (size_t i = 0; i < 20000; i++) /* between all that stands there */
        rope_insert(rope, 2 * i, SPAN("ü"));
    expect_dense(rope);
    for (size_t i = 0; i < 20000; i++) /* and take every second out again */
        rope_delete(rope, i, 1);
    expect_dense(rope);
    ck_assert_uint_eq(rope_count(rope).bytes, 60000);
    while (rope_count(rope).points > 0) { /* backspace */
        rope_delete(rope, rope_count(rope).points - 1U, 1);
        if (rope_count(rope).points % 5000 == 0)
            expect_dense(rope);
    }
    ck_assert_uint_eq(rope->height, 0);
    rope_destroy(rope);
}
END_TEST

START_TEST(a_thinned_tree_becomes_low_again)
{
    struct rope *rope = rope_create();
    struct prng prng;

    prng_init(&prng, 5);
    for (int i = 0; i < 1 << 16; i++)
        rope_insert(rope, (size_t)prng_below(&prng, rope_count(rope).points + 1U),
                    SPAN("12345678"));
    ck_assert_uint_ge(rope->height, 3);
    expect_dense(rope);
    while (rope_count(rope).points > 2000)
        rope_delete(rope, (size_t)prng_below(&prng, rope_count(rope).points - 20U), 20);
    expect_dense(rope);
    ck_assert_uint_le(rope->height, 2);
    rope_destroy(rope);
}
END_TEST

START_TEST(finds_the_leaf_on_the_side_that_is_asked_for)
{
    struct rope *rope = rope_create();
    struct rope_path path;

    for (int i = 0; i < ROPE_LEAF_BYTES; i++)
        rope_insert(rope, (size_t)i, SPAN("a"));
    rope_insert(rope, ROPE_LEAF_BYTES, SPAN("b"));
    ck_assert_uint_eq(rope->height, 1);
    ck_assert_uint_eq(rope_tree_find(rope, ROPE_POINTS, ROPE_LEAF_BYTES, false, &path),
                      ROPE_LEAF_BYTES);
    ck_assert_uint_eq(path.indexes[0], 0);
    ck_assert_uint_eq(rope_tree_find(rope, ROPE_POINTS, ROPE_LEAF_BYTES, true, &path), 0);
    ck_assert_uint_eq(path.indexes[0], 1);
    ck_assert_uint_eq(rope_tree_before(rope, &path, ROPE_BYTES), ROPE_LEAF_BYTES);
    rope_destroy(rope);
}
END_TEST

TEST_MAIN("rope_tree", every_way_of_typing_leaves_a_dense_tree, a_thinned_tree_becomes_low_again,
          finds_the_leaf_on_the_side_that_is_asked_for)
