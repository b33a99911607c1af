#include "ot/avl.h"

#include "base/memory.h"
#include "base/prng.h"
#include "tests/runner.h"

/* A node that knows how many are in its subtree. */
struct counted {
    struct avl avl;
    size_t count;
    int value;
};

static struct counted *counted_of(struct avl *avl)
{
    return container_of(avl, struct counted, avl);
}

static size_t count_of(struct avl *avl)
{
    return avl == NULL ? 0 : counted_of(avl)->count;
}

static void update(struct avl *avl)
{
    counted_of(avl)->count = count_of(avl->left) + 1 + count_of(avl->right);
}

static int sound_height(struct avl *avl)
{
    if (avl == NULL)
        return 0;
    int left = sound_height(avl->left), right = sound_height(avl->right);

    ck_assert_int_le(abs(left - right), 1);
    ck_assert_int_eq(avl->height, (left > right ? left : right) + 1);
    ck_assert_uint_eq(count_of(avl), count_of(avl->left) + 1 + count_of(avl->right));
    return avl->height;
}

/* A tree of the values from `first` on. */
static struct avl *row(struct counted *nodes, int first, int count)
{
    struct avl *root = NULL;

    for (int i = first; i < first + count; i++) {
        nodes[i].value = i;
        root = avl_join(root, &nodes[i].avl, NULL, update);
    }
    return root;
}

START_TEST(joins_trees_of_any_size_in_order)
{
    static struct counted nodes[1000];

    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct prng prng;
        struct avl *root = NULL, *first;
        int count = 0;

        prng_init(&prng, seed);
        while (count < 900) {
            int more = 1 + (int)prng_below(&prng, 1 + prng_below(&prng, 99));
            root = avl_concatenate(root, row(nodes, count, more), update);
            count += more;
        }
        sound_height(root);
        ck_assert_uint_eq(count_of(root), (size_t)count);
        for (int i = 0; i < count; i++) {
            root = avl_take_first(root, &first, update);
            ck_assert_msg(counted_of(first)->value == i, "seed %llu", (unsigned long long)seed);
            ck_assert_ptr_null(first->right);
            if (i % 150 == 0)
                sound_height(root);
        }
        ck_assert_ptr_null(root);
    }
}
END_TEST

TEST_MAIN("avl", joins_trees_of_any_size_in_order)
