/* fuzz_node_message - what is read is written again as the same bytes: a message has one spelling,
 * and so has each entry in its body. */
#include "protocol/node_message.h"

#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entries(struct span body)
{
    struct buffer again = {0};
    struct node_entry entry;
    struct span rest = body;

    while (node_entry_next(&rest, &entry))
        node_entry_write(&again, &entry);
    must(rest.size <= body.size);
    must(span_equal(buffer_span(&again), span_of(body.data, body.size - rest.size)));
    buffer_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = memory_copy(data, size); /* of exactly this size, for the sanitizer */
    struct span bytes = span_of(copy, size);
    struct node_message message;
    struct buffer again = {0};

    if (node_message_read(bytes, &message, NULL) == STATUS_OK) {
        node_message_write(&again, &message);
        must(span_equal(buffer_span(&again), bytes));
        if (message.kind == NODE_ENTRIES && span_present(message.body))
            check_entries(message.body);
    }
    buffer_finish(&again);
    memory_free(copy);
    return 0;
}
