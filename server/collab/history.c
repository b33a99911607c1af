#include "server/collab/history.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/must.h"

enum { FIRST_CAPACITY = 16 };

static struct span copy_behind(uint8_t **end, struct span bytes)
{
    struct span copy = span_of(*end, bytes.size);

    if (bytes.size > 0)
        memcpy(*end, bytes.data, bytes.size);
    *end += bytes.size;
    return copy;
}

static size_t record_size(const struct record *record)
{
    const struct entry *entry = &record->entry;
    size_t size = sizeof(*record) + entry->user.size + entry->arrived.size;

    return entry->sequenced.data == entry->arrived.data ? size : size + entry->sequenced.size;
}

struct record *record_create_take(const struct entry *entry, uint64_t channel,
                                  struct operation *operation)
{
    bool moved = entry->sequenced.data != entry->arrived.data;
    size_t size = entry->user.size + entry->arrived.size + (moved ? entry->sequenced.size : 0);
    struct record *record = memory_allocate(sizeof(*record) + size);
    uint8_t *end = record->bytes;

    record->entry = *entry;
    record->operation = operation;
    record->channel = channel;
    record->entry.user = copy_behind(&end, entry->user);
    record->entry.arrived = copy_behind(&end, entry->arrived);
    record->entry.sequenced = moved ? copy_behind(&end, entry->sequenced) : record->entry.arrived;
    return record;
}

void record_destroy(struct record *record)
{
    if (record == NULL)
        return;
    operation_discard(record->operation);
    memory_free(record);
}

void history_init(struct history *history, uint64_t head)
{
    *history = (struct history){.first = head + 1, .head = head};
}

void history_finish(struct history *history)
{
    for (uint64_t seq = history->first; seq <= history->head; seq++)
        record_destroy(history_at(history, seq));
    memory_free(history->ring);
    *history = (struct history){.first = 1};
}

static struct record **slot_of(const struct history *history, uint64_t seq)
{
    return &history->ring[seq & (history->capacity - 1)];
}

/* Room for one more entry at either end. */
static void reserve(struct history *history)
{
    uint64_t count = history->head + 1 - history->first;

    if (count < history->capacity)
        return;
    struct history grown = *history;

    grown.capacity = history->capacity ? history->capacity * 2 : FIRST_CAPACITY;
    grown.ring = memory_allocate(grown.capacity * sizeof(*grown.ring));
    for (uint64_t seq = history->first; seq <= history->head; seq++)
        *slot_of(&grown, seq) = *slot_of(history, seq);
    memory_free(history->ring);
    *history = grown;
}

void history_append_take(struct history *history, struct record *record)
{
    must(record->entry.seq == history->head + 1);
    reserve(history);
    history->head++;
    *slot_of(history, history->head) = record;
    history->bytes += record_size(record);
}

void history_prepend_take(struct history *history, struct record *record)
{
    must(record->entry.seq + 1 == history->first);
    reserve(history);
    history->first--;
    history->before_epoch = 0;
    *slot_of(history, history->first) = record;
    history->bytes += record_size(record);
}

struct record *history_at(const struct history *history, uint64_t seq)
{
    must(seq >= history->first && seq <= history->head);
    return *slot_of(history, seq);
}

bool history_epoch(const struct history *history, uint64_t seq, uint64_t *epoch)
{
    uint64_t known = 0;

    if (seq + 1 == history->first)
        known = history->before_epoch;
    else if (seq >= history->first && seq <= history->head)
        known = history_at(history, seq)->entry.epoch;
    if (known == 0)
        return false;
    *epoch = known;
    return true;
}

const struct operation *history_operation(const struct history *history, uint64_t seq,
                                          const struct type *type)
{
    struct record *record = history_at(history, seq);

    if (record->operation == NULL && record->entry.kind == ENTRY_EDIT) {
        enum status status = type->decode(record->entry.sequenced, &record->operation, NULL);

        must(status == STATUS_OK); /* it was written by this type's `write` */
    }
    return record->operation;
}

static void drop(struct history *history, uint64_t seq)
{
    struct record *record = history_at(history, seq);

    history->bytes -= record_size(record);
    record_destroy(record);
}

void history_truncate(struct history *history, uint64_t head)
{
    must(head + 1 >= history->first && head <= history->head);
    while (history->head > head) {
        drop(history, history->head);
        history->head--;
    }
}

void history_trim(struct history *history, uint64_t seq_max)
{
    while (history->first <= seq_max && history->first <= history->head &&
           (history->head + 1 - history->first > LIMIT_HISTORY_ENTRIES ||
            history->bytes > LIMIT_HISTORY_BYTES)) {
        history->before_epoch = history_at(history, history->first)->entry.epoch;
        drop(history, history->first);
        history->first++;
    }
}
