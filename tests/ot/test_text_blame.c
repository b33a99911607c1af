#include "ot/text_blame.h"

#include <stdio.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "base/prng.h"
#include "base/utf8.h"
#include "ot/type.h"
#include "tests/runner.h"

/* The naive model: the text, and the seq that wrote it for each of its code points. */
enum { POINTS_MAX = 4000 };

struct model {
    uint64_t seqs[POINTS_MAX];
    size_t count;
};

static struct text_origin origin_of(uint64_t seq)
{
    static char who[9];

    snprintf(who, sizeof(who), "%08u", (unsigned)(seq % 7));
    return (struct text_origin){.seq = seq,
                                .time_ms = 5000 + seq,
                                .who = seq > 0 ? span_of_string(who) : SPAN(""),
                                .user = seq > 0 ? span_of_string(who + 7) : SPAN("")};
}

static struct operation *decode(struct span json)
{
    struct operation *operation = NULL;
    struct fault fault;

    ck_assert_int_eq(type_text.decode(json, &operation, &fault), STATUS_OK);
    return operation;
}

static enum status apply(struct text_blame *blame, const char *json, uint64_t seq)
{
    struct operation *operation = decode(span_of_string(json));
    struct text_origin origin = origin_of(seq);
    enum status status = text_blame_apply(blame, operation, &origin);

    operation_discard(operation);
    ck_assert(text_blame_is_sound(blame));
    return status;
}

/* "4×1 5×7 1×1": so many code points of which seq. */
static void expect(const struct text_blame *blame, const char *expected)
{
    struct buffer out = {0};
    struct text_run run;
    size_t runs = 0;

    for (uint64_t at = 0; text_blame_at(blame, at, &run); at += run.points, runs++)
        buffer_append_format(&out, "%s%ux%u", at > 0 ? " " : "", (unsigned)run.points,
                             (unsigned)run.origin.seq);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq((const char *)out.data, expected);
    ck_assert_uint_eq(text_blame_runs(blame), runs);
    buffer_finish(&out);
}

static struct text_blame *blame_of(uint64_t points)
{
    struct text_blame *blame = text_blame_create();
    struct text_origin origin = origin_of(1);

    text_blame_reset(blame, points, &origin);
    return blame;
}

START_TEST(an_insertion_splits_what_it_falls_into)
{
    struct text_blame *blame = blame_of(5);

    ck_assert_int_eq(apply(blame, "[4,\"brown\"]", 7), STATUS_OK);
    expect(blame, "4x1 5x7 1x1");
    ck_assert_int_eq(apply(blame, "[6,\"\xf0\x9f\x98\x80\xc3\xa9\"]", 8), STATUS_OK);
    expect(blame, "4x1 2x7 2x8 3x7 1x1");
    text_blame_destroy(blame);
}
END_TEST

START_TEST(what_a_deletion_lets_meet_again_is_one_run)
{
    struct text_blame *blame = blame_of(5);

    ck_assert_int_eq(apply(blame, "[2,\"xy\"]", 7), STATUS_OK);
    ck_assert_int_eq(apply(blame, "[1,{\"d\":4}]", 8), STATUS_OK);
    expect(blame, "3x1");
    ck_assert_int_eq(apply(blame, "[{\"d\":3}]", 9), STATUS_OK);
    expect(blame, "");
    ck_assert_uint_eq(text_blame_points(blame), 0);
    text_blame_destroy(blame);
}
END_TEST

START_TEST(what_one_operation_writes_at_two_places_may_meet)
{
    struct text_blame *blame = blame_of(3);

    ck_assert_int_eq(apply(blame, "[\"a\",1,\"b\",{\"d\":1},\"c\"]", 7), STATUS_OK);
    expect(blame, "1x7 1x1 2x7 1x1");
    text_blame_destroy(blame);
}
END_TEST

START_TEST(an_origin_is_told_with_every_run_of_it)
{
    struct text_blame *blame = blame_of(2);
    struct text_run run;

    ck_assert_int_eq(apply(blame, "[1,\"xyz\"]", 9), STATUS_OK);
    ck_assert_int_eq(apply(blame, "[2,\"-\"]", 10), STATUS_OK);
    ck_assert(text_blame_at(blame, 4, &run));
    ck_assert_uint_eq(run.points, 1); /* from the middle of a run */
    ck_assert_uint_eq(run.origin.time_ms, 5009);
    ck_assert(span_equal(run.origin.who, SPAN("00000002")));
    ck_assert(span_equal(run.origin.user, SPAN("2")));
    ck_assert(!text_blame_at(blame, 6, &run));
    text_blame_destroy(blame);
}
END_TEST

