#include "protocol/websocket.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"

enum {
    FINAL = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0F,
    CONTROL = 0x08, /* the bit that all control opcodes have */
    MASKED = 0x80,
    LENGTH = 0x7F,
    LENGTH_16 = 126, /* the length is in the next two bytes */
    LENGTH_64 = 127, /* … in the next eight */
    FIRST_BYTES = 2, /* every header has them, and they tell how long it is */
    MASK_SIZE = 4,
    SHORT_HEADER = 4, /* that of an unmasked frame of 126 to 65,535 bytes */
    KEPT_CAPACITY = 4096
};

void websocket_decoder_init(struct websocket_decoder *decoder, enum websocket_role role,
                            size_t message_max)
{
    *decoder = (struct websocket_decoder){
        .role = role, .spoken = WEBSOCKET_TEXT, .message_max = message_max};
}

void websocket_decoder_finish(struct websocket_decoder *decoder)
{
    buffer_finish(&decoder->message);
}

/* ---- Why a connection ends ---- */

/* One call of websocket_decode(): what it reads, and what is wrong with it. */
struct reading {
    uint8_t *at;
    uint8_t *end;
    uint16_t code;
    struct fault *fault;
};

static enum status refuse(struct reading *reading, uint16_t code, const char *text)
{
    reading->code = code;
    return fault_set(reading->fault,
                     code == WEBSOCKET_CLOSE_INVALID ? STATUS_MALFORMED_UTF8 : STATUS_PROTOCOL,
                     "%s", text);
}

static enum status refuse_protocol(struct reading *reading, const char *text)
{
    return refuse(reading, WEBSOCKET_CLOSE_PROTOCOL, text);
}

/* For the peer, who has to find out what it sent: in a close frame there is room for both numbers.
 */
static enum status refuse_size(struct reading *reading, uint64_t size, size_t size_max)
{
    reading->code = WEBSOCKET_CLOSE_TOO_LARGE;
    return fault_set(reading->fault, STATUS_TOO_LARGE,
                     "a message of at least %" PRIu64 " bytes is above the limit of %zu", size,
                     size_max);
}

/* ---- Headers ---- */

static size_t header_needed(const struct websocket_decoder *decoder)
{
    if (decoder->header_size < FIRST_BYTES)
        return FIRST_BYTES;
    uint8_t length = decoder->header[1] & LENGTH;
    size_t extended = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
    size_t mask = decoder->header[1] & MASKED ? MASK_SIZE : 0;

    return FIRST_BYTES + extended + mask;
}

static bool header_fill(struct websocket_decoder *decoder, struct reading *reading)
{
    size_t owed = header_needed(decoder) - decoder->header_size;
    size_t there = (size_t)(reading->end - reading->at);
    size_t taken = owed < there ? owed : there;

    memcpy(decoder->header + decoder->header_size, reading->at, taken);
    decoder->header_size = (uint8_t)(decoder->header_size + taken);
    reading->at += taken;
    return taken == owed;
}

/* May a data frame with this opcode come now? */
static enum status check_data_opcode(const struct websocket_decoder *decoder, uint8_t opcode,
                                     struct reading *reading)
{
    switch (opcode) {
    case WEBSOCKET_CONTINUATION:
        return decoder->in_message ? STATUS_OK
                                   : refuse_protocol(reading, "a continuation of no message");
    case WEBSOCKET_TEXT:
    case WEBSOCKET_BINARY:
        if (decoder->in_message)
            return refuse_protocol(reading, "a new message before the last one has ended");
        return opcode == decoder->spoken
                   ? STATUS_OK
                   : refuse(reading, WEBSOCKET_CLOSE_UNSUPPORTED,
                            opcode == WEBSOCKET_BINARY ? "binary messages are not spoken here"
                                                       : "text messages are not spoken here");
    default:
        return refuse_protocol(reading, "a reserved opcode");
    }
}

/* Judge the first two bytes alone, so that nonsense is answered at once. */
static enum status check_first_bytes(const struct websocket_decoder *decoder,
                                     struct reading *reading)
{
    uint8_t first = decoder->header[0];
    uint8_t second = decoder->header[1];
    uint8_t opcode = first & OPCODE;

    if (first & RESERVED)
        return refuse_protocol(reading, "a reserved bit is set");
    if ((second & MASKED) == 0 && decoder->role == WEBSOCKET_SERVER)
        return refuse_protocol(reading, "a frame from a client has to be masked");
    if ((second & MASKED) != 0 && decoder->role == WEBSOCKET_CLIENT)
        return refuse_protocol(reading, "a frame from a server may not be masked");
    if ((opcode & CONTROL) == 0)
        return check_data_opcode(decoder, opcode, reading);
    if (opcode > WEBSOCKET_PONG)
        return refuse_protocol(reading, "a reserved opcode");
    if ((first & FINAL) == 0)
        return refuse_protocol(reading, "a control frame in fragments");
    if ((second & LENGTH) > LIMIT_CONTROL_BYTES)
        return refuse_protocol(reading, "a control frame above 125 bytes");
    return STATUS_OK;
}

