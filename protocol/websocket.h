/* websocket - RFC 6455 frames, bytes in and bytes out; no socket inside.
 *
 *   bytes of any split  ->  websocket_decode()  ->  message | oversized | ping | pong | close
 *
 * The decoder unmasks in place: a message that arrives whole in one read is handed out as a span of
 * the caller's own bytes. Only a message in pieces is put together in the decoder's buffer, which
 * grows with what has arrived, not with what was declared, and never above `message_max`. Of a
 * larger message the beginning is kept and the rest thrown away as it comes, up to `oversized_max`:
 * whoever sent it can be told which one it was, and goes on. Text is checked as UTF-8 while it
 * arrives, what is thrown away as well. What comes out depends on the bytes alone, not on how they
 * were split. Server frames are unmasked, so the bytes of one encoded frame serve every reader.
 *
 * Refused although some tolerate it: lengths that are not in their shortest form, and messages of
 * the kind that is not spoken. Text is; only a client of somebody else's server may say that it
 * speaks binary. */
#ifndef PROTOCOL_WEBSOCKET_H
#define PROTOCOL_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/span.h"
#include "base/utf8.h"

enum websocket_opcode {
    WEBSOCKET_CONTINUATION = 0x0,
    WEBSOCKET_TEXT = 0x1,
    WEBSOCKET_BINARY = 0x2,
    WEBSOCKET_CLOSE = 0x8,
    WEBSOCKET_PING = 0x9,
    WEBSOCKET_PONG = 0xA
};

/* Close codes (RFC 6455, section 7.4.1, and the IANA registry). */
enum websocket_close_code {
    WEBSOCKET_CLOSE_NORMAL = 1000,
    WEBSOCKET_CLOSE_GOING_AWAY = 1001,
    WEBSOCKET_CLOSE_PROTOCOL = 1002,
    WEBSOCKET_CLOSE_UNSUPPORTED = 1003,
    WEBSOCKET_CLOSE_NO_CODE = 1005,
    WEBSOCKET_CLOSE_INVALID = 1007,
    WEBSOCKET_CLOSE_POLICY = 1008,
    WEBSOCKET_CLOSE_TOO_LARGE = 1009,
    WEBSOCKET_CLOSE_INTERNAL = 1011,
    WEBSOCKET_CLOSE_TRY_LATER = 1013
};

enum websocket_role {
    WEBSOCKET_SERVER,
    WEBSOCKET_CLIENT
}; /* whose decoder: servers get masked frames */

enum { WEBSOCKET_HEADER_MAX = 14 };

struct websocket_decoder {
    enum websocket_role role;
    uint8_t spoken;        /* WEBSOCKET_TEXT; a client may change it to WEBSOCKET_BINARY */
    size_t message_max;    /* bytes of a message; may be changed between messages … */
    size_t oversized_max;  /* … as may those of one that is only read over; 0 = none is */
    struct buffer message; /* pieces of a message in more than one read or frame */
    uint64_t oversized;    /* bytes of the open message with those of the open frame, when they
                              are above `message_max`: `message` is its beginning; else 0 */
    struct utf8_checker checker; /* of the open message; as new when none is open */
    uint64_t left;               /* payload bytes of the open frame still to come */
    uint8_t mask[4];             /* of the open frame, turned to its next byte */
    uint8_t opcode;              /* of the open frame */
    bool final;                  /* the open frame ends its message */
    bool in_frame;               /* the header of the open frame was read whole */
    bool in_message;             /* a message has begun and not ended */
    bool closed;                 /* a close frame or a failure came: nothing after it is read */
    uint8_t header_size;         /* bytes in `header`: of a frame whose header was cut */
    uint8_t control_size;        /* bytes in `control`: of a control frame that was cut */
    uint8_t header[WEBSOCKET_HEADER_MAX];
    uint8_t control[LIMIT_CONTROL_BYTES];
};

enum websocket_event_kind {
    WEBSOCKET_EVENT_MESSAGE,   /* a whole message, of the kind that is spoken */
    WEBSOCKET_EVENT_OVERSIZED, /* the beginning of one that was above `message_max`: at most
                                  LIMIT_OVERSIZED_KEPT_BYTES, maybe cut within a code point */
    WEBSOCKET_EVENT_PING,      /* answer with a pong of the same bytes */
    WEBSOCKET_EVENT_PONG,
    WEBSOCKET_EVENT_CLOSE /* the peer's close frame: its code (NO_CODE if none) and reason */
};

struct websocket_event {
    enum websocket_event_kind kind;
    uint16_t code;       /* of a close frame */
    struct span payload; /* borrowed until the next call */
    uint64_t size;       /* OVERSIZED: bytes of the whole message */
};

/* No message above `message_max` is read over before `oversized_max` says so. */
void websocket_decoder_init(struct websocket_decoder *decoder, enum websocket_role role,
                            size_t message_max);
void websocket_decoder_finish(struct websocket_decoder *decoder);

/* Read on in `data`, which is changed (unmasked) in place. OK: one event is stored; `used` bytes
 * were read and the rest has to be fed again. MORE: all was read, no event. Else the peer broke the
 * protocol: PROTOCOL, MALFORMED_UTF8 or TOO_LARGE with `fault`; `code` is then the close code
 * to answer with (1002, or 1003 for what is not spoken; 1007; 1009). After a close frame or a
 * failure whatever comes is read and ignored. */
MUST_CHECK enum status websocket_decode(struct websocket_decoder *decoder, uint8_t *data,
                                        size_t size, size_t *used, struct websocket_event *event,
                                        uint16_t *code, struct fault *fault);

/* Append the header of one unmasked, final frame with `size` bytes of payload to come. */
void websocket_frame_header(struct buffer *out, enum websocket_opcode opcode, size_t size);

/* Append one whole unmasked, final frame. */
void websocket_frame(struct buffer *out, enum websocket_opcode opcode, struct span payload);

/* The same as a client sends it, with `mask` (drawn by the caller). */
void websocket_frame_masked(struct buffer *out, enum websocket_opcode opcode, struct span payload,
                            const uint8_t mask[4]);

/* The payload of a close frame, at most 125 bytes; returns its size. `reason` (UTF-8, NULL for
 * none) is cut to 123 bytes between code points. NO_CODE, which may not travel, gives no payload.
 */
size_t websocket_close_payload(uint8_t out[LIMIT_CONTROL_BYTES], uint16_t code, const char *reason);

/* Append a close frame with this payload. */
void websocket_close_frame(struct buffer *out, uint16_t code, const char *reason);

/* For frames that are written in place: leave room, write the payload behind it, then let the
 * header be put in front. Returns the mark for websocket_frame_end(). */
size_t websocket_frame_begin(struct buffer *out);

/* Put the header of a final text frame before what was appended since `mark`; the payload may
 * move by a few bytes. */
void websocket_frame_end(struct buffer *out, size_t mark);

#endif