START_TEST(an_operation_that_reaches_beyond_the_end_changes_nothing)
{
    struct text_blame *blame = blame_of(5);

    ck_assert_int_eq(apply(blame, "[6,\"x\"]", 7), STATUS_NOT_APPLICABLE);
    ck_assert_int_eq(apply(blame, "[3,{\"d\":3}]", 7), STATUS_NOT_APPLICABLE);
    expect(blame, "5x1");
    text_blame_destroy(blame);
}
END_TEST

/* ---- Against the model ---- */

static void append_random_text(struct prng *prng, size_t points, struct buffer *out)
{
    static const uint32_t alphabet[] = {'a', 'b', 0xe9, 0x20ac, 0xffff, 0x1f600, 0x10ffff};

    buffer_append_byte(out, '"');
    for (size_t i = 0; i < points; i++) {
        uint32_t point = alphabet[prng_below(prng, sizeof(alphabet) / sizeof(alphabet[0]))];

        buffer_grow(out, utf8_encode(buffer_reserve(out, 4), point));
    }
    buffer_append_byte(out, '"');
}

/* Put `count` times `seq` where `deleted` were. */
static void model_replace(struct model *model, size_t at, size_t deleted, size_t count,
                          uint64_t seq)
{
    memmove(model->seqs + at + count, model->seqs + at + deleted,
            (model->count - at - deleted) * sizeof(model->seqs[0]));
    for (size_t i = 0; i < count; i++)
        model->seqs[at + i] = seq;
    model->count += count - deleted;
}

/* A random operation of some components, of which the model makes the same; as JSON. */
static void random_operation(struct prng *prng, struct model *model, uint64_t seq,
                             struct buffer *json)
{
    size_t at = 0;

    buffer_append_byte(json, '[');
    for (size_t parts = 1 + (size_t)prng_below(prng, 4); parts > 0 && at <= model->count; parts--) {
        size_t skip = (size_t)prng_below(prng, model->count - at + 1);
        size_t left = model->count - at - skip;
        size_t points = 1 + (size_t)prng_below(prng, 5);
        bool inserts = left == 0 || (model->count < POINTS_MAX - 100 && prng_below(prng, 5) < 3);

        if (skip > 0)
            buffer_append_format(json, "%s%u", at > 0 || json->size > 1 ? "," : "", (unsigned)skip);
        at += skip;
        if (json->size > 1)
            buffer_append_byte(json, ',');
        if (inserts) {
            append_random_text(prng, points, json);
            model_replace(model, at, 0, points, seq);
            at += points;
        } else {
            points = points < left ? points : left;
            buffer_append_format(json, "{\"d\":%u}", (unsigned)points);
            model_replace(model, at, points, 0, seq);
        }
    }
    buffer_append_byte(json, ']');
}

static bool equals_model(const struct text_blame *blame, const struct model *model)
{
    struct text_run run;
    size_t at = 0;

    for (; text_blame_at(blame, at, &run); at += (size_t)run.points)
        for (size_t i = 0; i < run.points; i++)
            if (at + i >= model->count || model->seqs[at + i] != run.origin.seq ||
                run.origin.time_ms != 5000 + run.origin.seq)
                return false;
    return at == model->count && text_blame_points(blame) == at;
}

static void edit_at_random(uint64_t seed)
{
    struct prng prng;
    struct model model = {0};
    struct text_blame *blame = text_blame_create();
    struct content *content = NULL;
    struct buffer json = {0};
    struct fault fault;

    prng_init(&prng, seed);
    ck_assert_int_eq(type_text.create(SPAN_NONE, &content, &fault), STATUS_OK);
    for (uint64_t seq = 1; seq <= 1500; seq++) {
        struct text_origin origin = origin_of(seq);

        buffer_clear(&json);
        random_operation(&prng, &model, seq, &json);
        struct operation *operation = decode(buffer_span(&json));

        ck_assert_int_eq(type_text.apply(content, operation, &fault), STATUS_OK);
        ck_assert_int_eq(text_blame_apply(blame, operation, &origin), STATUS_OK);
        operation_discard(operation);
        if (seq % 50 != 0)
            continue;
        ck_assert_msg(text_blame_is_sound(blame) && equals_model(blame, &model),
                      "seed %u, operation %u", (unsigned)seed, (unsigned)seq);
    }
    buffer_clear(&json);
    type_text.encode(content, &json);
    ck_assert_uint_eq(utf8_points(buffer_span(&json)) - 2, text_blame_points(blame));
    buffer_finish(&json);
    type_text.destroy(content);
    text_blame_destroy(blame);
}

START_TEST(equals_one_author_for_each_character)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        edit_at_random(seed);
}
END_TEST

TEST_MAIN("text_blame", an_insertion_splits_what_it_falls_into,
          what_a_deletion_lets_meet_again_is_one_run,
          what_one_operation_writes_at_two_places_may_meet, an_origin_is_told_with_every_run_of_it,
          an_operation_that_reaches_beyond_the_end_changes_nothing,
          equals_one_author_for_each_character)
