#include "server/collab/rebase.h"

#include "base/memory.h"
#include "base/must.h"
#include "tests/runner.h"

static const struct session_key lower = {{0x01}};
static const struct session_key middle = {{0x40}};
static const struct session_key higher = {{0x80}};

static struct operation *decode(const char *json)
{
    struct operation *operation = NULL;

    must(type_text.decode(span_of_string(json), &operation, NULL) == STATUS_OK);
    return operation;
}

static void append(struct history *history, const struct session_key *session, const char *json)
{
    struct entry entry = {.seq = history->head + 1, .session = *session};

    entry.kind = json == NULL ? ENTRY_CREATE : ENTRY_EDIT;
    entry.arrived = entry.sequenced = span_of_string(json == NULL ? "{\"type\":\"text\"}" : json);
    history_append_take(history, record_create_take(&entry, 1, NULL));
}

/* What `rebase` makes of the operation. */
static void expect(struct rebase *rebase, const char *operation, const char *result)
{
    struct operation *moved = decode(operation);
    struct buffer written = {0};

    ck_assert_int_eq(rebase_run(rebase, &moved), STATUS_OK);
    type_text.write(moved, &written);
    ck_assert_msg(span_equal(buffer_span(&written), span_of_string(result)), "%.*s instead of %s",
                  SPAN_PRINT(buffer_span(&written)), result);
    operation_discard(moved);
    buffer_finish(&written);
}

START_TEST(moves_over_what_lies_between_base_and_end_alone)
{
    struct history history;
    struct rebase rebase = {.history = &history, .type = &type_text, .session = &middle};

    history_init(&history, 0);
    append(&history, &lower, NULL);
    append(&history, &lower, "[\"ab\"]");
    append(&history, &lower, "[\"c\"]");
    append(&history, &lower, "[\"d\"]");
    rebase.base = 2;
    rebase.to = 3;
    expect(&rebase, "[2,\"X\"]", "[3,\"X\"]");
    ck_assert_uint_eq(rebase.count, 1);
    rebase.base = 0; /* the creation is stepped over */
    rebase.to = 4;
    expect(&rebase, "[\"X\"]", "[\"X\"]");
    ck_assert_uint_eq(rebase.count, 3);
    history_finish(&history);
}
END_TEST

START_TEST(the_rule_of_the_one_that_moves_decides_at_one_place)
{
    struct history history;
    struct rebase rebase = {.history = &history, .type = &type_text, .session = &middle, .to = 2};

    history_init(&history, 0);
    append(&history, &lower, "[\"l\"]");
    append(&history, &higher, "[1,\"h\"]");
    rebase.rule = TIE_WHO;
    expect(&rebase, "[\"X\"]", "[1,\"X\"]"); /* behind the lower one, before the higher */
    rebase.rule = TIE_LATER;
    expect(&rebase, "[\"X\"]", "[\"X\"]"); /* the later goes first, as in the reference */
    history_finish(&history);
}
END_TEST

/* Tells what it is told. */
struct listener {
    struct rebase rebase;
    uint64_t last;
    enum side side;
};

static void listen_passed(struct rebase *rebase, const struct entry *over, enum side side,
                          const struct operation *moved)
{
    struct listener *listener = container_of(rebase, struct listener, rebase);

    ck_assert_uint_eq(over->seq, listener->last + 1);
    ck_assert_ptr_nonnull(moved);
    listener->last = over->seq;
    listener->side = side;
}

START_TEST(tells_of_each_entry_that_it_passed)
{
    struct history history;
    struct listener listener = {.rebase = {.history = &history,
                                           .type = &type_text,
                                           .rule = TIE_WHO,
                                           .session = &middle,
                                           .to = 2,
                                           .passed = listen_passed}};

    history_init(&history, 0);
    append(&history, &higher, "[\"h\"]");
    append(&history, &lower, "[\"l\"]");
    expect(&listener.rebase, "[\"X\"]", "[1,\"X\"]");
    ck_assert_uint_eq(listener.last, 2);
    ck_assert_int_eq(listener.side, SIDE_SECOND);
    history_finish(&history);
}
END_TEST

TEST_MAIN("rebase", moves_over_what_lies_between_base_and_end_alone,
          the_rule_of_the_one_that_moves_decides_at_one_place, tells_of_each_entry_that_it_passed)
