#include "server/collab/frames.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "protocol/websocket.h"
#include "tests/runner.h"

enum { CHANNEL = 7, EPOCH = 3, ROOM = 1 << 20 };

static struct buffer out;
static struct frames frames;

static void begin(void)
{
    out = (struct buffer){0};
    frames_begin(&frames, &out, CHANNEL, EPOCH);
}

/* An entry by the session of all zeroes, whose `who` is AAAAAAAA. */
static struct entry entry(uint64_t seq, uint64_t epoch, enum entry_kind kind, const char *operation)
{
    struct entry entry = {.seq = seq, .epoch = epoch, .kind = (uint8_t)kind};

    entry.arrived = span_of_string(operation);
    entry.sequenced = entry.arrived;
    return entry;
}

static void add(uint64_t seq, uint64_t epoch, enum entry_kind kind, const char *operation)
{
    struct entry added = entry(seq, epoch, kind, operation);

    frames_add(&frames, &added);
}

/* Decode what was written: the messages, a line each. */
static struct buffer messages(void)
{
    struct websocket_decoder decoder;
    struct buffer lines = {0};
    size_t at = 0;

    frames_end(&frames);
    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, ROOM);
    while (at < out.size) {
        struct websocket_event event;
        uint16_t code;
        size_t used;

        ck_assert_int_eq(
            websocket_decode(&decoder, out.data + at, out.size - at, &used, &event, &code, NULL),
            STATUS_OK);
        ck_assert_int_eq(event.kind, WEBSOCKET_EVENT_MESSAGE);
        buffer_append(&lines, event.payload);
        buffer_append_byte(&lines, '\n');
        at += used;
    }
    websocket_decoder_finish(&decoder);
    buffer_finish(&out);
    return lines;
}

static void expect(const char *expected)
{
    struct buffer lines = messages();

    ck_assert_msg(span_equal(buffer_span(&lines), span_of_string(expected)), "wrote\n%.*s",
                  SPAN_PRINT(buffer_span(&lines)));
    buffer_finish(&lines);
}

START_TEST(puts_neighbours_into_one_frame)
{
    begin();
    add(5, EPOCH, ENTRY_EDIT, "[\"a\"]");
    add(6, EPOCH, ENTRY_EDIT, "[\"b\"]");
    expect("[7,5,\"AAAAAAAA\",[\"a\"],\"AAAAAAAA\",[\"b\"]]\n");
}
END_TEST

START_TEST(tells_a_new_epoch_before_its_first_operation)
{
    begin();
    add(5, EPOCH, ENTRY_EDIT, "[\"a\"]");
    add(6, EPOCH + 1, ENTRY_EDIT, "[\"b\"]");
    add(7, EPOCH + 1, ENTRY_EDIT, "[\"c\"]");
    expect("[7,5,\"AAAAAAAA\",[\"a\"]]\n"
           "[\"epoch\",7,4]\n"
           "[7,6,\"AAAAAAAA\",[\"b\"],\"AAAAAAAA\",[\"c\"]]\n");
}
END_TEST

START_TEST(gives_creations_and_deletions_their_own_messages)
{
    begin();
    add(1, EPOCH, ENTRY_CREATE, "{\"data\":\"x\",\"type\":\"text\"}");
    add(2, EPOCH, ENTRY_EDIT, "[\"a\"]");
    add(3, EPOCH, ENTRY_DELETE, NULL);
    expect("[\"made\",7,1,\"AAAAAAAA\",\"text\",\"x\"]\n"
           "[7,2,\"AAAAAAAA\",[\"a\"]]\n"
           "[\"closed\",7,213,\"the document was deleted\"]\n");
}
END_TEST

START_TEST(begins_a_new_frame_when_one_is_large)
{
    char *large = memory_zeroed(1, LIMIT_FRAME_BYTES + 8);
    struct entry next = entry(6, EPOCH, ENTRY_EDIT, "[\"b\"]");

    memset(large, 'x', LIMIT_FRAME_BYTES + 4);
    memcpy(large, "[\"", 2);
    memcpy(large + LIMIT_FRAME_BYTES + 2, "\"]", 2);
    begin();
    add(5, EPOCH, ENTRY_EDIT, large);
    ck_assert(!frames_joins(&frames, &next));
    frames_add(&frames, &next);
    struct buffer lines = messages();

    ck_assert_ptr_nonnull(memmem(lines.data, lines.size, "\n[7,6,", 6));
    buffer_finish(&lines);
    memory_free(large);
}
END_TEST

START_TEST(writes_nothing_for_nothing)
{
    begin();
    frames_end(&frames);
    ck_assert_uint_eq(out.size, 0);
}
END_TEST

TEST_MAIN("frames", puts_neighbours_into_one_frame, tells_a_new_epoch_before_its_first_operation,
          gives_creations_and_deletions_their_own_messages, begins_a_new_frame_when_one_is_large,
          writes_nothing_for_nothing)
