#include "server/collab/blame.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "ot/text_blame.h"
#include "ot/type.h"
#include "server/store/store.h"
#include "tests/runner.h"

static const struct snapshot nothing;
static struct fault fault;

static struct entry entry(uint64_t seq, enum entry_kind kind, const char *json)
{
    return (struct entry){.seq = seq,
                          .epoch = 7,
                          .time_ms = 5000 + seq,
                          .session.bytes = {(uint8_t)(seq % 3)},
                          .kind = (uint8_t)kind,
                          .user = SPAN("ann"),
                          .arrived = span_of_string(json),
                          .sequenced = span_of_string(json)};
}

/* "2x1 1x0": so many code points of which entry. */
static void expect(const struct blame *blame, const char *expected)
{
    struct buffer out = {0};
    struct text_run run;

    for (uint64_t at = 0; text_blame_at(blame->text, at, &run); at += run.points)
        buffer_append_format(&out, "%s%ux%u", at > 0 ? " " : "", (unsigned)run.points,
                             (unsigned)run.origin.seq);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq((const char *)out.data, expected);
    buffer_finish(&out);
}

START_TEST(what_a_creation_and_edits_write_is_theirs)
{
    const struct entry entries[] = {
        entry(1, ENTRY_CREATE, "{\"data\":\"a\\n\\ud83d\\ude00\",\"type\":\"text\"}"),
        entry(2, ENTRY_EDIT, "[1,\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"]"),
        entry(3, ENTRY_EDIT, "[4,{\"d\":1}]"),
    };
    struct blame blame;
    struct text_run run;

    ck_assert_int_eq(blame_init(&blame, 1, &nothing, &fault), STATUS_OK);
    ck_assert_int_eq(blame_step(&blame, entries, 2, &fault), STATUS_OK);
    expect(&blame, "1x1 2x2 2x1");
    ck_assert(text_blame_at(blame.text, 1, &run));
    ck_assert_uint_eq(run.origin.time_ms, 5002);
    ck_assert(span_equal(run.origin.user, SPAN("ann")));
    ck_assert(span_equal(run.origin.who, span_of(who_of(&entries[1].session).text, WHO_SIZE)));
    ck_assert_int_eq(blame_step(&blame, entries + 2, 1, &fault), STATUS_OK);
    expect(&blame, "1x1 2x2 1x1");
    ck_assert(blame.seq == 3 && blame.epoch == 7 && blame.time_ms == 5003);
    blame_finish(&blame);
}
END_TEST

START_TEST(a_snapshot_and_what_was_not_asked_for_are_nobodys)
{
    const struct snapshot snapshot = {
        .seq = 4, .epoch = 6, .type = SPAN("text"), .content = SPAN("\"\xf0\x9f\x98\x80z\"")};
    const struct entry entries[] = {entry(5, ENTRY_EDIT, "[\"old\"]"),
                                    entry(6, ENTRY_EDIT, "[1,\"new\"]")};
    struct blame blame;

    ck_assert_int_eq(blame_init(&blame, 6, &snapshot, &fault), STATUS_OK);
    expect(&blame, "2x0");
    ck_assert_uint_eq(blame.seq, 4);
    ck_assert_int_eq(blame_step(&blame, entries, 2, &fault), STATUS_OK);
    expect(&blame, "1x0 3x6 4x0");
    blame_finish(&blame);
}
END_TEST

START_TEST(a_deletion_or_another_type_begins_anew)
{
    const struct entry entries[] = {
        entry(1, ENTRY_CREATE, "{\"data\":\"abc\",\"type\":\"text\"}"),
        entry(2, ENTRY_DELETE, ""),
        entry(3, ENTRY_CREATE, "{\"type\":\"counter\"}"),
        entry(4, ENTRY_EDIT, "5"),
        entry(5, ENTRY_DELETE, ""),
        entry(6, ENTRY_CREATE, "{\"type\":\"text\"}"),
        entry(7, ENTRY_EDIT, "[\"x\"]"),
    };
    struct blame blame;

    ck_assert_int_eq(blame_init(&blame, 1, &nothing, &fault), STATUS_OK);
    ck_assert_int_eq(blame_step(&blame, entries, 2, &fault), STATUS_OK);
    ck_assert_ptr_null(blame.type);
    expect(&blame, "");
    ck_assert_int_eq(blame_step(&blame, entries + 2, 2, &fault), STATUS_OK);
    ck_assert_ptr_eq(blame.type, &type_counter);
    ck_assert_int_eq(blame_step(&blame, entries + 4, 3, &fault), STATUS_OK);
    ck_assert_ptr_eq(blame.type, &type_text);
    expect(&blame, "1x7");
    blame_finish(&blame);
}
END_TEST

