#include "tools/replay/replay.h"

#include "base/memory.h"
#include "ot/tie.h"
#include "tests/runner.h"
#include "tests/store/requests.h"
#include "tools/replay/bisect.h"

enum { ENTRIES = 6 };

static const char name[] = "notes/1";

static uint64_t test_clock(void)
{
    return 1000;
}

/* Session 1 makes "ab" of an empty text while session 2, who saw nothing of it, writes "X" in
 * front of it and then, having seen all, "Y" behind it; the text is deleted in the end. */
static struct backend *make_store(const char *fourth_sequenced, const char *snapshot)
{
    struct backend *backend = backend_memory_create(test_clock);
    struct entry entries[ENTRIES] = {
        edit_of(1, 1000, "{\"type\":\"text\"}"), edit_of(2, 1000, "[\"a\"]"),
        edit_of(3, 1000, "[1,\"b\"]"),           edit_of(4, 1000, "[\"X\"]"),
        edit_of(5, 1000, "[3,\"Y\"]"),           edit_of(6, 1000, ""),
    };
    struct snapshot at_five = {.seq = 5,
                               .epoch = 1000,
                               .time_ms = entries[4].time_ms,
                               .type = SPAN("text"),
                               .content = span_of_string(snapshot)};
    struct batch_document document = {
        .name = span_of_string(name), .entries = entries, .count = ENTRIES};

    entries[0].kind = ENTRY_CREATE;
    entries[1].base = 1;
    entries[2].base = 2;
    entries[3].session = entries[4].session = session_key_of(2);
    entries[3].base = 1;
    entries[3].sequenced = span_of_string(fourth_sequenced);
    entries[4].base = 4;
    entries[5].kind = ENTRY_DELETE;
    entries[5].base = 5;
    document.epoch = claimed(backend, name);
    for (size_t i = 0; i < ENTRIES; i++)
        entries[i].rule = TIE_WHO;
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    document = (struct batch_document){.name = span_of_string(name),
                                       .epoch = document.epoch,
                                       .head = ENTRIES,
                                       .snapshot = &at_five};
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    return backend;
}

/* Collects what is told. */
struct listener {
    struct replay replay;
    struct buffer json;
    struct buffer differences;
};

static bool listen_told(struct replay *replay, const struct account *account)
{
    struct listener *listener = container_of(replay, struct listener, replay);

    account_json(account, &listener->json);
    buffer_append_byte(&listener->json, '\n');
    return true;
}

static void listen_difference(struct replay *replay, const char *line)
{
    struct listener *listener = container_of(replay, struct listener, replay);

    buffer_append_text(&listener->differences, line);
    buffer_append_byte(&listener->differences, '\n');
}

