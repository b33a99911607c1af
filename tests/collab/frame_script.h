/* frame_script - entries put into frames of the native dialect, and what a reader then hears. */
#ifndef TESTS_COLLAB_FRAME_SCRIPT_H
#define TESTS_COLLAB_FRAME_SCRIPT_H

#include "server/collab/frames.h"
#include "tests/collab/frame_lines.h"

enum { CHANNEL = 7, EPOCH = 3 };

static struct buffer out;
static struct frames frames;

static inline void begin(void)
{
    out = (struct buffer){0};
    frames = (struct frames){
        .dialect = &dialect_native, .out = &out, .channel = CHANNEL, .epoch = EPOCH};
}

/* An entry by the session of all zeroes, whose `who` is AAAAAAAA. */
static inline struct entry entry(uint64_t seq, uint64_t epoch, enum entry_kind kind,
                                 const char *operation)
{
    struct entry entry = {.seq = seq, .epoch = epoch, .kind = (uint8_t)kind};

    entry.arrived = span_of_string(operation);
    entry.sequenced = entry.arrived;
    return entry;
}

static inline void add(uint64_t seq, uint64_t epoch, enum entry_kind kind, const char *operation)
{
    struct entry added = entry(seq, epoch, kind, operation);

    frames_add(&frames, &added);
}

static inline void expect(const char *expected)
{
    frames_end(&frames);
    frame_lines_expect(&out, expected);
}

#endif
