#include "protocol/websocket.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/prng.h"
#include "tests/runner.h"

/* The tables speak in frames; each case runs as a server hears it (masked) and as a client does,
 * and each of these in three splits. What comes out is written down as a line of text:
 *
 *   text(…) ping(…) pong(…) close(code,reason)     the events
 *   oversized[kept of size]
 *   fail(code)                                     the end, with the close code to answer with
 *   more                                           the end, with a frame or a message still open */

enum { FIN = 0x80, FRAMES_MAX = 8, LONG_PAYLOAD = 140, MESSAGE_MAX = 1 << 17 };

/* Of the second table, in which what is larger than a message is read over. */
enum { SMALL_MAX = 6000, OVERSIZED_MAX = 20000, KEPT = LIMIT_OVERSIZED_KEPT_BYTES };
_Static_assert(KEPT == 4096, "the second table says so");

enum form { SHORTEST, FORM_16, FORM_64, TOP_BIT };
enum mask { AS_THE_ROLE_HAS_TO, WRONGLY };

struct frame {
    int first; /* its first byte */
    const char *payload;
    size_t size;
    size_t fill; /* instead of a payload: so many 'x' */
    enum form form;
    enum mask mask;
    size_t cut; /* bytes of the frame that never come */
};

#define FRAME(first, text)                                                                         \
    {                                                                                              \
        first, text, sizeof(text) - 1, 0, SHORTEST, AS_THE_ROLE_HAS_TO, 0                          \
    }
#define FILLED(first, count)                                                                       \
    {                                                                                              \
        first, NULL, 0, count, SHORTEST, AS_THE_ROLE_HAS_TO, 0                                     \
    }
#define TEXT(text) FRAME(FIN | WEBSOCKET_TEXT, text)
#define BEGIN(text) FRAME(WEBSOCKET_TEXT, text)
#define NEXT(text) FRAME(WEBSOCKET_CONTINUATION, text)
#define LAST(text) FRAME(FIN | WEBSOCKET_CONTINUATION, text)
#define PING(text) FRAME(FIN | WEBSOCKET_PING, text)
#define PONG(text) FRAME(FIN | WEBSOCKET_PONG, text)
#define CLOSE(text) FRAME(FIN | WEBSOCKET_CLOSE, text)