/* The payload's length, which has to be written in its shortest form. */
static enum status read_length(const struct websocket_decoder *decoder, uint64_t *length,
                               struct reading *reading)
{
    const uint8_t *header = decoder->header;
    uint8_t brief = header[1] & LENGTH;
    uint64_t value = 0;

    if (brief < LENGTH_16) {
        *length = brief;
        return STATUS_OK;
    }
    size_t bytes = brief == LENGTH_16 ? 2 : 8;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | header[FIRST_BYTES + i];
    if (value > INT64_MAX)
        return refuse_protocol(reading, "the top bit of a length is set");
    if (value < (brief == LENGTH_16 ? LENGTH_16 : UINT64_C(0x10000)))
        return refuse_protocol(reading, "a length that is not in its shortest form");
    *length = value;
    return STATUS_OK;
}

/* Of a message that has become too large only the beginning stays. */
static void keep_beginning(struct buffer *message)
{
    struct buffer beginning = {0};

    if (message->size <= LIMIT_OVERSIZED_KEPT_BYTES)
        return;
    buffer_append(&beginning, span_of(message->data, LIMIT_OVERSIZED_KEPT_BYTES));
    buffer_finish(message);
    *message = beginning;
}

/* May the open message become longer by so much? It may have to be read over from here on. */
static enum status check_size(struct websocket_decoder *decoder, uint64_t length,
                              struct reading *reading)
{
    uint64_t held = 0;

    if (decoder->in_message)
        held = decoder->oversized > 0 ? decoder->oversized : decoder->message.size;
    if (held <= decoder->message_max && length <= decoder->message_max - held)
        return STATUS_OK;
    if (held + length > decoder->oversized_max)
        return refuse_size(reading, held + length, decoder->message_max);
    decoder->oversized = held + length;
    keep_beginning(&decoder->message);
    return STATUS_OK;
}

/* The header is whole: open its frame. */
static enum status open_frame(struct websocket_decoder *decoder, struct reading *reading)
{
    uint8_t opcode = decoder->header[0] & OPCODE;
    uint64_t length = 0;
    enum status status = read_length(decoder, &length, reading);

    if (status == STATUS_OK && (opcode & CONTROL) == 0)
        status = check_size(decoder, length, reading);
    if (status != STATUS_OK)
        return status;
    if (opcode == decoder->spoken)
        decoder->in_message = true;
    if (decoder->role == WEBSOCKET_SERVER)
        memcpy(decoder->mask, decoder->header + decoder->header_size - MASK_SIZE, MASK_SIZE);
    decoder->opcode = opcode;
    decoder->final = decoder->header[0] & FINAL;
    decoder->left = length;
    decoder->in_frame = true;
    decoder->header_size = 0;
    decoder->control_size = 0;
    return STATUS_OK;
}

static enum status read_header(struct websocket_decoder *decoder, struct reading *reading)
{
    if (decoder->header_size < FIRST_BYTES) {
        if (!header_fill(decoder, reading))
            return STATUS_MORE;
        enum status status = check_first_bytes(decoder, reading);
        if (status != STATUS_OK)
            return status;
    }
    return header_fill(decoder, reading) ? open_frame(decoder, reading) : STATUS_MORE;
}

/* ---- Payloads ---- */

/* XOR with the mask, on machine words; afterwards the mask is turned to the next byte. */
static void unmask(uint8_t *data, size_t size, uint8_t mask[MASK_SIZE])
{
    uint8_t twice[2 * MASK_SIZE];
    uint64_t wide;
    size_t i = 0;

    memcpy(twice, mask, MASK_SIZE);
    memcpy(twice + MASK_SIZE, mask, MASK_SIZE);
    memcpy(&wide, twice, sizeof(wide));
    for (; i + sizeof(wide) <= size; i += sizeof(wide)) {
        uint64_t word;

        memcpy(&word, data + i, sizeof(word));
        word ^= wide;
        memcpy(data + i, &word, sizeof(word));
    }
    for (; i < size; i++)
        data[i] ^= mask[i % MASK_SIZE];
    memcpy(mask, twice + size % MASK_SIZE, MASK_SIZE);
}

/* What has arrived of the open frame's payload, unmasked where it lies. */
static struct span take_piece(struct websocket_decoder *decoder, struct reading *reading)
{
    size_t there = (size_t)(reading->end - reading->at);
    size_t size = decoder->left < there ? (size_t)decoder->left : there;
    struct span piece = span_of(reading->at, size);

