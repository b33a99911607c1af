/* others - who else shows itself in a document, as one client knows it.
 *
 * The server tells a value with positions in the document that the client has just read
 * (protocol/PROTOCOL.md, "here"); from then on the client moves it over every operation that it
 * applies to its confirmed state. Nothing here is asked for: what was not told is not there. */
#ifndef OT_OTHERS_H
#define OT_OTHERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "ot/caret.h"

enum { OTHERS_WHO_SIZE = 8 };

struct other {
    uint8_t who[OTHERS_WHO_SIZE];
    struct caret caret; /* positions in the confirmed state */
    UT_hash_handle hh;  /* in others->table, by who */
};

/* The owner of a zeroed one knows nobody. */
struct others {
    struct other *table;
};

/* Forget everybody. */
void others_finish(struct others *others);

/* `who` shows this now: JSON that passed json_scan(). An absent `state` is nothing any more. A
 * `who` that has not 8 bytes is nobody. */
void others_put(struct others *others, struct span who, struct span state);

/* An operation by `who` was applied to the confirmed state; absent: one for a range, by many. */
void others_move(struct others *others, const struct operation *operation, struct span who);

/* NULL when it shows nothing. */
const struct other *others_find(const struct others *others, struct span who);
size_t others_count(const struct others *others);

#endif
