#include "ot/rope.h"

#include "base/memory.h"
#include "base/prng.h"
#include "base/utf8.h"
#include "tests/runner.h"

/* The naive model: the same text in one piece. */
struct model {
    struct buffer text;
};

static size_t model_offset(const struct model *model, size_t points)
{
    return utf8_offset_of_points(buffer_span(&model->text), points);
}

static void model_replace(struct model *model, size_t at, size_t deleted, struct span text)
{
    size_t from = model_offset(model, at);
    size_t to = model_offset(model, at + deleted);
    struct buffer next = {0};

    buffer_append(&next, span_of(buffer_span(&model->text).data, from));
    buffer_append(&next, text);
    buffer_append(&next, span_of(buffer_span(&model->text).data + to, model->text.size - to));
    buffer_finish(&model->text);
    model->text = next;
}

static void expect_text(const struct rope *rope, struct span text)
{
    struct buffer out = {0};

    rope_read(rope, 0, rope_count(rope).points, &out);
    ck_assert(span_equal(buffer_span(&out), text));
    ck_assert(rope_holds(rope, 0, text));
    buffer_finish(&out);
}

/* Random text of 1, 2, 3 and 4 byte code points, U+0000 among them. */
static void random_text(struct prng *prng, size_t points, struct buffer *out)
{
    static const uint32_t alphabet[] = {0, 'a', 'b', '\n', 0x7f, 0xe9, 0x20ac, 0xffff, 0x1f600};

    buffer_clear(out);
    for (size_t i = 0; i < points; i++) {
        uint32_t point = alphabet[prng_below(prng, sizeof(alphabet) / sizeof(alphabet[0]))];
        buffer_grow(out, utf8_encode(buffer_reserve(out, 4), point));
    }
}

static size_t random_size(struct prng *prng)
{
    switch (prng_below(prng, 20)) {
    case 0:
        return (size_t)prng_below(prng, 3000);
    case 1:
    case 2:
        return (size_t)prng_below(prng, 100);
    default:
        return 1 + (size_t)prng_below(prng, 3);
    }
}

/* One edit of both, and the same questions to both at some place. */
static void edit_and_compare(struct prng *prng, struct rope *rope, struct model *model,
                             size_t *cursor)
{
    struct buffer text = {0};
    size_t points = rope_count(rope).points;
    size_t at = prng_below(prng, 3) == 0 ? (size_t)prng_below(prng, points + 1) : *cursor;

    at = at < points ? at : points;
    if (prng_below(prng, 100) < (points > 20000 ? 80 : 42)) {
        size_t deleted = random_size(prng);
        deleted = deleted < points - at ? deleted : points - at;
        rope_delete(rope, at, deleted);
        model_replace(model, at, deleted, SPAN(""));
    } else {
        random_text(prng, random_size(prng), &text);
        rope_insert(rope, at, buffer_span(&text));
        model_replace(model, at, 0, buffer_span(&text));
        at += prng_below(prng, 2) * utf8_points(buffer_span(&text));
    }
    *cursor = at;

    size_t asked = (size_t)prng_below(prng, rope_count(rope).points + 1U);
    size_t offset = model_offset(model, asked);
    size_t utf16 = utf8_utf16(span_of(buffer_span(&model->text).data, offset));
    size_t back = SIZE_MAX;
    ck_assert_uint_eq(rope_bytes_of_points(rope, asked), offset);
    ck_assert_uint_eq(rope_utf16_of_points(rope, asked), utf16);
    ck_assert(rope_points_of_utf16(rope, utf16, &back));
    ck_assert_uint_eq(back, asked);
    buffer_finish(&text);
}

static void edit_at_random(uint64_t seed)
{
    struct prng prng;
    struct rope *rope = rope_create();
    struct model model = {0};
    size_t cursor = 0;

    prng_init(&prng, seed);
    for (int i = 0; i < 3000; i++) {
        edit_and_compare(&prng, rope, &model, &cursor);
        struct rope_count count = rope_count(rope);
        struct span text = buffer_span(&model.text);
        ck_assert_msg(count.bytes == text.size && count.points == utf8_points(text) &&
                          count.utf16 == utf8_utf16(text),
                      "seed %llu, edit %d: wrong counts", (unsigned long long)seed, i);
        if (i % 50 == 0) {
            ck_assert_msg(rope_is_sound(rope), "seed %llu, edit %d: not sound",
                          (unsigned long long)seed, i);
            expect_text(rope, text);
        }
    }
    rope_delete(rope, 0, rope_count(rope).points);
    ck_assert(rope_is_sound(rope));
    rope_destroy(rope);
    buffer_finish(&model.text);
}

