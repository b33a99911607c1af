/* Any bytes as the records of a capture, and as what a request came back with: they are read or
 * refused, and what a record says is written again as the same bytes. */
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/must.h"
#include "server/collab/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_records(struct span bytes)
{
    struct capture_record record;
    uint64_t now_ms = 0;
    uint64_t count = 0;

    while (capture_read(&bytes, count, &now_ms, &record, NULL) == STATUS_OK &&
           record.kind != CAPTURE_END)
        count++;
}

/* The fields of one record, without the check before them. */
static void describe(struct span bytes)
{
    struct archive archive = {.in = bytes};
    struct capture_record record = {0};
    struct buffer again = {0};
    uint64_t now_ms = 0;

    capture_describe(&archive, &record, &now_ms);
    if (!archive.failed) {
        struct capture_record second = {0};

        now_ms = 0;
        archive = (struct archive){.out = &again};
        capture_describe(&archive, &record, &now_ms);
        now_ms = 0;
        archive = (struct archive){.in = buffer_span(&again)};
        capture_describe(&archive, &second, &now_ms);
        must(!archive.failed && archive.in.size == 0);
        must(second.kind == record.kind && second.now_ms == record.now_ms);
        must(second.link == record.link && second.number == record.number);
        must(span_equal(second.text, record.text) && span_equal(second.bytes, record.bytes));
        must(memcmp(&second.config, &record.config, sizeof(second.config)) == 0);
        must(span_equal(second.request.data, record.request.data));
    }
    buffer_finish(&again);
}

static void describe_outcome(struct span bytes, enum store_call call)
{
    union {
        struct store_request request;
        struct store_claim claim;
        struct store_load load;
        struct store_since since;
        struct store_session session;
        struct store_versions versions;
        struct store_commit commit;
        struct store_build build;
    } outcome = {.request.call = call};
    struct batch_document documents[3] = {0};
    struct archive archive = {.in = bytes, .arena = store_arena_create()};

    if (call == STORE_COMMIT) {
        outcome.commit.documents = documents;
        outcome.commit.count = 3;
    }
    capture_describe_outcome(&archive, &outcome.request);
    store_arena_destroy(archive.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = memory_copy(data, size); /* so that a read behind it is seen */
    struct span bytes = span_of(copy, size);

    read_records(bytes);
    describe(bytes);
    if (size > 0)
        describe_outcome(span_of(copy + 1, size - 1), copy[0] % (STORE_BUILD + 1));
    memory_free(copy);
    return 0;
}
