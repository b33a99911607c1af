#include "server/cluster/node_entries.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "protocol/node_message.h"
#include "server/collab/history.h"

void node_entries_write(struct buffer *out, const struct history *history, uint64_t from,
                        uint64_t to)
{
    for (uint64_t seq = from + 1; seq <= to; seq++) {
        const struct entry *entry = &history_at(history, seq)->entry;
        struct node_entry written = {.epoch = entry->epoch,
                                     .serial = entry->serial,
                                     .base = entry->base,
                                     .time_ms = entry->time_ms,
                                     .kind = entry->kind,
                                     .rule = entry->rule,
                                     .user = entry->user,
                                     .arrived = entry->arrived,
                                     .sequenced = entry_is_as_it_arrived(entry) ? SPAN_NONE
                                                                                : entry->sequenced};

        memcpy(written.session, entry->session.bytes, NODE_SESSION_SIZE);
        node_entry_write(out, &written);
    }
}

static bool read_one(const struct node_entry *read, uint64_t seq, struct entry *entry)
{
    if (read->kind > ENTRY_DELETE || read->rule > UINT8_MAX || !span_present(read->arrived))
        return false;
    *entry = (struct entry){.seq = seq,
                            .epoch = read->epoch,
                            .serial = read->serial,
                            .base = read->base,
                            .time_ms = read->time_ms,
                            .kind = (uint8_t)read->kind,
                            .rule = (uint8_t)read->rule,
                            .user = read->user,
                            .arrived = read->arrived,
                            .sequenced =
                                span_present(read->sequenced) ? read->sequenced : read->arrived};
    memcpy(entry->session.bytes, read->session, NODE_SESSION_SIZE);
    return true;
}

struct entry *node_entries_read(const struct node_message *message, size_t *count)
{
    struct span body = message->body;
    struct node_entry read;
    struct entry *entries;
    size_t most = (size_t)message->flags;
    size_t at = 0;

    if (message->seq == 0 || most == 0 || most > LIMIT_BATCH_ENTRIES)
        return NULL;
    entries = memory_allocate(most * sizeof(*entries));
    while (at < most && node_entry_next(&body, &read) &&
           read_one(&read, message->seq + at, &entries[at]))
        at++;
    if (at < most || body.size > 0) {
        memory_free(entries);
        return NULL;
    }
    *count = most;
    return entries;
}