static const struct test_case {
    const char *name;
    const char *expected;
    struct frame frames[FRAMES_MAX];
} cases[] = {
    /* Sizes and forms of the length. */
    {"an empty message", "text()", {TEXT("")}},
    {"a message", "text(Hello)", {TEXT("Hello")}},
    {"messages in one read", "text(a) text() text(b)", {TEXT("a"), TEXT(""), TEXT("b")}},
    {"125 bytes", "text[125]", {FILLED(FIN | WEBSOCKET_TEXT, 125)}},
    {"126 bytes", "text[126]", {FILLED(FIN | WEBSOCKET_TEXT, 126)}},
    {"127 bytes", "text[127]", {FILLED(FIN | WEBSOCKET_TEXT, 127)}},
    {"65,535 bytes", "text[65535]", {FILLED(FIN | WEBSOCKET_TEXT, 65535)}},
    {"65,536 bytes", "text[65536]", {FILLED(FIN | WEBSOCKET_TEXT, 65536)}},
    {"the limit", "text[131072]", {FILLED(FIN | WEBSOCKET_TEXT, MESSAGE_MAX)}},
    {"above the limit", "fail(1009)", {FILLED(FIN | WEBSOCKET_TEXT, MESSAGE_MAX + 1)}},
    {"125 bytes in two length bytes",
     "fail(1002)",
     {{FIN | WEBSOCKET_TEXT, NULL, 0, 125, FORM_16, AS_THE_ROLE_HAS_TO, 0}}},
    {"65,535 bytes in eight length bytes",
     "fail(1002)",
     {{FIN | WEBSOCKET_TEXT, NULL, 0, 65535, FORM_64, AS_THE_ROLE_HAS_TO, 0}}},
    {"the top bit of a length",
     "fail(1002)",
     {{FIN | WEBSOCKET_TEXT, NULL, 0, 65536, TOP_BIT, AS_THE_ROLE_HAS_TO, 0}}},

    /* What is cut is waited for. */
    {"nothing", "", {{0}}},
    {"half a header", "more", {{FIN | WEBSOCKET_TEXT, "", 0, 300, SHORTEST, 0, 301}}},
    {"half a payload", "more", {{FIN | WEBSOCKET_TEXT, "abcd", 4, 0, SHORTEST, 0, 2}}},
    {"half a ping", "text(a) more", {TEXT("a"), {FIN | WEBSOCKET_PING, "abcd", 4, 0, 0, 0, 2}}},
    {"half a message", "more", {BEGIN("abc")}},

    /* Pings and pongs. */
    {"an empty ping", "ping()", {PING("")}},
    {"a ping", "ping(Hello) text(a)", {PING("Hello"), TEXT("a")}},
    {"a ping of bytes", "ping(\x01\xff\xfe)", {PING("\x01\xff\xfe")}},
    {"a ping of 125 bytes", "ping[125]", {FILLED(FIN | WEBSOCKET_PING, 125)}},
    {"a ping of 126 bytes", "fail(1002)", {FILLED(FIN | WEBSOCKET_PING, 126)}},
    {"a ping after a pong", "pong(abc) ping(def)", {PONG("abc"), PING("def")}},
    {"a pong that nobody asked for", "pong(x) ping(y)", {PONG("x"), PING("y")}},
    {"a pong of 126 bytes", "fail(1002)", {FILLED(FIN | WEBSOCKET_PONG, 126)}},
    {"a ping in fragments", "fail(1002)", {FRAME(WEBSOCKET_PING, "a"), LAST("b")}},
    {"a pong in fragments", "fail(1002)", {FRAME(WEBSOCKET_PONG, "a")}},

    /* Reserved bits and opcodes; masks. */
    {"the first reserved bit", "text(a) fail(1002)", {TEXT("a"), FRAME(0xC1, "b")}},
    {"the second reserved bit", "fail(1002)", {FRAME(0xA1, "b")}},
    {"the third reserved bit", "fail(1002)", {FRAME(0x91, "b")}},
    {"a reserved bit of a ping", "fail(1002)", {FRAME(0xC9, "")}},
    {"a reserved bit of a close", "fail(1002)", {FRAME(0xF8, "")}},
    {"opcode 3", "fail(1002)", {FRAME(0x83, "")}},
    {"opcode 4", "text(a) fail(1002)", {TEXT("a"), FRAME(0x84, "x")}},
    {"opcode 5", "fail(1002)", {FRAME(0x85, "x"), PING("")}},
    {"opcode 6", "fail(1002)", {FRAME(0x86, "x")}},
    {"opcode 7", "fail(1002)", {FRAME(0x87, "x")}},
    {"opcode 11", "fail(1002)", {FRAME(0x8B, "")}},
    {"opcode 12", "fail(1002)", {FRAME(0x8C, "x")}},
    {"opcode 13", "fail(1002)", {FRAME(0x8D, "x")}},
    {"opcode 14", "fail(1002)", {FRAME(0x8E, "x")}},
    {"opcode 15", "fail(1002)", {FRAME(0x8F, "x")}},
    {"a reserved opcode within a message", "fail(1002)", {BEGIN("a"), FRAME(0x83, "b")}},
    {"a mask that is wrong for the role",
     "text(a) fail(1002)",
     {TEXT("a"), {FIN | WEBSOCKET_TEXT, "b", 1, 0, SHORTEST, WRONGLY, 0}}},
    {"a ping with a mask that is wrong for the role",
     "fail(1002)",
     {{FIN | WEBSOCKET_PING, "", 0, 0, SHORTEST, WRONGLY, 0}}},
    {"a binary message", "text(a) fail(1003)", {TEXT("a"), FRAME(0x82, "b")}},
    {"a binary message in fragments", "fail(1003)", {FRAME(0x02, "b"), LAST("c")}},
    {"a binary message above the limit", "fail(1003)", {FILLED(0x82, MESSAGE_MAX + 1)}},

    /* Fragments. */
    {"two fragments", "text(ab)", {BEGIN("a"), LAST("b")}},
    {"empty fragments", "text()", {BEGIN(""), NEXT(""), LAST("")}},
    {"content in the middle", "text(a)", {BEGIN(""), NEXT("a"), LAST("")}},
    {"content in the last", "text(a)", {BEGIN(""), NEXT(""), LAST("a")}},
    {"a ping between fragments", "ping(p) text(ab)", {BEGIN("a"), PING("p"), LAST("b")}},
    {"control frames between fragments",
     "ping(p) pong(q) text(abc) text(d)",
     {BEGIN("a"), PING("p"), NEXT("b"), PONG("q"), LAST("c"), TEXT("d")}},
    {"a close between fragments",
     "close(1000,bye)",
     {BEGIN("a"), CLOSE("\x03\xe8"
                        "bye")}},
    {"two messages in fragments",
     "text(ab) text(cd)",
     {BEGIN("a"), LAST("b"), BEGIN("c"), LAST("d")}},
    {"a continuation of nothing", "fail(1002)", {LAST("a")}},
    {"a continuation of nothing that goes on", "fail(1002)", {NEXT("a"), LAST("b")}},
    {"a continuation after a message", "text(a) fail(1002)", {TEXT("a"), LAST("b")}},
    {"a continuation after fragments", "text(ab) fail(1002)", {BEGIN("a"), LAST("b"), LAST("c")}},
    {"a message within a message", "fail(1002)", {BEGIN("a"), TEXT("b")}},
    {"a message that begins within a message", "fail(1002)", {BEGIN("a"), BEGIN("b"), LAST("c")}},
    {"binary within a message", "fail(1002)", {BEGIN("a"), FRAME(0x82, "b")}},
    {"fragments up to the limit",
     "text[131072]",
     {FILLED(WEBSOCKET_TEXT, MESSAGE_MAX - 1), FILLED(FIN | WEBSOCKET_CONTINUATION, 1)}},
    {"fragments above the limit",
     "fail(1009)",
     {FILLED(WEBSOCKET_TEXT, MESSAGE_MAX), FILLED(FIN | WEBSOCKET_CONTINUATION, 1)}},

    /* UTF-8. */
    {"U+0000", "text[1]", {TEXT("\0")}},
    {"several languages", "text(κόσμε-äöü-雪-𝄞)", {TEXT("κόσμε-äöü-雪-𝄞")}},
    {"a code point over two fragments", "text(κ)", {BEGIN("\xce"), LAST("\xba")}},
    {"a code point over four fragments",
     "text(𝄞)",
     {BEGIN("\xf0"), NEXT("\x9d"), NEXT("\x84"), LAST("\x9e")}},
    {"a code point around a ping", "ping() text(κ)", {BEGIN("\xce"), PING(""), LAST("\xba")}},
    {"the last code point", "text(\xf4\x8f\xbf\xbf)", {TEXT("\xf4\x8f\xbf\xbf")}},
    {"around the surrogates", "text(\xed\x9f\xbf\xee\x80\x80)", {TEXT("\xed\x9f\xbf\xee\x80\x80")}},
    {"a noncharacter", "text(\xef\xbf\xbf)", {TEXT("\xef\xbf\xbf")}},
    {"a surrogate", "fail(1007)", {TEXT("a\xed\xa0\x80")}},
    {"beyond the last code point", "fail(1007)", {TEXT("\xf4\x90\x80\x80")}},
    {"five bytes", "fail(1007)", {TEXT("\xf8\x88\x80\x80\x80")}},
    {"a longer form of a slash", "fail(1007)", {TEXT("\xc0\xaf")}},
    {"a longer form in three bytes", "fail(1007)", {TEXT("\xe0\x80\xaf")}},
    {"a longer form in four bytes", "fail(1007)", {TEXT("\xf0\x80\x80\xaf")}},
    {"a lone continuation byte", "fail(1007)", {TEXT("\x80")}},
    {"the byte fe", "fail(1007)", {TEXT("\xfe")}},
    {"a code point that does not end", "fail(1007)", {TEXT("a\xce")}},
    {"a code point that does not end in fragments", "fail(1007)", {BEGIN("a\xce"), LAST("")}},
    {"a code point that goes on in the next message", "fail(1007)", {TEXT("\xce"), TEXT("\xba")}},
    {"a bad byte before the frame has ended",
     "fail(1007)",
     {{FIN | WEBSOCKET_TEXT, "ab\xff.....", 8, 0, SHORTEST, 0, 5}}},
    {"a bad byte before the message has ended", "fail(1007)", {BEGIN("\xce"), NEXT("\xce")}},
    {"a new message after one that failed says nothing", "fail(1007)", {TEXT("\xff"), TEXT("a")}},

    /* Close frames. */
    {"a close without a code", "close(1005,)", {CLOSE("")}},
    {"half a close code", "fail(1002)", {CLOSE("\x03")}},
    {"a close", "text(a) close(1000,)", {TEXT("a"), CLOSE("\x03\xe8")}},
    {"a close with a reason", "close(1001,tschüß)", {CLOSE("\x03\xe9tschüß")}},
    {"a close with the longest reason",
     "close[1000,123]",
     {CLOSE("\x03\xe8"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")}},
    {"a close of 126 bytes", "fail(1002)", {FILLED(FIN | WEBSOCKET_CLOSE, 126)}},
    {"a close in fragments", "fail(1002)", {FRAME(WEBSOCKET_CLOSE, "")}},
    {"a close reason that is not UTF-8",
     "fail(1007)",
     {CLOSE("\x03\xe8"
            "a\xff")}},
    {"a close reason that does not end", "fail(1007)", {CLOSE("\x03\xe8\xce")}},
    {"nothing is read after a close", "close(1000,)", {CLOSE("\x03\xe8"), PING(""), TEXT("a")}},
    {"not even nonsense", "close(1000,)", {CLOSE("\x03\xe8"), FRAME(0xFF, "a")}},
};

#define LARGE FILLED(WEBSOCKET_TEXT, SMALL_MAX + 1)

static const struct test_case oversized_cases[] = {
    {"the limit", "text[6000]", {FILLED(FIN | WEBSOCKET_TEXT, SMALL_MAX)}},
    {"above the limit", "oversized[4096 of 6001]", {FILLED(FIN | WEBSOCKET_TEXT, SMALL_MAX + 1)}},
    {"up to the second limit",
     "oversized[4096 of 20000]",
     {FILLED(FIN | WEBSOCKET_TEXT, OVERSIZED_MAX)}},
    {"above the second limit", "fail(1009)", {FILLED(FIN | WEBSOCKET_TEXT, OVERSIZED_MAX + 1)}},
    {"a message behind it",
     "oversized[4096 of 6001] text(a) text()",
     {FILLED(FIN | WEBSOCKET_TEXT, SMALL_MAX + 1), TEXT("a"), TEXT("")}},
    {"one behind the other",
     "oversized[4096 of 6001] oversized[4096 of 6002] text[6000]",
     {FILLED(FIN | WEBSOCKET_TEXT, SMALL_MAX + 1), FILLED(FIN | WEBSOCKET_TEXT, SMALL_MAX + 2),
      FILLED(FIN | WEBSOCKET_TEXT, SMALL_MAX)}},

    /* Fragments. */
    {"fragments up to the limit",
     "text[6000]",
     {FILLED(WEBSOCKET_TEXT, SMALL_MAX - 1), FILLED(FIN | WEBSOCKET_CONTINUATION, 1)}},
    {"fragments above the limit",
     "oversized[4096 of 6001]",
     {FILLED(WEBSOCKET_TEXT, SMALL_MAX), FILLED(FIN | WEBSOCKET_CONTINUATION, 1)}},
    {"a large fragment behind a small one",
     "oversized[4096 of 6002]",
     {BEGIN("ab"), FILLED(FIN | WEBSOCKET_CONTINUATION, SMALL_MAX)}},
    {"small fragments behind a large one",
     "oversized[4096 of 6004]",
     {LARGE, NEXT("ab"), LAST("c")}},
    {"an empty fragment at the end", "oversized[4096 of 6001]", {LARGE, LAST("")}},
    {"an empty fragment at the beginning",
     "oversized[4096 of 6001]",
     {BEGIN(""), FILLED(FIN | WEBSOCKET_CONTINUATION, SMALL_MAX + 1)}},
    {"fragments up to the second limit",
     "oversized[4096 of 20000]",
     {FILLED(WEBSOCKET_TEXT, OVERSIZED_MAX - 1), LAST("a")}},
    {"fragments above the second limit",
     "fail(1009)",
     {FILLED(WEBSOCKET_TEXT, OVERSIZED_MAX), LAST("a")}},
    {"control frames between fragments",
     "ping(p) pong(q) oversized[4096 of 6002] text(a)",
     {LARGE, PING("p"), PONG("q"), LAST("a"), TEXT("a")}},
    {"a close between fragments", "close(1000,)", {LARGE, CLOSE("\x03\xe8"), LAST("a")}},
    {"half of it", "more", {LARGE}},
    {"all but its last byte", "more", {{FIN | WEBSOCKET_TEXT, NULL, 0, SMALL_MAX + 1, 0, 0, 1}}},

    /* What is thrown away has to keep the rules. */
    {"a code point over two fragments",
     "oversized[4096 of 6003]",
     {LARGE, NEXT("\xce"), LAST("\xba")}},
    {"a bad byte", "fail(1007)", {LARGE, NEXT("\xff"), LAST("a")}},
    {"a bad byte in what is kept",
     "fail(1007)",
     {BEGIN("\xff"), FILLED(FIN | WEBSOCKET_CONTINUATION, SMALL_MAX)}},
    {"a code point that does not end", "fail(1007)", {LARGE, LAST("\xce")}},
    {"a surrogate", "fail(1007)", {LARGE, LAST("\xed\xa0\x80")}},
    {"a code point that goes on in the next message",
     "fail(1007)",
     {LARGE, LAST("\xce"), TEXT("\xba")}},
    {"a message within it", "fail(1002)", {LARGE, TEXT("a")}},
    {"a continuation after it", "oversized[4096 of 6001] fail(1002)", {LARGE, LAST(""), LAST("a")}},
    {"a reserved bit within it", "fail(1002)", {LARGE, FRAME(0xC0, "a")}},
    {"a ping of 126 bytes within it", "fail(1002)", {LARGE, FILLED(FIN | WEBSOCKET_PING, 126)}},
    {"a mask that is wrong for the role",
     "fail(1002)",
     {LARGE, {FIN | WEBSOCKET_CONTINUATION, "b", 1, 0, SHORTEST, WRONGLY, 0}}},
    {"a binary message", "fail(1003)", {FILLED(0x82, SMALL_MAX + 1)}},
};

/* ---- Frames to bytes ---- */

static void put_length(struct buffer *out, const struct frame *frame, size_t size, int masked)
{
    enum form form = frame->form;

    if (form == SHORTEST)
        form = size > UINT16_MAX ? FORM_64 : size > 125 ? FORM_16 : SHORTEST;
    if (form == SHORTEST) {
        buffer_append_byte(out, (uint8_t)(masked | (int)size));
        return;
    }
    size_t bytes = form == FORM_16 ? 2 : 8;
    buffer_append_byte(out, (uint8_t)(masked | (form == FORM_16 ? 126 : 127)));
    for (size_t i = 0; i < bytes; i++)
        buffer_append_byte(out, (uint8_t)((uint64_t)size >> 8 * (bytes - 1 - i)));
    if (form == TOP_BIT)
        out->data[out->size - 8] |= 0x80;
}

static void put_frame(struct buffer *out, const struct frame *frame, enum websocket_role role,
                      struct prng *prng)
{
    bool masked = (role == WEBSOCKET_SERVER) != (frame->mask == WRONGLY);
    size_t size = frame->fill > 0 ? frame->fill : frame->size;
    uint8_t mask[4] = {0};

    buffer_append_byte(out, (uint8_t)frame->first);
    put_length(out, frame, size, masked ? 0x80 : 0);
    for (size_t i = 0; masked && i < 4; i++) {
        mask[i] = (uint8_t)prng_next(prng);
        buffer_append_byte(out, mask[i]);
    }
    for (size_t i = 0; i < size; i++) {
        char byte = frame->fill > 0 ? 'x' : frame->payload[i];
        buffer_append_byte(out, (uint8_t)(byte ^ (char)mask[i % 4]));
    }
    ck_assert_uint_le(frame->cut, out->size);
    out->size -= frame->cut;
}

/* ---- Events to text ---- */

static void put_payload(struct buffer *out, const char *word, struct span payload)
{
    bool long_or_zero = payload.size >= LONG_PAYLOAD || (payload.size > 0 && payload.data[0] == 0);
    bool filled = payload.size > 100;

    ck_assert(span_present(payload));
    for (size_t i = 0; i < payload.size && filled; i++)
        filled = payload.data[i] == 'x';
    if (filled || long_or_zero)
        buffer_append_format(out, " %s[%zu]", word, payload.size);
    else
        buffer_append_format(out, " %s(%.*s)", word, SPAN_PRINT(payload));
}

static void put_event(struct buffer *out, const struct websocket_event *event)
{
    switch (event->kind) {
    case WEBSOCKET_EVENT_MESSAGE:
        put_payload(out, "text", event->payload);
        return;
    case WEBSOCKET_EVENT_OVERSIZED:
        buffer_append_format(out, " oversized[%zu of %" PRIu64 "]", event->payload.size,
                             event->size);
        return;
    case WEBSOCKET_EVENT_PING:
        put_payload(out, "ping", event->payload);
        return;
    case WEBSOCKET_EVENT_PONG:
        put_payload(out, "pong", event->payload);
        return;
    case WEBSOCKET_EVENT_CLOSE:
        if (event->payload.size > 100)
            buffer_append_format(out, " close[%d,%zu]", event->code, event->payload.size);
        else
            buffer_append_format(out, " close(%d,%.*s)", event->code, SPAN_PRINT(event->payload));
        return;
    }
}

/* ---- Splits ---- */

enum split { WHOLE, BYTE_BY_BYTE, RANDOM };

static size_t piece_size(enum split split, size_t left, struct prng *prng)
{
    if (split == WHOLE)
        return left;
    if (split == BYTE_BY_BYTE)
        return 1;
    size_t most = left < 20 || prng_below(prng, 2) ? left : 20;
    return 1 + (size_t)prng_below(prng, most);
}

/* Feed one read; each lies in a block of its own, so that a byte too far is noticed. `must` here,
 * because check writes down every assertion, which takes ten times as long as a byte. */
static bool feed(struct websocket_decoder *decoder, struct span piece, struct buffer *out)
{
    uint8_t *data = memory_copy(piece.data, piece.size);
    size_t at = 0;
    bool failed = false;

    while (at < piece.size && !failed) {
        struct websocket_event event;
        struct fault fault = {""};
        uint16_t code = 0;
        size_t used;
        enum status status =
            websocket_decode(decoder, data + at, piece.size - at, &used, &event, &code, &fault);

        must(used <= piece.size - at);
        at += used;
        if (status == STATUS_OK) {
            put_event(out, &event);
        } else if (status == STATUS_MORE) {
            must(at == piece.size);
        } else {
            ck_assert_str_ne(fault.text, "");
            buffer_append_format(out, " fail(%d)", code);
            failed = true;
        }
    }
    memory_free(data);
    return !failed;
}

struct run {
    enum websocket_role role;
    enum split split;
    struct prng *prng;
    size_t message_max;
    size_t oversized_max;
};

static void decode_all(struct span bytes, const struct run *run, struct buffer *out)
{
    struct websocket_decoder decoder;
    bool going = true;

    websocket_decoder_init(&decoder, run->role, run->message_max);
    decoder.oversized_max = run->oversized_max;
    for (size_t at = 0; at < bytes.size && going;) {
        size_t size = piece_size(run->split, bytes.size - at, run->prng);
        going = feed(&decoder, span_of(bytes.data + at, size), out);
        at += size;
    }
    if (!decoder.closed && (decoder.header_size > 0 || decoder.in_frame || decoder.in_message))
        buffer_append_text(out, " more");
    websocket_decoder_finish(&decoder);
}

static void run_case(const struct test_case *row, const struct run *run)
{
    struct buffer bytes = {0};
    struct buffer out = {0};

    for (const struct frame *frame = row->frames; frame->payload || frame->fill; frame++)
        put_frame(&bytes, frame, run->role, run->prng);
    decode_all(buffer_span(&bytes), run, &out);
    buffer_append_byte(&out, 0);
    const char *line = (const char *)out.data + (out.data[0] == ' ');
    ck_assert_msg(strcmp(line, row->expected) == 0,
                  "%s (role %d, split %d): expected \"%s\", got \"%s\"", row->name, (int)run->role,
                  (int)run->split, row->expected, line);
    buffer_finish(&out);
    buffer_finish(&bytes);
}

/* As each role, in each split. */
static void run_everywhere(const struct test_case *rows, size_t count, size_t message_max,
                           size_t oversized_max)
{
    struct prng prng;

    prng_init(&prng, 1);
    for (size_t i = 0; i < count; i++)
        for (int role = WEBSOCKET_SERVER; role <= WEBSOCKET_CLIENT; role++)
            for (int split = WHOLE; split <= RANDOM; split++)
                run_case(&rows[i], &(struct run){(enum websocket_role)role, (enum split)split,
                                                 &prng, message_max, oversized_max});
}

START_TEST(rfc_cases_come_out_the_same_in_every_split)
{
    run_everywhere(cases, sizeof(cases) / sizeof(cases[0]), MESSAGE_MAX, 0);
}
END_TEST

START_TEST(what_is_too_large_is_read_over_the_same_in_every_split)
{
    run_everywhere(oversized_cases, sizeof(oversized_cases) / sizeof(oversized_cases[0]), SMALL_MAX,
                   OVERSIZED_MAX);
}
END_TEST

/* Two reads, with the cut at every byte. */
START_TEST(what_is_too_large_may_be_cut_anywhere)
{
    static const struct frame frames[] = {FILLED(WEBSOCKET_TEXT, 70),
                                          PING("p"),
                                          NEXT("\xce"),
                                          FILLED(WEBSOCKET_CONTINUATION, 0),
                                          LAST("\xba"
                                               "c"),
                                          TEXT("d")};
    struct buffer bytes = {0};
    struct prng prng;

    prng_init(&prng, 3);
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        put_frame(&bytes, &frames[i], WEBSOCKET_SERVER, &prng);
    for (size_t cut = 0; cut <= bytes.size; cut++) {
        struct websocket_decoder decoder;
        struct buffer out = {0};

        websocket_decoder_init(&decoder, WEBSOCKET_SERVER, 69);
        decoder.oversized_max = 100;
        ck_assert(feed(&decoder, span_of(bytes.data, cut), &out));
        ck_assert(feed(&decoder, span_of(bytes.data + cut, bytes.size - cut), &out));
        ck_assert(span_equal(buffer_span(&out), SPAN(" ping(p) oversized[73 of 73] text(d)")));
        buffer_finish(&out);
        websocket_decoder_finish(&decoder);
    }
    buffer_finish(&bytes);
}
END_TEST

/* RFC 6455, section 7.4, and what the registry has added. */
static bool code_may_travel(unsigned code)
{
    static const unsigned named[] = {1000, 1001, 1002, 1003, 1007, 1008,
                                     1009, 1010, 1011, 1012, 1013, 1014};

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        if (code == named[i])
            return true;
    return code >= 3000 && code < 5000;
}

START_TEST(close_codes_that_may_not_travel_are_refused)
{
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        uint8_t frame[] = {FIN | WEBSOCKET_CLOSE, 2, (uint8_t)(code >> 8), (uint8_t)code};
        struct websocket_decoder decoder;
        struct websocket_event event;
        uint16_t answer = 0;
        size_t used;

        websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, MESSAGE_MAX);
        enum status status =
            websocket_decode(&decoder, frame, sizeof(frame), &used, &event, &answer, NULL);
        if (code_may_travel(code)) {
            ck_assert_int_eq(status, STATUS_OK);
            ck_assert_uint_eq(event.code, code);
        } else {
            ck_assert_int_eq(status, STATUS_PROTOCOL);
            ck_assert_uint_eq(answer, WEBSOCKET_CLOSE_PROTOCOL);
        }
        websocket_decoder_finish(&decoder);
    }
}
END_TEST

/* ---- A client that speaks binary ---- */

/* What it makes of two frames; `message` has the bytes of the last message then. */
static enum status hear_as_binary(struct span first, struct span second, struct buffer *message,
                                  uint16_t *code)
{
    struct websocket_decoder decoder;
    struct buffer bytes = {0};
    enum status status = STATUS_OK;

    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, MESSAGE_MAX);
    decoder.spoken = WEBSOCKET_BINARY;
    buffer_append(&bytes, first);
    buffer_append(&bytes, second);
    for (size_t at = 0; at < bytes.size && status == STATUS_OK;) {
        struct websocket_event event;
        size_t used;

        status =
            websocket_decode(&decoder, bytes.data + at, bytes.size - at, &used, &event, code, NULL);
        at += used;
        if (status == STATUS_OK) {
            buffer_clear(message);
            buffer_append(message, event.payload);
        }
    }
    websocket_decoder_finish(&decoder);
    buffer_finish(&bytes);
    return status;
}

