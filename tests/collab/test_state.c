#include "server/collab/state.h"

#include <string.h>

#include "tests/runner.h"

static void expect_content(const struct state *state, const char *json)
{
    struct buffer out = {0};

    ck_assert_ptr_nonnull(state->content);
    state->type->encode(state->content, &out);
    ck_assert(span_equal(buffer_span(&out), span_of_string(json)));
    buffer_finish(&out);
}

static enum status apply(struct state *state, uint64_t seq, enum entry_kind kind,
                         const char *operation)
{
    struct entry entry = {.seq = seq, .kind = (uint8_t)kind};

    entry.arrived = span_of_string(operation);
    entry.sequenced = entry.arrived;
    return state_apply(state, &entry, NULL);
}

START_TEST(follows_a_log_from_its_creation)
{
    struct state state = {0};

    ck_assert_int_eq(apply(&state, 1, ENTRY_CREATE, "{\"data\":\"ac\",\"type\":\"text\"}"),
                     STATUS_OK);
    ck_assert_int_eq(apply(&state, 2, ENTRY_EDIT, "[1,\"b\"]"), STATUS_OK);
    expect_content(&state, "\"abc\"");
    ck_assert_uint_eq(state.created, 1);
    state_finish(&state);
}
END_TEST

START_TEST(is_nothing_after_a_deletion_and_something_else_after_the_next_creation)
{
    struct state state = {0};

    ck_assert_int_eq(apply(&state, 1, ENTRY_CREATE, "{\"type\":\"text\"}"), STATUS_OK);
    ck_assert_int_eq(apply(&state, 2, ENTRY_DELETE, NULL), STATUS_OK);
    ck_assert_ptr_null(state.type);
    ck_assert_ptr_null(state.content);
    ck_assert_uint_eq(state.created, 2);
    ck_assert_int_eq(apply(&state, 3, ENTRY_CREATE, "{\"type\":\"counter\"}"), STATUS_OK);
    ck_assert_int_eq(apply(&state, 4, ENTRY_EDIT, "5"), STATUS_OK);
    expect_content(&state, "5");
    state_finish(&state);
}
END_TEST

START_TEST(begins_with_a_snapshot)
{
    struct state state = {0};
    struct snapshot snapshot = {
        .seq = 9, .created = 7, .type = SPAN("text"), .content = SPAN("\"abc\"")};

    ck_assert_int_eq(state_from_snapshot(&state, &snapshot, NULL), STATUS_OK);
    expect_content(&state, "\"abc\"");
    ck_assert_uint_eq(state.created, 7);
    snapshot = (struct snapshot){.seq = 10, .created = 10};
    ck_assert_int_eq(state_from_snapshot(&state, &snapshot, NULL), STATUS_OK);
    ck_assert_ptr_null(state.content);
    ck_assert_uint_eq(state.created, 10);
    state_finish(&state);
}
END_TEST

START_TEST(says_what_is_corrupt)
{
    static const struct {
        enum entry_kind kind;
        const char *operation;
    } cases[] = {
        {ENTRY_EDIT, "[9,\"x\"]"},                             /* behind the end */
        {ENTRY_EDIT, "{}"},                                    /* no operation of a text */
        {ENTRY_CREATE, "{\"type\":\"poem\"}"},                 /* no such type */
        {ENTRY_CREATE, "{\"type\":5}"},                        /* no name */
        {ENTRY_CREATE, "[]"},                                  /* no object */
        {ENTRY_CREATE, "{\"type\":"},                          /* no JSON */
        {ENTRY_CREATE, "{\"data\":5,\"type\":\"text\"}"},      /* no text */
        {(enum entry_kind)(ENTRY_DELETE + 1), "[\"unheard\"]"} /* no kind of entry */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span operation = span_of_string(cases[i].operation);
        struct entry entry = {
            .seq = 2, .kind = (uint8_t)cases[i].kind, .arrived = operation, .sequenced = operation};
        struct state state = {0};
        struct fault fault = {""};

        ck_assert_int_eq(apply(&state, 1, ENTRY_CREATE, "{\"type\":\"text\"}"), STATUS_OK);
        ck_assert_msg(state_apply(&state, &entry, &fault) == STATUS_CORRUPT, "took %s",
                      cases[i].operation);
        ck_assert_msg(fault.text[0] != '\0', "said nothing of %s", cases[i].operation);
        expect_content(&state, "\"\"");
        ck_assert_uint_eq(state.created, 1);
        state_finish(&state);
    }
}
END_TEST

START_TEST(cannot_edit_what_is_not_there)
{
    struct state state = {0};
    struct fault fault = {0};
    struct entry entry = {.seq = 3, .kind = ENTRY_EDIT, .sequenced = SPAN("[\"x\"]")};

    ck_assert_int_eq(state_apply(&state, &entry, &fault), STATUS_CORRUPT);
    ck_assert_ptr_nonnull(strstr(fault.text, "entry 3"));
    state_finish(&state);
}
END_TEST

START_TEST(refuses_a_snapshot_of_an_unknown_type)
{
    struct state state = {0};
    struct fault fault = {0};
    struct snapshot snapshot = {.seq = 9, .type = SPAN("poem"), .content = SPAN("\"abc\"")};

    ck_assert_int_eq(state_from_snapshot(&state, &snapshot, &fault), STATUS_CORRUPT);
    ck_assert_ptr_nonnull(strstr(fault.text, "\"poem\""));
    state_finish(&state);
}
END_TEST

START_TEST(reads_the_creations_that_it_writes)
{
    const struct span datas[] = {SPAN("\"abc\""), SPAN_NONE};

    for (size_t i = 0; i < sizeof(datas) / sizeof(datas[0]); i++) {
        struct buffer out = {0};
        const struct type *type = NULL;
        struct span data = SPAN("untouched");

        state_write_creation(&out, &type_text, datas[i]);
        ck_assert_int_eq(state_read_creation(buffer_span(&out), &type, &data, NULL), STATUS_OK);
        ck_assert_ptr_eq(type, &type_text);
        ck_assert(span_equal(data, datas[i]));
        buffer_finish(&out);
    }
}
END_TEST

TEST_MAIN("state", follows_a_log_from_its_creation,
          is_nothing_after_a_deletion_and_something_else_after_the_next_creation,
          begins_with_a_snapshot, says_what_is_corrupt, cannot_edit_what_is_not_there,
          refuses_a_snapshot_of_an_unknown_type, reads_the_creations_that_it_writes)
