#include "ot/tree_key.h"

#include "base/prng.h"
#include "tests/runner.h"

static struct span key_of(const char *key)
{
    return key == NULL ? SPAN_NONE : span_of_string(key);
}

/* As the package fractional-indexing 4.0.0 answers. */
static const struct {
    const char *a;
    const char *b;
    const char *between;
} cases[] = {
    {NULL, NULL, "a0"},
    {NULL, "a0", "Zz"},
    {NULL, "Zz", "Zy"},
    {"a0", NULL, "a1"},
    {"az", NULL, "b00"},
    {"a0", "a1", "a0V"},
    {"a1", "a0", "a0V"},
    {"a0V", "a1", "a0l"},
    {"Zz", "a0", "ZzV"},
    {"Zz", "a1", "a0"},
    {NULL, "Y00", "Xzzz"},
    {"bzz", NULL, "c000"},
    {"a0", "a0V", "a0G"},
    {"a0", "a0G", "a08"},
    {"b125", "b129", "b127"},
    {"a0", "a1V", "a1"},
    {"Zz", "a01", "a0"},
    {NULL, "a0V", "a0"},
    {NULL, "b999", "b99"},
    {NULL, "A000000000000000000000000001", "A000000000000000000000000000V"},
    {"zzzzzzzzzzzzzzzzzzzzzzzzzzy", NULL, "zzzzzzzzzzzzzzzzzzzzzzzzzzz"},
    {"zzzzzzzzzzzzzzzzzzzzzzzzzzz", NULL, "zzzzzzzzzzzzzzzzzzzzzzzzzzzV"},
};

START_TEST(keys_are_those_of_the_package)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer out = {0};

        ck_assert(tree_key_between(key_of(cases[i].a), key_of(cases[i].b), &out));
        ck_assert_msg(span_equal(buffer_span(&out), key_of(cases[i].between)), "%.*s is not %s",
                      SPAN_PRINT(buffer_span(&out)), cases[i].between);
        buffer_finish(&out);
    }
}
END_TEST

START_TEST(between_equal_keys_there_is_none)
{
    struct buffer out = {0};

    ck_assert(!tree_key_between(key_of("a0"), key_of("a0"), &out));
    buffer_finish(&out);
}
END_TEST

START_TEST(what_is_no_key_is_known)
{
    static const char *const wrong[] = {
        "", "a", "0", "a0!", "b0", "a00", "é0", "a1V0", "A00000000000000000000000000"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_assert_msg(!tree_key_check(key_of(wrong[i])), "%s", wrong[i]);
}
END_TEST

START_TEST(a_key_is_between_the_two_it_was_made_for)
{
    enum { KEYS = 400 };
    struct buffer keys[KEYS] = {{0}};
    struct prng prng;
    size_t count = 1;

    prng_init(&prng, 1);
    ck_assert(tree_key_between(SPAN_NONE, SPAN_NONE, &keys[0]));
    while (count < KEYS) {
        size_t at = (size_t)prng_below(&prng, count + 1);
        struct span a = at == 0 ? SPAN_NONE : buffer_span(&keys[at - 1]);
        struct span b = at == count ? SPAN_NONE : buffer_span(&keys[at]);
        struct buffer key = {0};

        ck_assert(tree_key_between(a, b, &key));
        ck_assert(tree_key_check(buffer_span(&key)));
        ck_assert(!span_present(a) || span_compare(a, buffer_span(&key)) < 0);
        ck_assert(!span_present(b) || span_compare(buffer_span(&key), b) < 0);
        memmove(keys + at + 1, keys + at, (count - at) * sizeof(keys[0]));
        keys[at] = key;
        count++;
    }
    for (size_t i = 0; i < count; i++)
        buffer_finish(&keys[i]);
}
END_TEST

TEST_MAIN("tree_key", keys_are_those_of_the_package, between_equal_keys_there_is_none,
          what_is_no_key_is_known, a_key_is_between_the_two_it_was_made_for)