START_TEST(a_client_that_speaks_binary_takes_any_bytes)
{
    struct buffer message = {0};
    uint16_t code;

    ck_assert_int_eq(
        hear_as_binary(SPAN("\x82\x03\x00\xff\xc3"), SPAN("\x82\x02\xc0\x80"), &message, &code),
        STATUS_OK);
    ck_assert(span_equal(buffer_span(&message), SPAN("\xc0\x80")));
    /* In fragments. */
    ck_assert_int_eq(
        hear_as_binary(SPAN("\x02\x02\x00\xff"), SPAN("\x80\x01\xc3"), &message, &code), STATUS_OK);
    ck_assert(span_equal(buffer_span(&message), SPAN("\x00\xff\xc3")));
    buffer_finish(&message);
}
END_TEST

START_TEST(a_client_that_speaks_binary_refuses_text)
{
    struct buffer message = {0};
    uint16_t code = 0;

    ck_assert_int_eq(hear_as_binary(SPAN("\x82\x01z"), SPAN("\x81\x01z"), &message, &code),
                     STATUS_PROTOCOL);
    ck_assert_uint_eq(code, WEBSOCKET_CLOSE_UNSUPPORTED);
    ck_assert(span_equal(buffer_span(&message), SPAN("z")));
    buffer_finish(&message);
}
END_TEST

