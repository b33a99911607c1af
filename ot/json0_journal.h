/* json0_journal - the changes that one operation makes in a JSON value, so that they can be taken
 * back: an operation whose third component is refused must leave nothing of the first two.
 *
 * Each change costs what it touches (for an element of a list: the moving of those behind it), not
 * the size of the document, and so does its undoing. */
#ifndef OT_JSON0_JOURNAL_H
#define OT_JSON0_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/value.h"

/* Where a value is: a member of an object, an element of an array, or the root itself. */
struct json0_place {
    json_t *container; /* NULL: the root */
    json_t *name;      /* of the member; NULL: an element */
    size_t index;      /* of the element */
};

struct json0_change;

struct json0_journal {
    json_t **root;
    struct value_size size; /* bytes and nodes of the root, kept up with each change */
    bool keeps;             /* false: changes are not recorded, nothing can be undone */
    struct json0_change *changes;
    size_t count;
    size_t capacity;
};

/* Forget the changes and free the memory. */
void json0_journal_finish(struct json0_journal *journal);

/* Take all changes back, the latest first. `size` is not restored. */
void json0_journal_undo(struct json0_journal *journal);

/* The value at the place; NULL when it is a member that is absent. Borrowed. */
json_t *json0_place_value(const struct json0_journal *journal, const struct json0_place *place);

/* Put the value there instead of what is there. A NULL value removes a member. */
void json0_journal_set_take(struct json0_journal *journal, const struct json0_place *place,
                            json_t *value);

/* The place is one of an element. */
void json0_journal_insert_take(struct json0_journal *journal, const struct json0_place *place,
                               json_t *value);
void json0_journal_remove(struct json0_journal *journal, const struct json0_place *place);
void json0_journal_move(struct json0_journal *journal, const struct json0_place *place, size_t to);

#endif
