#include "server/collab/dialect.h"

#include "server/collab/frames.h"
#include "tests/collab/frame_lines.h"
#include "tests/runner.h"

enum { CHANNEL = 7, EPOCH = 3 };

static struct buffer out;
static struct frames frames;

static void begin(void)
{
    out = (struct buffer){0};
    frames = (struct frames){
        .dialect = &dialect_native, .out = &out, .channel = CHANNEL, .epoch = EPOCH};
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

static void expect(const char *expected)
{
    frames_end(&frames);
    frame_lines_expect(&out, expected);
}

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

TEST_MAIN("dialect_native", tells_a_new_epoch_before_its_first_operation,
          gives_creations_and_deletions_their_own_messages)