/* ---- Memory ---- */

START_TEST(a_message_whole_in_one_read_is_not_copied)
{
    static const uint8_t mask[4] = {1, 2, 3, 4};
    struct websocket_decoder decoder;
    struct websocket_event event;
    struct buffer frame = {0};
    uint16_t code;
    size_t used;

    websocket_decoder_init(&decoder, WEBSOCKET_SERVER, MESSAGE_MAX);
    websocket_frame_masked(&frame, WEBSOCKET_TEXT, SPAN("[3,1,7,[\"x\"]]"), mask);
    ck_assert_int_eq(websocket_decode(&decoder, frame.data, frame.size, &used, &event, &code, NULL),
                     STATUS_OK);
    ck_assert_uint_eq(used, frame.size);
    ck_assert_ptr_eq(event.payload.data, frame.data + frame.size - event.payload.size);
    ck_assert(span_equal(event.payload, SPAN("[3,1,7,[\"x\"]]")));
    ck_assert_ptr_null(decoder.message.data);
    websocket_decoder_finish(&decoder);
    buffer_finish(&frame);
}
END_TEST

static enum status feed_bytes(struct websocket_decoder *decoder, const char *bytes, size_t size,
                              struct websocket_event *event)
{
    uint8_t *data = memory_copy(bytes, size);
    uint16_t code;
    size_t used;
    enum status status = websocket_decode(decoder, data, size, &used, event, &code, NULL);

