#include "protocol/node_message.h"
#include "tests/runner.h"

/* As many fields as there are; what a kind does not have is dropped by its encoder. */
static struct node_message full(enum node_message_kind kind)
{
    struct node_message message = {
        .kind = kind,
        .document = SPAN("notes/1"),
        .node = SPAN("node-1"),
        .start = UINT64_MAX,
        .attempt = 1,
        .epoch = 127,
        .seq = 128,
        .serial = 16384,
        .base = 0,
        .code = 7,
        .flags = 1,
        .user = SPAN(""),
        .to = SPAN_NONE,
        .body = SPAN("[5,\"x\"]"),
        .room = SPAN("room"),
        .id = SPAN("anna"),
        .version = 129,
    };

    memset(message.session, 's', NODE_SESSION_SIZE);
    return message;
}

START_TEST(every_kind_is_read_as_it_was_written)
{
    for (int kind = 0; kind < NODE_KIND_COUNT; kind++) {
        const struct node_message message = full((enum node_message_kind)kind);
        struct node_message read;
        struct buffer bytes = {0};
        struct buffer again = {0};

        node_message_write(&bytes, &message);
        ck_assert_int_eq(node_message_read(buffer_span(&bytes), &read, NULL), STATUS_OK);
        ck_assert_int_eq(read.kind, kind);
        node_message_write(&again, &read);
        ck_assert(span_equal(buffer_span(&bytes), buffer_span(&again)));
        buffer_finish(&bytes);
        buffer_finish(&again);
    }
}
END_TEST

START_TEST(a_submission_keeps_its_fields)
{
    const struct node_message message = full(NODE_SUBMIT);
    struct node_message read;
    struct buffer bytes = {0};

    node_message_write(&bytes, &message);
    ck_assert_int_eq(node_message_read(buffer_span(&bytes), &read, NULL), STATUS_OK);
    ck_assert(span_equal(read.node, message.node));
    ck_assert_uint_eq(read.start, UINT64_MAX);
    ck_assert_uint_eq(read.serial, 16384);
    ck_assert_uint_eq(read.base, 0);
    ck_assert(span_present(read.user) && read.user.size == 0);
    ck_assert(span_equal(read.body, message.body));
    ck_assert_mem_eq(read.session, message.session, NODE_SESSION_SIZE);
    ck_assert_uint_eq(read.epoch, 0); /* not one of its fields */
    buffer_finish(&bytes);
}
END_TEST

START_TEST(what_is_shown_in_a_room_keeps_its_fields)
{
    struct node_message message = full(NODE_SHOW);
    struct node_message read;
    struct buffer bytes = {0};

    message.document = SPAN_NONE;
    node_message_write(&bytes, &message);
    ck_assert_int_eq(node_message_read(buffer_span(&bytes), &read, NULL), STATUS_OK);
    ck_assert(span_equal(read.room, message.room));
    ck_assert(span_equal(read.node, message.node));
    ck_assert(span_equal(read.id, message.id));
    ck_assert(span_equal(read.body, message.body));
    ck_assert(!span_present(read.document));
    ck_assert_uint_eq(read.start, UINT64_MAX);
    ck_assert_uint_eq(read.version, 129);
    ck_assert_uint_eq(read.seq, 128);
    ck_assert_mem_eq(read.session, message.session, NODE_SESSION_SIZE);
    buffer_finish(&bytes);
}
END_TEST

START_TEST(what_is_absent_stays_absent)
{
    struct node_message message = full(NODE_HERE);
    struct node_message read;
    struct buffer bytes = {0};

    message.body = SPAN_NONE;
    node_message_write(&bytes, &message);
    ck_assert_int_eq(node_message_read(buffer_span(&bytes), &read, NULL), STATUS_OK);
    ck_assert(!span_present(read.body));
    buffer_finish(&bytes);
}
END_TEST

START_TEST(a_cut_message_is_refused_at_every_place)
{
    for (int kind = 0; kind < NODE_KIND_COUNT; kind++) {
        const struct node_message message = full((enum node_message_kind)kind);
        struct node_message read;
        struct buffer bytes = {0};

        node_message_write(&bytes, &message);
        for (size_t size = 0; size < bytes.size; size++)
            ck_assert_int_eq(node_message_read(span_of(bytes.data, size), &read, NULL),
                             STATUS_MALFORMED_MESSAGE);
        buffer_append_byte(&bytes, 0);
        ck_assert_int_eq(node_message_read(buffer_span(&bytes), &read, NULL),
                         STATUS_MALFORMED_MESSAGE);
        buffer_finish(&bytes);
    }
}
END_TEST

START_TEST(other_versions_kinds_and_spellings_are_refused)
{
    const struct span texts[] = {
        SPAN("\x02\x06\x02n\x01"),         /* a later version */
        SPAN("\x01\x63\x02n\x01"),         /* no such kind */
        SPAN("\x01\x06\x01\x01\x00"),      /* the document has no name */
        SPAN("\x01\x0b\x01\x00\x01"),      /* the room has none */
        SPAN("\x01\x06\x82\x00n\x01\x00"), /* a length that is longer than need be */
    };
    struct node_message read;

    ck_assert_int_eq(node_message_read(SPAN("\x01\x06\x02n\x01\x00"), &read, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct fault fault = {""};

        ck_assert_int_eq(node_message_read(texts[i], &read, &fault), STATUS_MALFORMED_MESSAGE);
        ck_assert_str_ne(fault.text, "");
    }
}
END_TEST

START_TEST(entries_follow_each_other)
{
    struct node_entry entry = {.epoch = 9,
                               .serial = 3,
                               .time_ms = 1700000000000,
                               .user = SPAN("anna"),
                               .arrived = SPAN("[1,\"x\"]"),
                               .sequenced = SPAN("[2,\"x\"]")};
    struct buffer body = {0};
    struct node_entry read;

    node_entry_write(&body, &entry);
    entry.sequenced = SPAN_NONE;
    entry.kind = 2;
    node_entry_write(&body, &entry);
    struct span rest = buffer_span(&body);

    ck_assert(node_entry_next(&rest, &read));
    ck_assert_uint_eq(read.time_ms, 1700000000000);
    ck_assert(span_equal(read.sequenced, SPAN("[2,\"x\"]")));
    ck_assert(node_entry_next(&rest, &read));
    ck_assert(!span_present(read.sequenced));
    ck_assert_uint_eq(read.kind, 2);
    ck_assert(!node_entry_next(&rest, &read));
    ck_assert_uint_eq(rest.size, 0);

    rest = span_of(body.data, body.size - 1);
    ck_assert(node_entry_next(&rest, &read));
    ck_assert(!node_entry_next(&rest, &read)); /* cut off: something is left */
    ck_assert_uint_gt(rest.size, 0);
    buffer_finish(&body);
}
END_TEST

TEST_MAIN("node_message", every_kind_is_read_as_it_was_written, a_submission_keeps_its_fields,
          what_is_shown_in_a_room_keeps_its_fields, what_is_absent_stays_absent,
          a_cut_message_is_refused_at_every_place, other_versions_kinds_and_spellings_are_refused,
          entries_follow_each_other)
