/* fuzz_websocket - any bytes, in any split, give the events that they give when fed whole.
 *
 * input: role, whether what is too large is read over, and whether binary is spoken | split seed |
 * bytes. Memory stays within what the limits allow. */
#include "protocol/websocket.h"

#include "base/memory.h"
#include "base/prng.h"

enum { MESSAGE_MAX = 300, OVERSIZED_MAX = 9000, SIZE_OF_HEAD = 2 };
enum { IS_CLIENT = 1, READS_OVER = 2, IS_BINARY = 4 }; /* in the first byte */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_memory(const struct websocket_decoder *decoder)
{
    size_t most = decoder->oversized_max > 0 ? LIMIT_OVERSIZED_KEPT_BYTES : MESSAGE_MAX;

    must(decoder->message.size <= most);
    must(decoder->message.capacity <= 2 * most);
}

static void check_event(const struct websocket_event *event, bool binary)
{
    if (event->kind == WEBSOCKET_EVENT_MESSAGE) {
        must(event->payload.size <= MESSAGE_MAX && (binary || utf8_check(event->payload, NULL)));
    } else if (event->kind == WEBSOCKET_EVENT_OVERSIZED) {
        must(event->size > MESSAGE_MAX && event->size <= OVERSIZED_MAX);
        must(event->payload.size ==
             (event->size < LIMIT_OVERSIZED_KEPT_BYTES ? event->size : LIMIT_OVERSIZED_KEPT_BYTES));
    }
}

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
        check_memory(decoder);
        if (status == STATUS_OK) {
            check_event(&event, decoder->spoken == WEBSOCKET_BINARY);
            buffer_append_format(out, "%d %d %zu %zu:", (int)event.kind, event.code,
                                 (size_t)event.size, event.payload.size);
            buffer_append(out, event.payload);
        } else if (status != STATUS_MORE) {
            buffer_append_format(out, "failed %d", code);
        }
    }
    memory_free(copy);
    return status == STATUS_OK || status == STATUS_MORE;
}

static void decode(struct span bytes, int kind, struct prng *prng, struct buffer *out)
{
    enum websocket_role role = kind & IS_CLIENT ? WEBSOCKET_CLIENT : WEBSOCKET_SERVER;
    struct websocket_decoder decoder;
    bool going = true;

    websocket_decoder_init(&decoder, role, MESSAGE_MAX);
    decoder.spoken = kind & IS_BINARY ? WEBSOCKET_BINARY : WEBSOCKET_TEXT;
    decoder.oversized_max = kind & READS_OVER ? OVERSIZED_MAX : 0;
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
    struct span bytes = span_of(data + SIZE_OF_HEAD, size - SIZE_OF_HEAD);

    prng_init(&prng, data[1]);
    decode(bytes, data[0], NULL, &whole);
    decode(bytes, data[0], &prng, &split);
    must(span_equal(buffer_span(&whole), buffer_span(&split)));
    buffer_finish(&whole);
    buffer_finish(&split);
    return 0;
}