    memory_free(data);
    return status;
}

START_TEST(a_declared_length_takes_no_memory)
{
    struct websocket_decoder decoder;
    struct websocket_event event;

    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, MESSAGE_MAX);
    ck_assert_int_eq(feed_bytes(&decoder, "\x81\x7f\0\0\0\0\0\x02\0\0", 10, &event), STATUS_MORE);
    ck_assert_uint_eq(decoder.left, MESSAGE_MAX);
    ck_assert_uint_le(decoder.message.capacity, 64);
    websocket_decoder_finish(&decoder);
}
END_TEST

START_TEST(a_length_above_the_limit_is_refused_at_the_header)
{
    struct websocket_decoder decoder;
    struct websocket_event event;

    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, 100);
    ck_assert_int_eq(feed_bytes(&decoder, "\x01\x60", 2, &event), STATUS_MORE);
    for (int i = 0; i < 0x60; i++)
        ck_assert_int_eq(feed_bytes(&decoder, "x", 1, &event), STATUS_MORE);
    ck_assert_int_eq(feed_bytes(&decoder, "\x80\x05", 2, &event), STATUS_TOO_LARGE);
    websocket_decoder_finish(&decoder);

    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, 100);
    ck_assert_int_eq(feed_bytes(&decoder, "\x81\x65", 2, &event), STATUS_TOO_LARGE);
    ck_assert_ptr_null(decoder.message.data);
    websocket_decoder_finish(&decoder);
}
END_TEST

