#include "server/collab/range.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/prng.h"
#include "tests/ot/laws.h"

static struct range *range;
static struct buffer taken;
static uint64_t added;

static void begin(const struct type *type)
{
    taken = (struct buffer){0};
    added = 0;
    range = range_create(type, 0);
}

static void end(void)
{
    range_destroy(range);
    buffer_finish(&taken);
}

static bool add(enum entry_kind kind, struct span operation)
{
    struct entry entry = {.seq = range->to + 1,
                          .epoch = 100 + range->to + 1,
                          .kind = (uint8_t)kind,
                          .arrived = operation,
                          .sequenced = operation};

    return range_add(range, &entry);
}

static void apply(struct content *content, struct span json)
{
    struct operation *operation = NULL;

    ck_assert_int_eq(content->type->decode(json, &operation, NULL), STATUS_OK);
    ck_assert_int_eq(content->type->apply(content, operation, NULL), STATUS_OK);
    operation_discard(operation);
}

/* Take what there is; it has to end at `to`. */
static void expect_take(uint64_t to)
{
    buffer_clear(&taken);
    struct range_end end = range_take(range, &taken);

    ck_assert_uint_eq(end.to, to);
    ck_assert_uint_eq(end.epoch, 100 + to);
    ck_assert_uint_eq(range->from, to);
}

static void random_edit(struct prng *prng, size_t *points, struct buffer *out)
{
    size_t at = (size_t)prng_below(prng, *points + 1);

    buffer_clear(out);
    buffer_append_byte(out, '[');
    if (at > 0)
        buffer_append_format(out, "%zu,", at);
    if (at < *points && prng_below(prng, 100) < 45) {
        buffer_append_text(out, "{\"d\":1}]");
        *points -= 1;
    } else {
        buffer_append_format(out, "\"%c\"]", (char)('a' + prng_below(prng, 26)));
        *points += 1;
    }
}

START_TEST(a_range_does_what_its_entries_do_one_after_the_other)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct prng prng;
        struct buffer edit = {0};
        struct content *one = law_content(&type_text, "\"\"");
        struct content *other = law_content(&type_text, "\"\"");
        size_t points = 0;

        begin(&type_text);
        prng_init(&prng, seed);
        for (uint64_t count = 1 + prng_below(&prng, 300); count > 0; count--) {
            random_edit(&prng, &points, &edit);
            apply(one, buffer_span(&edit));
            ck_assert(add(ENTRY_EDIT, buffer_span(&edit)));
        }
        expect_take(range->to);
        apply(other, buffer_span(&taken));
        ck_assert_msg(content_equal(one, other), "seed %llu", (unsigned long long)seed);
        buffer_finish(&edit);
        content_destroy(one);
        content_destroy(other);
        end();
    }
}
END_TEST

START_TEST(a_range_ends_before_the_limit_of_its_type)
{
    uint64_t left = 1300;
    uint64_t at = 0;
    struct buffer edit = {0};

    begin(&type_json0);
    while (left > 0 || range->count > 0) {
        for (; left > 0; left--) {
            buffer_clear(&edit);
            buffer_append_format(&edit, "[{\"oi\":1,\"p\":[\"k%llu\"]}]", (unsigned long long)left);
            if (!add(ENTRY_EDIT, buffer_span(&edit)))
                break;
        }
        buffer_clear(&taken);
        struct range_end end = range_take(range, &taken);

        ck_assert_uint_le(end.count, LIMIT_JSON0_COMPONENTS);
        ck_assert_uint_eq(end.to, at + end.count);
        at = end.to;
    }
    ck_assert_uint_eq(at, 1300);
    buffer_finish(&edit);
    end();
}
END_TEST

/* A text of `size` bytes at the front. */
static void write_paste(struct buffer *out, size_t size)
{
    buffer_clear(out);
    buffer_append_text(out, "[\"");
    for (size_t i = 0; i < size; i++)
        buffer_append_byte(out, 'x');
    buffer_append_text(out, "\"]");
}

START_TEST(a_range_ends_before_the_limit_of_a_frame)
{
    struct buffer edit = {0};
    uint64_t count = 0;
    uint64_t takes = 0;

    begin(&type_text);
    write_paste(&edit, 5000);
    while (count < 100) {
        if (add(ENTRY_EDIT, buffer_span(&edit)))
            count++;
        if (!range->full)
            continue;
        takes++;
        buffer_clear(&taken);
        range_take(range, &taken);
        ck_assert_uint_le(taken.size, LIMIT_FRAME_BYTES);
        ck_assert_uint_gt(taken.size, LIMIT_FRAME_BYTES / 2);
    }
    ck_assert_uint_gt(takes, 7);
    buffer_finish(&edit);
    end();
}
END_TEST

START_TEST(what_comes_to_little_is_one_range_however_much_it_was)
{
    struct buffer edit = {0};

    begin(&type_text);
    write_paste(&edit, 5000);
    for (int i = 0; i < 100; i++) {
        ck_assert(add(ENTRY_EDIT, buffer_span(&edit)));
        ck_assert(add(ENTRY_EDIT, SPAN("[{\"d\":5000}]")));
    }
    expect_take(200);
    ck_assert(span_equal(buffer_span(&taken), SPAN("[]")));
    buffer_finish(&edit);
    end();
}
END_TEST

START_TEST(an_entry_larger_than_a_frame_is_a_range_of_its_own)
{
    struct buffer edit = {0};

    begin(&type_text);
    write_paste(&edit, 2 * LIMIT_FRAME_BYTES);
    ck_assert(add(ENTRY_EDIT, SPAN("[\"a\"]")));
    ck_assert(add(ENTRY_EDIT, buffer_span(&edit)));
    ck_assert(!add(ENTRY_EDIT, SPAN("[\"b\"]")));
    expect_take(1);
    ck_assert(add(ENTRY_EDIT, SPAN("[\"b\"]")));
    expect_take(2);
    expect_take(3);
    ck_assert(span_equal(buffer_span(&taken), SPAN("[\"b\"]")));
    buffer_finish(&edit);
    end();
}
END_TEST

START_TEST(sums_that_overflow_stay_two)
{
    begin(&type_counter);
    ck_assert(add(ENTRY_EDIT, SPAN("9007199254740991")));
    ck_assert(add(ENTRY_EDIT, SPAN("-9007199254740991")));
    ck_assert(add(ENTRY_EDIT, SPAN("9007199254740991")));
    ck_assert(add(ENTRY_EDIT, SPAN("1")));
    expect_take(3);
    expect_take(4);
    end();
}
END_TEST

START_TEST(a_creation_or_deletion_is_never_inside)
{
    begin(&type_text);
    ck_assert(add(ENTRY_EDIT, SPAN("[\"a\"]")));
    ck_assert(!add(ENTRY_DELETE, SPAN("")));
    ck_assert(!add(ENTRY_CREATE, SPAN("{\"type\":\"text\"}")));
    expect_take(1);
    ck_assert_uint_eq(range->count, 0);
    end();
}
END_TEST

TEST_MAIN("range", a_range_does_what_its_entries_do_one_after_the_other,
          a_range_ends_before_the_limit_of_its_type, a_range_ends_before_the_limit_of_a_frame,
          what_comes_to_little_is_one_range_however_much_it_was,
          an_entry_larger_than_a_frame_is_a_range_of_its_own, sums_that_overflow_stay_two,
          a_creation_or_deletion_is_never_inside)
