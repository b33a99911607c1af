/* frame_lines - what WebSocket frames carry, a line for each message. */
#ifndef TESTS_COLLAB_FRAME_LINES_H
#define TESTS_COLLAB_FRAME_LINES_H

#include <check.h>

#include "base/buffer.h"
#include "protocol/websocket.h"

/* The messages in `frames`, which is emptied, have to be these. */
static inline void frame_lines_expect(struct buffer *frames, const char *expected)
{
    struct websocket_decoder decoder;
    struct buffer lines = {0};
    size_t at = 0;

    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, SIZE_MAX);
    while (at < frames->size) {
        struct websocket_event event;
        uint16_t code;
        size_t used;

        ck_assert_int_eq(websocket_decode(&decoder, frames->data + at, frames->size - at, &used,
                                          &event, &code, NULL),
                         STATUS_OK);
        ck_assert_int_eq(event.kind, WEBSOCKET_EVENT_MESSAGE);
        buffer_append(&lines, event.payload);
        buffer_append_byte(&lines, '\n');
        at += used;
    }
    ck_assert_msg(span_equal(buffer_span(&lines), span_of_string(expected)), "wrote\n%.*s",
                  SPAN_PRINT(buffer_span(&lines)));
    websocket_decoder_finish(&decoder);
    buffer_finish(&lines);
    buffer_finish(frames);
}

#endif