/* Both numbers, in what fits into a close frame. */
START_TEST(a_message_above_the_limit_is_told_its_size_and_the_limit)
{
    uint8_t frames[] = "\x01\x03xyz\x80\x7f\x7f\xff\xff\xff\xff\xff\xff\xf0";
    struct websocket_decoder decoder;
    struct websocket_event event;
    struct fault fault;
    uint16_t code = 0;
    size_t used;

    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, LIMIT_MESSAGE_BYTES);
    ck_assert_int_eq(
        websocket_decode(&decoder, frames, sizeof(frames) - 1, &used, &event, &code, &fault),
        STATUS_TOO_LARGE);
    ck_assert_int_eq(code, 1009);
    ck_assert_str_eq(fault.text, "a message of at least 9223372036854775795 bytes is above the "
                                 "limit of 1048576");
    ck_assert_uint_le(strlen(fault.text), LIMIT_CONTROL_BYTES - 2);
    websocket_decoder_finish(&decoder);
}
END_TEST

/* Whether it was large from its first frame on, or became so after much of it was kept. */
START_TEST(the_beginning_of_what_is_too_large_is_kept)
{
    static const size_t firsts[] = {0, 1, KEPT - 1, KEPT, KEPT + 1, SMALL_MAX, SMALL_MAX + 1};
    struct buffer text = {0};

    for (size_t i = 0; i < OVERSIZED_MAX; i++)
        buffer_append_byte(&text, (uint8_t)('a' + i % 23));
    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
        struct websocket_decoder decoder;
        struct websocket_event event;
        struct buffer frames = {0};
        struct prng prng;
        struct frame first = {WEBSOCKET_TEXT, (const char *)text.data, firsts[i], 0, 0, 0, 0};
        struct frame last = {
            FIN, (const char *)text.data + firsts[i], text.size - firsts[i], 0, 0, 0, 0};

        prng_init(&prng, i);
        put_frame(&frames, &first, WEBSOCKET_SERVER, &prng);
        put_frame(&frames, &last, WEBSOCKET_SERVER, &prng);
        websocket_decoder_init(&decoder, WEBSOCKET_SERVER, SMALL_MAX);
        decoder.oversized_max = OVERSIZED_MAX;
        ck_assert_int_eq(feed_bytes(&decoder, (const char *)frames.data, frames.size, &event),
                         STATUS_OK);
        ck_assert_int_eq(event.kind, WEBSOCKET_EVENT_OVERSIZED);
        ck_assert_uint_eq(event.size, OVERSIZED_MAX);
        ck_assert(span_equal(event.payload, span_of(text.data, KEPT)));
        buffer_finish(&frames);
        websocket_decoder_finish(&decoder);
    }
    buffer_finish(&text);
}
END_TEST

