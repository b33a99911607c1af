/* history - the entries of one document that are in memory, the newest ones.
 *
 *     first                    committed            head
 *       |  durable, in memory      |  tentative       |      seq grows ->
 *
 * What lies before `first` is in the store. Entries above the committed head were handed to the
 * store, or will be, and may still be dropped (rule 2). */
#ifndef SERVER_COLLAB_HISTORY_H
#define SERVER_COLLAB_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/type.h"
#include "server/store/store.h"

/* One entry with the memory of its bytes. */
struct record {
    struct entry entry;
    struct operation *operation; /* `sequenced`, decoded; NULL until it is needed, and for
                                    creations and deletions */
    uint64_t channel;            /* the document's number in messages at this entry */
    uint8_t bytes[];
};

/* A record with copies of the entry's spans. Takes the operation, which may be NULL. */
struct record *record_create_take(const struct entry *entry, uint64_t channel,
                                  struct operation *operation);
void record_destroy(struct record *record); /* NULL allowed */

struct history {
    struct record **ring; /* the entry of `seq` is at seq modulo capacity, a power of two */
    uint64_t capacity;
    uint64_t first; /* the oldest seq in memory; head + 1 when there is none */
    uint64_t head;
    uint64_t before_epoch; /* of the entry first − 1; 0 when it is not known */
    size_t bytes;          /* of the records in memory */
};

/* An empty history behind the entry `head`; who knows its epoch sets it. */
void history_init(struct history *history, uint64_t head);
void history_finish(struct history *history);

/* The next entry: its seq is head + 1. */
void history_append_take(struct history *history, struct record *record);

/* An older one, read back from the store: its seq is first − 1. */
void history_prepend_take(struct history *history, struct record *record);

/* The entry number `seq`, which is in memory. */
struct record *history_at(const struct history *history, uint64_t seq);

/* The epoch of the entry number `seq`, if memory can tell. */
bool history_epoch(const struct history *history, uint64_t seq, uint64_t *epoch);

/* Its operation, decoded at the first need. NULL for creations and deletions. */
const struct operation *history_operation(const struct history *history, uint64_t seq,
                                          const struct type *type);

/* Drop what was appended above `head`. */
void history_truncate(struct history *history, uint64_t head);

/* Drop the oldest entries up to and with `seq_max` while there are more than the limits allow
 * (LIMIT_HISTORY_ENTRIES, LIMIT_HISTORY_BYTES). */
void history_trim(struct history *history, uint64_t seq_max);

#endif
