/* text_operation - a change of a text: a run over it from front to back. Private to ot/text*.c.
 *
 *   JSON          [ 5, "née", {"d":2}, 7, {"d":"été"} ]        (ot-text-unicode 4)
 *   components      skip 5 | insert 3 | delete 2 | skip 7 | delete 3
 *   text                     née                            été
 *
 * Lengths are code points. A delete may name the text it takes; then it applies only where that
 * text stands. What lies behind the last component is kept.
 *
 * An operation is one block of memory, in normal form: no two neighbours of one kind, no empty
 * component, no skip at the end. It is made from *pieces*: components in any form whose text is
 * elsewhere. Neighbours are merged when the pieces are made an operation; a delete that names its
 * text forgets it when merged with one that does not. */
#ifndef OT_TEXT_OPERATION_H
#define OT_TEXT_OPERATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "ot/type.h"

enum text_kind { TEXT_SKIP, TEXT_INSERT, TEXT_DELETE };

struct text_component {
    enum text_kind kind;
    uint32_t points;
    uint32_t size; /* bytes of its text; 0 for a skip or a delete that names no text */
};

struct text_operation {
    struct operation head;
    uint32_t count;                     /* of components */
    uint32_t text_size;                 /* bytes of all texts, which follow the components */
    struct text_component components[]; /* their texts lie behind the last one, in order */
};

/* A component with its text. */
struct text_piece {
    enum text_kind kind;
    uint32_t points;
    struct span text; /* absent for a skip or a delete that names no text */
};

enum { TEXT_PIECES_INLINE = 24 };

/* Pieces on their way to an operation; few of them need no allocation. What is called for every
 * piece is inline: moving one keystroke over another is in the path of every message. */
struct text_pieces {
    struct text_piece *pieces;
    size_t count;
    size_t capacity;
    struct text_piece few[TEXT_PIECES_INLINE];
};

static inline void text_pieces_init(struct text_pieces *pieces)
{
    pieces->pieces = pieces->few;
    pieces->count = 0;
    pieces->capacity = TEXT_PIECES_INLINE;
}

void text_pieces_finish(struct text_pieces *pieces);
void text_pieces_grow(struct text_pieces *pieces);

/* Behind the last one; an empty piece is dropped. Its text is borrowed until the operation is
 * made. */
static inline void text_pieces_add(struct text_pieces *pieces, struct text_piece piece)
{
    if (piece.points == 0)
        return;
    if (pieces->count == pieces->capacity)
        text_pieces_grow(pieces);
    pieces->pieces[pieces->count++] = piece;
}

/* Make the operation and finish the pieces. TOO_LARGE above LIMIT_OPERATION_COMPONENTS, or when no
 * document is long enough for what it passes over or inserts; the pieces are finished then, too. */
MUST_CHECK enum status text_pieces_to_operation(struct text_pieces *pieces,
                                                struct operation **operation, struct fault *fault);

/* A walk over the components. */
struct text_walk {
    const struct text_component *next;
    const struct text_component *end;
    const uint8_t *text; /* of `next` */
};

static inline const struct text_operation *text_operation_of(const struct operation *operation)
{
    must(operation->type == &type_text);
    return container_of(operation, const struct text_operation, head);
}

static inline void text_walk_init(struct text_walk *walk, const struct operation *operation)
{
    const struct text_operation *text = text_operation_of(operation);

    walk->next = text->components;
    walk->end = text->components + text->count;
    walk->text = (const uint8_t *)walk->end;
}

/* The next component with its text; false at the end. */
static inline bool text_walk_next(struct text_walk *walk, struct text_piece *piece)
{
    if (walk->next == walk->end)
        return false;
    const struct text_component *component = walk->next++;

    piece->kind = component->kind;
    piece->points = component->points;
    piece->text = component->size > 0 ? span_of(walk->text, component->size) : SPAN_NONE;
    walk->text += component->size;
    return true;
}

/* ---- The type's calls that concern an operation alone ---- */

enum status text_operation_decode(struct span json, struct operation **operation,
                                  struct fault *fault);
void text_operation_discard(struct operation *operation);
void text_operation_write(const struct operation *operation, struct buffer *out);
bool text_operation_is_empty(const struct operation *operation);
uint64_t text_operation_move_position(const struct operation *operation, uint64_t position,
                                      bool own);

#endif
