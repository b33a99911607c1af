#include "ot/rich_runs.h"

#include "base/prng.h"
#include "base/utf8.h"
#include "tests/runner.h"

/* The same document as a plain list: one entry for each UTF-16 unit of a code point. */
enum { UNITS_MAX = 20000 };
static char letters[UNITS_MAX];
static int bolds[UNITS_MAX];
static size_t units;

static json_t *bold(int value)
{
    return value == 0 ? NULL : json_pack("{s:i}", "b", value);
}

static void list_insert(size_t at, char letter, int value, size_t count)
{
    memmove(letters + at + count, letters + at, units - at);
    memmove(bolds + at + count, bolds + at, (units - at) * sizeof(int));
    for (size_t i = at; i < at + count; i++) {
        letters[i] = letter;
        bolds[i] = value;
    }
    units += count;
}

static void list_delete(size_t at, size_t count)
{
    memmove(letters + at, letters + at + count, units - at - count);
    memmove(bolds + at, bolds + at + count, (units - at - count) * sizeof(int));
    units -= count;
}

static void expect_same(const struct rich_run *root, unsigned long long seed)
{
    struct rich_delta delta = {0};
    size_t at = 0;

    ck_assert_msg(rich_runs_is_sound(root), "seed %llu", seed);
    ck_assert_uint_eq(rich_runs_sum(root).utf16, units);
    rich_runs_read(root, 0, units, &delta);
    for (size_t i = 0; i < delta.count; i++) {
        const struct rich_part *part = &delta.parts[i];
        int value = (int)json_integer_value(json_object_get(part->attributes, "b"));

        for (size_t j = 0; j < part->text.size; j++, at++)
            ck_assert_msg(part->text.data[j] == (uint8_t)letters[at] && value == bolds[at],
                          "seed %llu at %zu", seed, at);
    }
    ck_assert_uint_eq(at, units);
    rich_delta_finish(&delta);
}

/* One edit of the tree and of the list. */
static struct rich_run *edit(struct rich_run *root, struct prng *prng)
{
    size_t at = (size_t)prng_below(prng, units + 1);
    size_t length = (size_t)prng_below(prng, (units - at) / (prng_below(prng, 9) + 1) + 1);
    int value = (int)prng_below(prng, 3);
    json_t *attributes = bold(value);

    switch (prng_below(prng, 4)) {
    case 0:
        if (length > 0)
            root = rich_runs_delete(root, at, length);
        list_delete(at, length);
        break;
    case 1:
        if (length == 0 || value == 0)
            break;
        root = rich_runs_format(root, at, length, attributes);
        for (size_t i = at; i < at + length; i++)
            bolds[i] = value;
        break;
    default: {
        char text[600];
        size_t count = 1 + (size_t)prng_below(prng, prng_below(prng, 5) == 0 ? 600 : 5);
        char letter = (char)('a' + prng_below(prng, 26));

        if (units + count > UNITS_MAX)
            break;
        memset(text, letter, count);
        root = rich_runs_insert(root, at,
                                &(struct rich_piece){.kind = RICH_INSERT,
                                                     .utf16 = count,
                                                     .text = span_of(text, count),
                                                     .attributes = attributes});
        list_insert(at, letter, value, count);
    }
    }
    json_decref(attributes);
    return root;
}

START_TEST(random_edits_do_what_a_plain_list_does)
{
    for (unsigned long long seed = 1; seed <= 8; seed++) {
        struct prng prng;
        struct rich_run *root = NULL;

        prng_init(&prng, seed);
        units = 0;
        for (int i = 0; i < 600; i++) {
            root = edit(root, &prng);
            if (i % 40 == 0)
                expect_same(root, seed);
        }
        struct rich_run *copy = rich_runs_copy(root);
        expect_same(copy, seed);
        rich_runs_destroy(copy);
        rich_runs_destroy(root);
    }
}
END_TEST

static struct rich_piece piece(const char *text, json_t *attributes)
{
    struct span span = span_of_string(text);

    return (struct rich_piece){
        .kind = RICH_INSERT, .utf16 = utf8_utf16(span), .text = span, .attributes = attributes};
}

START_TEST(boundaries_are_between_code_points)
{
    struct rich_piece emoji = piece("a😀", NULL), letter = piece("b", NULL);
    struct rich_run *root = rich_runs_insert(rich_runs_insert(NULL, 0, &letter), 0, &emoji);
    static const bool expected[] = {true, true, false, true, true};

    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(rich_runs_is_boundary(root, i), expected[i]);
    rich_runs_destroy(root);
}
END_TEST

START_TEST(a_run_is_not_split_by_typing_into_it)
{
    struct rich_piece word = piece("word ", NULL);
    struct rich_run *root = NULL;

    for (int i = 0; i < 40; i++)
        root = rich_runs_insert(root, (uint64_t)i * 3, &word);
    ck_assert_uint_eq(rich_runs_sum(root).runs, 1);
    root = rich_runs_insert(root, 0, &word);
    ck_assert_uint_eq(rich_runs_sum(root).runs, 2);
    rich_runs_destroy(root);
}
END_TEST

TEST_MAIN("rich_runs", random_edits_do_what_a_plain_list_does, boundaries_are_between_code_points,
          a_run_is_not_split_by_typing_into_it)