    if (decoder->role == WEBSOCKET_SERVER)
        unmask(reading->at, size, decoder->mask);
    reading->at += size;
    decoder->left -= size;
    decoder->in_frame = decoder->left > 0;
    return piece;
}

static bool close_code_allowed(uint16_t code)
{
    if (code >= 3000)
        return code <= 4999; /* for libraries and applications */
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

static enum status read_close(struct websocket_decoder *decoder, struct span payload,
                              struct websocket_event *event, struct reading *reading)
{
    uint16_t code = WEBSOCKET_CLOSE_NO_CODE;

    if (payload.size == 1)
        return refuse_protocol(reading, "half a close code");
    if (payload.size >= 2) {
        code = (uint16_t)(payload.data[0] << 8 | payload.data[1]);
        if (!close_code_allowed(code))
            return refuse_protocol(reading, "a close code that may not be sent");
        payload = span_of(payload.data + 2, payload.size - 2);
        if (!utf8_check(payload, NULL))
            return refuse(reading, WEBSOCKET_CLOSE_INVALID, "a close reason that is not UTF-8");
    }
    decoder->closed = true;
    *event =
        (struct websocket_event){.kind = WEBSOCKET_EVENT_CLOSE, .code = code, .payload = payload};
    return STATUS_OK;
}

static enum status read_control(struct websocket_decoder *decoder, struct span piece,
                                struct websocket_event *event, struct reading *reading)
{
    if (decoder->in_frame || decoder->control_size > 0) {
        must(piece.size <= sizeof(decoder->control) - decoder->control_size);
        memcpy(decoder->control + decoder->control_size, piece.data, piece.size);
        decoder->control_size = (uint8_t)(decoder->control_size + piece.size);
        piece = span_of(decoder->control, decoder->control_size);
    }
    if (decoder->in_frame)
        return STATUS_MORE;
    if (decoder->opcode == WEBSOCKET_CLOSE)
        return read_close(decoder, piece, event, reading);
    *event = (struct websocket_event){
        .kind = decoder->opcode == WEBSOCKET_PING ? WEBSOCKET_EVENT_PING : WEBSOCKET_EVENT_PONG,
        .payload = piece,
    };
    return STATUS_OK;
}

/* Is the open message what it says it is, so far? Binary may be anything. */
static bool check_encoding(struct websocket_decoder *decoder, struct span piece, bool whole)
{
    return decoder->spoken == WEBSOCKET_BINARY ||
           (utf8_checker_feed(&decoder->checker, piece) &&
            (!whole || utf8_checker_complete(&decoder->checker)));
}

/* Read over a piece of a message that is too large. */
static enum status read_oversized(struct websocket_decoder *decoder, struct span piece, bool whole,
                                  struct websocket_event *event)
{
    size_t room = LIMIT_OVERSIZED_KEPT_BYTES - decoder->message.size;

    buffer_append(&decoder->message, span_of(piece.data, piece.size < room ? piece.size : room));
    if (!whole)
        return STATUS_MORE;
    *event = (struct websocket_event){
        .kind = WEBSOCKET_EVENT_OVERSIZED,
        .payload = buffer_span(&decoder->message),
        .size = decoder->oversized,
    };
    decoder->in_message = false;
    decoder->oversized = 0;
    return STATUS_OK;
}

static enum status read_data(struct websocket_decoder *decoder, struct span piece,
                             struct websocket_event *event, struct reading *reading)
{
    bool whole = !decoder->in_frame && decoder->final;

    if (!check_encoding(decoder, piece, whole))
        return refuse(reading, WEBSOCKET_CLOSE_INVALID, "a message that is not UTF-8");
    if (decoder->oversized > 0)
        return read_oversized(decoder, piece, whole, event);
    if (!whole || decoder->message.size > 0) {
        buffer_append(&decoder->message, piece);
        piece = buffer_span(&decoder->message);
    }
    if (!whole)
        return STATUS_MORE;
    decoder->in_message = false;
    *event = (struct websocket_event){.kind = WEBSOCKET_EVENT_MESSAGE, .payload = piece};
    return STATUS_OK;
}

/* A message that was handed out from our buffer is borrowed no longer. A large one gives its
 * memory back: most connections never send another. */
static void forget_message(struct websocket_decoder *decoder)
{
    if (decoder->message.capacity > KEPT_CAPACITY)
        buffer_finish(&decoder->message);
    else
        buffer_clear(&decoder->message);
}

/* Read frames until one gives an event. An empty payload is complete without another byte. */
static enum status read_frames(struct websocket_decoder *decoder, struct websocket_event *event,
                               struct reading *reading)
{
    for (;;) {
        if (!decoder->in_frame) {
            enum status status = read_header(decoder, reading);
            if (status != STATUS_OK)
                return status;
        } else if (reading->at == reading->end) {
            return STATUS_MORE;
        }
        struct span piece = take_piece(decoder, reading);
        enum status status = decoder->opcode & CONTROL
                                 ? read_control(decoder, piece, event, reading)
                                 : read_data(decoder, piece, event, reading);
        if (status != STATUS_MORE)
            return status;
    }
}

enum status websocket_decode(struct websocket_decoder *decoder, uint8_t *data, size_t size,
                             size_t *used, struct websocket_event *event, uint16_t *code,
                             struct fault *fault)
{
    struct reading reading = {.at = data, .end = data + size, .fault = fault};

    *used = size;
    if (!decoder->in_message)
        forget_message(decoder);
    if (decoder->closed || size == 0)
        return STATUS_MORE;

    enum status status = read_frames(decoder, event, &reading);
    *used = (size_t)(reading.at - data);
    if (status != STATUS_OK && status != STATUS_MORE) {
        decoder->closed = true;
        *code = reading.code;
    }
    return status;
}

/* ---- Writing ---- */

static size_t put_header(uint8_t *out, enum websocket_opcode opcode, size_t size, uint8_t masked)
{
    out[0] = (uint8_t)(FINAL | (uint8_t)opcode);
    if (size < LENGTH_16) {
        out[1] = (uint8_t)(masked | (uint8_t)size);
        return FIRST_BYTES;
    }
    size_t bytes = size <= UINT16_MAX ? 2 : 8;

    out[1] = (uint8_t)(masked | (bytes == 2 ? LENGTH_16 : LENGTH_64));
    for (size_t i = 0; i < bytes; i++)
        out[FIRST_BYTES + i] = (uint8_t)((uint64_t)size >> 8 * (bytes - 1 - i));
    return FIRST_BYTES + bytes;
}

void websocket_frame_header(struct buffer *out, enum websocket_opcode opcode, size_t size)
{
    buffer_grow(out, put_header(buffer_reserve(out, WEBSOCKET_HEADER_MAX), opcode, size, 0));
}

void websocket_frame(struct buffer *out, enum websocket_opcode opcode, struct span payload)
{
    websocket_frame_header(out, opcode, payload.size);
    buffer_append(out, payload);
}

void websocket_frame_masked(struct buffer *out, enum websocket_opcode opcode, struct span payload,
                            const uint8_t mask[4])
{
    uint8_t turning[MASK_SIZE];
    uint8_t *header = buffer_reserve(out, WEBSOCKET_HEADER_MAX + payload.size);

    buffer_grow(out, put_header(header, opcode, payload.size, MASKED));
    buffer_append(out, span_of(mask, MASK_SIZE));
    size_t start = out->size;
    buffer_append(out, payload);
    memcpy(turning, mask, MASK_SIZE);
    unmask(out->data + start, payload.size, turning);
}

size_t websocket_close_payload(uint8_t out[LIMIT_CONTROL_BYTES], uint16_t code, const char *reason)
{
    struct span text = span_of_string(reason);
    size_t room = LIMIT_CONTROL_BYTES - 2;

    if (code == WEBSOCKET_CLOSE_NO_CODE)
        return 0;
    if (text.size > room) {
        /* Do not cut where a continuation byte would begin the lost part. */
        text.size = room;
        while (text.size > 0 && (text.data[text.size] & 0xC0) == 0x80)
            text.size--;
    }
    out[0] = (uint8_t)(code >> 8);
    out[1] = (uint8_t)code;
    if (text.size > 0)
        memcpy(out + 2, text.data, text.size);
    return 2 + text.size;
}

void websocket_close_frame(struct buffer *out, uint16_t code, const char *reason)
{
    uint8_t payload[LIMIT_CONTROL_BYTES];
    size_t size = websocket_close_payload(payload, code, reason);

    websocket_frame(out, WEBSOCKET_CLOSE, span_of(payload, size));
}

/* The room that is left is the header of frames of 126 to 65,535 bytes: those stay where they are,
 * short ones are cheap to move by two bytes, and longer ones are rare. */
size_t websocket_frame_begin(struct buffer *out)
{
    buffer_reserve(out, SHORT_HEADER);
    buffer_grow(out, SHORT_HEADER);
    return out->size - SHORT_HEADER;
}

void websocket_frame_end(struct buffer *out, size_t mark)
{
    uint8_t header[WEBSOCKET_HEADER_MAX];

    must(mark + SHORT_HEADER <= out->size);
    size_t size = out->size - mark - SHORT_HEADER;
    size_t header_size = put_header(header, WEBSOCKET_TEXT, size, 0);

    buffer_reserve(out, WEBSOCKET_HEADER_MAX);
    if (header_size != SHORT_HEADER && size > 0)
        memmove(out->data + mark + header_size, out->data + mark + SHORT_HEADER, size);
    memcpy(out->data + mark, header, header_size);
    out->size = mark + header_size + size;
}
