/* fuzz_websocket - any bytes, in any split, give the events that they give when fed whole.
 *
 * input: role | split seed | bytes. Memory stays within what the limit allows. */
#include "protocol/websocket.h"

#include "base/memory.h"
#include "base/prng.h"

enum { MESSAGE_MAX = 300, SIZE_OF_HEAD = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Write down the events of one read; false when the peer broke the protocol. */
static bool feed(struct websocket_decoder *decoder, struct span piece, struct buffer *out)
{
    uint8_t *copy = memory_copy(piece.data, piece.size);
    enum status status = STATUS_OK;
    size_t at = 0;

    while (at < piece.size && status == STATUS_OK) {
        struct websocket_event event = {0};
        uint16_t code = 0;
        size_t used;

        status = websocket_decode(decoder, copy + at, piece.size - at, &used, &event, &code, NULL);
        must(used <= piece.size - at);
        at += used;
        must(status != STATUS_MORE || at == piece.size);
        must(decoder->message.size <= MESSAGE_MAX);
        must(decoder->message.capacity <= 2 * MESSAGE_MAX);
        if (status == STATUS_OK) {
            must(event.kind != WEBSOCKET_EVENT_MESSAGE || utf8_check(event.payload, NULL));
            buffer_append_format(out, "%d %d %zu:", (int)event.kind, event.code,
                                 event.payload.size);
            buffer_append(out, event.payload);
        } else if (status != STATUS_MORE) {
            buffer_append_format(out, "failed %d", code);
        }
    }
    memory_free(copy);
    return status == STATUS_OK || status == STATUS_MORE;
}

static void decode(struct span bytes, enum websocket_role role, struct prng *prng,
                   struct buffer *out)
{
    struct websocket_decoder decoder;
    bool going = true;

    websocket_decoder_init(&decoder, role, MESSAGE_MAX);
    for (size_t at = 0; at < bytes.size && going;) {
        size_t left = bytes.size - at;
        size_t most = left < 16 ? left : 16;
        size_t size = prng == NULL ? left : 1 + (size_t)prng_below(prng, most);

        going = feed(&decoder, span_of(bytes.data + at, size), out);
        at += size;
    }
    websocket_decoder_finish(&decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer whole = {0};
    struct buffer split = {0};
    struct prng prng;

    if (size < SIZE_OF_HEAD)
        return 0;
    enum websocket_role role = data[0] & 1 ? WEBSOCKET_CLIENT : WEBSOCKET_SERVER;
    struct span bytes = span_of(data + SIZE_OF_HEAD, size - SIZE_OF_HEAD);

    prng_init(&prng, data[1]);
    decode(bytes, role, NULL, &whole);
    decode(bytes, role, &prng, &split);
    must(span_equal(buffer_span(&whole), buffer_span(&split)));
    buffer_finish(&whole);
    buffer_finish(&split);
    return 0;
}