static struct listener listen_to(struct backend *backend, uint64_t from, uint64_t until)
{
    struct listener listener = {.replay = {.backend = backend,
                                           .from = from,
                                           .until = until,
                                           .tell = listen_told,
                                           .differ = listen_difference}};
    struct fault fault = {""};
    enum status status = replay_document(&listener.replay, span_of_string(name), &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    backend->ops->destroy(backend);
    return listener;
}

static void expect_text(struct buffer *text, const char *expected)
{
    ck_assert_msg(span_equal(buffer_span(text), span_of_string(expected)), "%.*s",
                  SPAN_PRINT(buffer_span(text)));
    buffer_finish(text);
}

START_TEST(a_log_of_ours_comes_out_as_it_is)
{
    struct listener listener = listen_to(make_store("[2,\"X\"]", "\"abXY\""), 100, UINT64_MAX);

    expect_text(&listener.differences, "");
    expect_text(&listener.json, "");
    ck_assert_uint_eq(listener.replay.counts.operations, ENTRIES);
    ck_assert_uint_eq(listener.replay.counts.moved, 1);
    ck_assert_uint_eq(listener.replay.counts.passed, 2);
    ck_assert_uint_eq(listener.replay.counts.snapshots, 1);
    ck_assert_uint_eq(listener.replay.counts.differences, 0);
}
END_TEST

START_TEST(an_entry_that_is_not_what_comes_out_is_told)
{
    struct listener listener = listen_to(make_store("[1,\"X\"]", "\"aXbY\""), 100, UINT64_MAX);

    expect_text(&listener.differences,
                "notes/1: seq 4: [\"X\"] on base 1 makes [2,\"X\"], the log holds [1,\"X\"]\n");
    buffer_finish(&listener.json);
    ck_assert_uint_eq(listener.replay.counts.differences, 1);
}
END_TEST

START_TEST(a_snapshot_that_is_not_what_the_log_makes_is_told)
{
    struct listener listener = listen_to(make_store("[2,\"X\"]", "\"abXZ\""), 100, UINT64_MAX);

    expect_text(&listener.differences,
                "notes/1: the snapshot at seq 5 is not what the log makes\n");
    buffer_finish(&listener.json);
}
END_TEST

START_TEST(each_operation_that_one_had_to_pass_is_told)
{
    struct listener listener = listen_to(make_store("[2,\"X\"]", "\"abXY\""), 4, 4);

    expect_text(&listener.json,
                "{\"seq\":4,\"epoch\":1000,\"time\":5004,\"kind\":\"edit\",\"who\":\"AgICAgIC\","
                "\"user\":\"ann\",\"serial\":4,\"base\":1,\"rule\":\"who\",\"arrived\":[\"X\"],"
                "\"passed\":[{\"seq\":2,\"who\":\"AQEBAQEB\",\"side\":\"second\","
                "\"operation\":[\"a\"],\"result\":[1,\"X\"]},"
                "{\"seq\":3,\"who\":\"AQEBAQEB\",\"side\":\"second\",\"operation\":[1,\"b\"],"
                "\"result\":[2,\"X\"]}],\"sequenced\":[2,\"X\"],\"before\":\"\\\"ab\\\"\","
                "\"after\":\"\\\"abX\\\"\"}\n");
    buffer_finish(&listener.differences);
    ck_assert_uint_eq(listener.replay.counts.operations, 4);
}
END_TEST

START_TEST(a_document_that_is_not_there_is_told)
{
    struct replay replay = {.backend = make_store("[2,\"X\"]", "\"abXY\""), .until = UINT64_MAX};
    struct fault fault = {""};

    ck_assert_int_eq(replay_document(&replay, SPAN("notes/2"), &fault), STATUS_NOT_FOUND);
    ck_assert_str_eq(fault.text, "notes/2: there is no such record");
    replay.backend->ops->destroy(replay.backend);
}
END_TEST

static bool has_b(struct bisect *bisect, struct span content)
{
    (void)bisect;
    return span_present(content) && memchr(content.data, 'b', content.size) != NULL;
}

static bool is_there(struct bisect *bisect, struct span content)
{
    (void)bisect;
    return span_present(content);
}

static bool is_gone(struct bisect *bisect, struct span content)
{
    return !is_there(bisect, content);
}

static enum status bisect_for(bool (*holds)(struct bisect *, struct span), uint64_t head,
                              uint64_t *seq)
{
    struct bisect bisect = {.backend = make_store("[2,\"X\"]", "\"abXY\""),
                            .name = span_of_string(name),
                            .head = head,
                            .holds = holds};
    enum status status = bisect_run(&bisect, seq, NULL);

    bisect.backend->ops->destroy(bisect.backend);
    return status;
}

START_TEST(the_first_content_of_which_it_is_true_is_found)
{
    uint64_t seq = 0;

    ck_assert_int_eq(bisect_for(has_b, 5, &seq), STATUS_OK);
    ck_assert_uint_eq(seq, 3);
    ck_assert_int_eq(bisect_for(is_there, 5, &seq), STATUS_OK);
    ck_assert_uint_eq(seq, 1);
}
END_TEST

START_TEST(what_is_true_from_the_beginning_or_never_is_said_so)
{
    uint64_t seq = 99;

    ck_assert_int_eq(bisect_for(has_b, 6, &seq), STATUS_NOT_FOUND);
    ck_assert_uint_eq(seq, 99);
    ck_assert_int_eq(bisect_for(is_gone, 6, &seq), STATUS_OK);
    ck_assert_uint_eq(seq, 0);
}
END_TEST

TEST_MAIN("replay", a_log_of_ours_comes_out_as_it_is, an_entry_that_is_not_what_comes_out_is_told,
          a_snapshot_that_is_not_what_the_log_makes_is_told,
          each_operation_that_one_had_to_pass_is_told, a_document_that_is_not_there_is_told,
          the_first_content_of_which_it_is_true_is_found,
          what_is_true_from_the_beginning_or_never_is_said_so)