START_TEST(equals_the_naive_model)
{
    for (uint64_t seed = 1; seed <= 12; seed++)
        edit_at_random(seed);
}
END_TEST

START_TEST(reads_any_range)
{
    struct prng prng;
    struct buffer text = {0};
    struct buffer out = {0};
    struct rope *rope = rope_create();

    prng_init(&prng, 7);
    random_text(&prng, 2000, &text);
    rope_insert(rope, 0, buffer_span(&text));
    for (int i = 0; i < 2000; i++) {
        size_t at = (size_t)prng_below(&prng, 2001);
        size_t points = (size_t)prng_below(&prng, 2001 - at);
        size_t from = utf8_offset_of_points(buffer_span(&text), at);
        size_t to = utf8_offset_of_points(buffer_span(&text), at + points);

        buffer_clear(&out);
        rope_read(rope, at, points, &out);
        struct span expected = span_of(text.data + from, to - from);
        ck_assert(span_equal(buffer_span(&out), expected));
        ck_assert(rope_holds(rope, at, expected));
    }
    rope_destroy(rope);
    buffer_finish(&text);
    buffer_finish(&out);
}
END_TEST

START_TEST(holds_only_what_stands_there)
{
    struct rope *rope = rope_create();

    rope_insert(rope, 0, SPAN("grüße"));
    ck_assert(rope_holds(rope, 2, SPAN("üß")));
    ck_assert(!rope_holds(rope, 2, SPAN("ss")));
    ck_assert(!rope_holds(rope, 4, SPAN("e!")));
    ck_assert(rope_holds(rope, 5, SPAN("")));
    rope_destroy(rope);
}
END_TEST

START_TEST(refuses_the_middle_of_a_surrogate_pair)
{
    struct rope *rope = rope_create();
    size_t at = 99;

    rope_insert(rope, 0, SPAN("a😀b"));
    ck_assert_uint_eq(rope_count(rope).utf16, 4);
    ck_assert(rope_points_of_utf16(rope, 1, &at));
    ck_assert_uint_eq(at, 1);
    ck_assert(!rope_points_of_utf16(rope, 2, &at));
    ck_assert_uint_eq(at, 1);
    ck_assert(rope_points_of_utf16(rope, 3, &at));
    ck_assert_uint_eq(at, 2);
    rope_destroy(rope);
}
END_TEST

START_TEST(holds_zero_characters)
{
    struct rope *rope = rope_create();

    rope_insert(rope, 0, SPAN("a\0b"));
    rope_insert(rope, 1, SPAN("\0"));
    expect_text(rope, SPAN("a\0\0b"));
    rope_destroy(rope);
}
END_TEST

START_TEST(a_copy_lives_on_its_own)
{
    struct rope *rope = rope_create();
    rope_insert(rope, 0, SPAN("one"));
    struct rope *copy = rope_copy(rope);

    rope_insert(copy, 3, SPAN(" two"));
    expect_text(rope, SPAN("one"));
    rope_destroy(rope);
    expect_text(copy, SPAN("one two"));
    rope_destroy(copy);
}
END_TEST

START_TEST(a_large_document_is_built_and_thinned_out)
{
    struct prng prng;
    struct buffer text = {0};
    struct rope *rope = rope_create();

    prng_init(&prng, 3);
    random_text(&prng, 1 << 20, &text);
    rope_insert(rope, 0, buffer_span(&text));
    expect_text(rope, buffer_span(&text));
    while (rope_count(rope).points > 1000)
        rope_delete(rope, (size_t)prng_below(&prng, rope_count(rope).points - 500U), 500);
    ck_assert(rope_is_sound(rope));
    rope_destroy(rope);
    buffer_finish(&text);
}
END_TEST

TEST_MAIN("rope", equals_the_naive_model, reads_any_range, holds_only_what_stands_there,
          refuses_the_middle_of_a_surrogate_pair, holds_zero_characters, a_copy_lives_on_its_own,
          a_large_document_is_built_and_thinned_out)