START_TEST(what_is_read_over_takes_no_memory)
{
    struct websocket_decoder decoder;
    struct websocket_event event;
    char piece[50000];

    memset(piece, 'x', sizeof(piece));
    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, MESSAGE_MAX);
    decoder.oversized_max = SIZE_MAX;
    ck_assert_int_eq(feed_bytes(&decoder, "\x01\x7e\xc3\x50", 4, &event), STATUS_MORE);
    ck_assert_int_eq(feed_bytes(&decoder, piece, sizeof(piece), &event), STATUS_MORE);
    ck_assert_uint_eq(decoder.message.size, sizeof(piece));
    ck_assert_int_eq(feed_bytes(&decoder, "\x00\x7f\0\0\0\x10\0\0\0\0", 10, &event),
                     STATUS_MORE); /* 64 GiB more */
    for (int i = 0; i < 20; i++) {
        ck_assert_uint_le(decoder.message.capacity, KEPT);
        ck_assert_int_eq(feed_bytes(&decoder, piece, sizeof(piece), &event), STATUS_MORE);
    }
    websocket_decoder_finish(&decoder);
}
END_TEST

START_TEST(a_large_message_gives_its_memory_back)
{
    static const char ping[] = {(char)0x89, 0};
    struct websocket_decoder decoder;
    struct websocket_event event;
    char half[50000];

    memset(half, 'x', sizeof(half));
    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, MESSAGE_MAX);
    ck_assert_int_eq(feed_bytes(&decoder, "\x81\x7f\0\0\0\0\0\x01\x86\xa0", 10, &event),
                     STATUS_MORE);
    ck_assert_int_eq(feed_bytes(&decoder, half, sizeof(half), &event), STATUS_MORE);
    ck_assert_int_eq(feed_bytes(&decoder, half, sizeof(half), &event), STATUS_OK);
    ck_assert_uint_eq(event.payload.size, 100000);
    ck_assert_int_eq(feed_bytes(&decoder, ping, sizeof(ping), &event), STATUS_OK);
    ck_assert_ptr_null(decoder.message.data);
    websocket_decoder_finish(&decoder);
}
END_TEST