START_TEST(what_cannot_be_is_corrupt)
{
    static const struct {
        uint64_t seq;
        enum entry_kind kind;
        const char *json;
    } table[] = {
        {3, ENTRY_EDIT, "[\"x\"]"},     {2, ENTRY_EDIT, "[4,\"x\"]"},
        {2, ENTRY_EDIT, "{\"no\":1}"},  {2, ENTRY_CREATE, "{\"data\":5,\"type\":\"text\"}"},
        {2, ENTRY_CREATE, "{\"data\""},
    };
    const struct snapshot odd[] = {
        {.seq = 1, .type = SPAN("poem"), .content = SPAN("\"x\"")},
        {.seq = 1, .type = SPAN("text"), .content = SPAN("5")},
    };
    const struct entry made = entry(1, ENTRY_CREATE, "{\"data\":\"abc\",\"type\":\"text\"}");
    struct blame blame;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct entry bad = entry(table[i].seq, table[i].kind, table[i].json);

        ck_assert_int_eq(blame_init(&blame, 1, &nothing, &fault), STATUS_OK);
        ck_assert_int_eq(blame_step(&blame, &made, 1, &fault), STATUS_OK);
        ck_assert_int_eq(blame_step(&blame, &bad, 1, &fault), STATUS_CORRUPT);
        blame_finish(&blame);
    }
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        ck_assert_int_eq(blame_init(&blame, 1, &odd[i], &fault), STATUS_CORRUPT);
        blame_finish(&blame);
    }
    const struct entry edit = entry(1, ENTRY_EDIT, "[\"x\"]");

    ck_assert_int_eq(blame_init(&blame, 1, &nothing, &fault), STATUS_OK);
    ck_assert_int_eq(blame_step(&blame, &edit, 1, &fault), STATUS_CORRUPT); /* of nothing */
    blame_finish(&blame);
}
END_TEST

/* Between any two letters of the first author one of the second. */
START_TEST(more_runs_than_an_answer_holds_are_too_large)
{
    struct buffer json = {0};
    struct blame blame;
    struct entry edits[] = {entry(2, ENTRY_EDIT, ""), entry(3, ENTRY_EDIT, "[\"x\"]")};
    const struct entry made = entry(1, ENTRY_CREATE, "{\"type\":\"text\"}");

    buffer_append_text(&json, "[\"");
    for (int i = 0; i < LIMIT_BLAME_RUNS / 2; i++)
        buffer_append_byte(&json, 'a');
    buffer_append_text(&json, "\"]");
    edits[0].sequenced = buffer_span(&json);
    ck_assert_int_eq(blame_init(&blame, 1, &nothing, &fault), STATUS_OK);
    ck_assert_int_eq(blame_step(&blame, &made, 1, &fault), STATUS_OK);
    ck_assert_int_eq(blame_step(&blame, edits, 1, &fault), STATUS_OK);
    buffer_clear(&json);
    buffer_append_text(&json, "[\"b\"");
    for (int i = 1; i < LIMIT_BLAME_RUNS / 2; i++)
        buffer_append_text(&json, ",1,\"b\"");
    buffer_append_byte(&json, ']');
    edits[0].seq = 3;
    edits[0].sequenced = buffer_span(&json);
    ck_assert_int_eq(blame_step(&blame, edits, 1, &fault), STATUS_OK);
    ck_assert_uint_eq(text_blame_runs(blame.text), LIMIT_BLAME_RUNS);
    edits[1].seq = 4;
    ck_assert_int_eq(blame_step(&blame, edits + 1, 1, &fault), STATUS_TOO_LARGE);
    blame_finish(&blame);
    buffer_finish(&json);
}
END_TEST

TEST_MAIN("blame", what_a_creation_and_edits_write_is_theirs,
          a_snapshot_and_what_was_not_asked_for_are_nobodys, a_deletion_or_another_type_begins_anew,
          what_cannot_be_is_corrupt, more_runs_than_an_answer_holds_are_too_large)