/* ---- Writing ---- */

START_TEST(frames_written_in_place_equal_the_others)
{
    static const size_t sizes[] = {0, 1, 125, 126, 4000, 65535, 65536, 200000};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct buffer payload = {0};
        struct buffer whole = {0};
        struct buffer in_place = {0};

        for (size_t n = 0; n < sizes[i]; n++)
            buffer_append_byte(&payload, (uint8_t)('a' + n % 26));
        buffer_append_text(&whole, "before");
        websocket_frame(&whole, WEBSOCKET_TEXT, buffer_span(&payload));
        buffer_append_text(&in_place, "before");
        size_t mark = websocket_frame_begin(&in_place);
        buffer_append(&in_place, buffer_span(&payload));
        websocket_frame_end(&in_place, mark);
        ck_assert(span_equal(buffer_span(&whole), buffer_span(&in_place)));
        buffer_finish(&payload);
        buffer_finish(&whole);
        buffer_finish(&in_place);
    }
}
END_TEST

/* Masked or not: the other side reads what was written, at every alignment of the words. */
START_TEST(frames_written_are_read_by_the_other_side)
{
    struct prng prng;

    prng_init(&prng, 2);
    for (size_t size = 0; size < 300; size++) {
        struct buffer payload = {0};
        struct buffer frames = {0};
        struct buffer out = {0};
        uint8_t mask[4];

        for (size_t i = 0; i < 4; i++)
            mask[i] = (uint8_t)prng_next(&prng);
        for (size_t i = 0; i < size; i++)
            buffer_append_byte(&payload, (uint8_t)('a' + i % 26));
        websocket_frame_masked(&frames, WEBSOCKET_TEXT, buffer_span(&payload), mask);
        websocket_frame_masked(&frames, WEBSOCKET_PONG, SPAN("end"), mask);
        decode_all(buffer_span(&frames),
                   &(struct run){WEBSOCKET_SERVER, RANDOM, &prng, MESSAGE_MAX, 0}, &out);
        struct buffer expected = {0};
        put_payload(&expected, "text", buffer_span(&payload));
        buffer_append_text(&expected, " pong(end)");
        ck_assert(span_equal(buffer_span(&out), buffer_span(&expected)));
        buffer_finish(&expected);
        buffer_finish(&payload);
        buffer_finish(&frames);
        buffer_finish(&out);
    }
}
END_TEST

START_TEST(a_close_reason_is_cut_between_code_points)
{
    struct buffer reason = {0};
    uint8_t payload[LIMIT_CONTROL_BYTES];

    for (int i = 0; i < 200; i++)
        buffer_append_text(&reason, "ß");
    buffer_append_byte(&reason, 0);
    ck_assert_uint_eq(websocket_close_payload(payload, 1001, (const char *)reason.data), 2 + 122);
    ck_assert(utf8_check(span_of(payload + 2, 122), NULL));
    ck_assert_uint_eq(websocket_close_payload(payload, 1000, NULL), 2);
    ck_assert_uint_eq(websocket_close_payload(payload, WEBSOCKET_CLOSE_NO_CODE, "lost"), 0);
    buffer_finish(&reason);

    struct buffer frame = {0};
    websocket_close_frame(&frame, 1000, "bye");
    ck_assert(span_equal(buffer_span(&frame), SPAN("\x88\x05\x03\xe8"
                                                   "bye")));
    buffer_finish(&frame);
}
END_TEST

TEST_MAIN("websocket", rfc_cases_come_out_the_same_in_every_split,
          what_is_too_large_is_read_over_the_same_in_every_split,
          what_is_too_large_may_be_cut_anywhere, the_beginning_of_what_is_too_large_is_kept,
          what_is_read_over_takes_no_memory, close_codes_that_may_not_travel_are_refused,
          a_client_that_speaks_binary_takes_any_bytes, a_client_that_speaks_binary_refuses_text,
          a_message_whole_in_one_read_is_not_copied, a_declared_length_takes_no_memory,
          a_length_above_the_limit_is_refused_at_the_header,
          a_message_above_the_limit_is_told_its_size_and_the_limit,
          a_large_message_gives_its_memory_back, frames_written_in_place_equal_the_others,
          frames_written_are_read_by_the_other_side, a_close_reason_is_cut_between_code_points)
