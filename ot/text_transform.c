#include "ot/text_transform.h"

#include "base/mutant.h"
#include "base/utf8.h"
#include "ot/text_operation.h"

/* A walk that can take a part of a component. */
struct cursor {
    struct text_walk walk;
    struct text_piece rest; /* of the component it stands in; no points at the end */
};

static void advance(struct cursor *cursor)
{
    if (!text_walk_next(&cursor->walk, &cursor->rest))
        cursor->rest.points = 0;
}

static void cursor_init(struct cursor *cursor, const struct operation *operation)
{
    text_walk_init(&cursor->walk, operation);
    advance(cursor);
}

static bool at_end(const struct cursor *cursor)
{
    return cursor->rest.points == 0;
}

static bool stands_in(const struct cursor *cursor, enum text_kind kind)
{
    return !at_end(cursor) && cursor->rest.kind == kind;
}

/* Cut the first `points` off a piece that has at least as many. */
static struct text_piece cut(struct text_piece *piece, uint32_t points)
{
    struct text_piece front = *piece;

    front.points = points;
    piece->points -= points;
    if (span_present(piece->text)) {
        front.text.size = utf8_offset_of_points(piece->text, points);
        piece->text.data += front.text.size;
        piece->text.size -= front.text.size;
    }
    return front;
}

/* What is left of the component; not at the end. */
static struct text_piece take_rest(struct cursor *cursor)
{
    struct text_piece piece = cursor->rest;

    advance(cursor);
    return piece;
}

/* The same, at most `points`. */
static struct text_piece take(struct cursor *cursor, uint32_t points)
{
    if (points >= cursor->rest.points)
        return take_rest(cursor);
    return cut(&cursor->rest, points);
}

static struct text_piece skip(uint32_t points)
{
    return (struct text_piece){.kind = TEXT_SKIP, .points = points};
}

static void add_rest(struct text_pieces *pieces, struct cursor *cursor)
{
    while (!at_end(cursor))
        text_pieces_add(pieces, take_rest(cursor));
}

/* ---- Side by side ---- */

/* The other keeps `points`: whatever this one does there, it does still. */
static void beside_skip(struct cursor *cursor, uint32_t points, struct text_pieces *pieces)
{
    while (points > 0) {
        if (at_end(cursor)) {
            text_pieces_add(pieces, skip(points));
            return;
        }
        if (cursor->rest.kind == TEXT_INSERT) {
            text_pieces_add(pieces, take_rest(cursor));
            continue;
        }
        struct text_piece piece = take(cursor, points);
        text_pieces_add(pieces, piece);
        points -= piece.points;
    }
}

/* The other deletes `points`: only insertions remain. */
static void beside_delete(struct cursor *cursor, uint32_t points, enum side side,
                          struct text_pieces *pieces)
{
    while (points > 0 && !at_end(cursor)) {
        if (cursor->rest.kind == TEXT_INSERT) {
            text_pieces_add(pieces, take_rest(cursor));
            continue;
        }
        struct text_piece piece = take(cursor, points);

        points -= piece.points;
        if (mutant_is_on(MUTANT_DELETE_TWICE) && side == SIDE_SECOND && piece.kind == TEXT_DELETE)
            text_pieces_add(pieces, piece);
    }
}

enum status text_transform(const struct operation *operation, const struct operation *other,
                           enum side side, struct operation **result)
{
    struct text_pieces pieces;
    struct text_piece component;
    struct text_walk walk;
    struct cursor cursor;

    cursor_init(&cursor, operation);
    text_walk_init(&walk, other);
    text_pieces_init(&pieces);
    while (text_walk_next(&walk, &component)) {
        switch (component.kind) {
        case TEXT_SKIP:
            beside_skip(&cursor, component.points, &pieces);
            break;
        case TEXT_INSERT:
            if (side == SIDE_FIRST && stands_in(&cursor, TEXT_INSERT))
                text_pieces_add(&pieces, take_rest(&cursor));
            text_pieces_add(&pieces, skip(component.points));
            break;
        case TEXT_DELETE:
            beside_delete(&cursor, component.points, side, &pieces);
            break;
        }
    }
    add_rest(&pieces, &cursor);
    return text_pieces_to_operation(&pieces, result, NULL);
}

/* ---- One after the other ---- */

/* The second keeps `points` of what the first left. */
static void after_skip(struct cursor *cursor, uint32_t points, struct text_pieces *pieces)
{
    while (points > 0) {
        if (at_end(cursor)) {
            text_pieces_add(pieces, skip(points));
            return;
        }
        if (cursor->rest.kind == TEXT_DELETE) {
            text_pieces_add(pieces, take_rest(cursor));
            continue;
        }
        struct text_piece piece = take(cursor, points);
        text_pieces_add(pieces, piece);
        points -= piece.points;
    }
}

/* The second deletes: what the first kept is deleted, what it inserted is not inserted. */
static bool after_delete(struct cursor *cursor, struct text_piece deleted,
                         struct text_pieces *pieces)
{
    while (deleted.points > 0) {
        if (at_end(cursor)) {
            text_pieces_add(pieces, deleted);
            return true;
        }
        if (cursor->rest.kind == TEXT_DELETE) {
            text_pieces_add(pieces, take_rest(cursor));
            continue;
        }
        struct text_piece piece = take(cursor, deleted.points);
        struct text_piece part = cut(&deleted, piece.points);

        if (piece.kind == TEXT_SKIP)
            text_pieces_add(pieces, part);
        else if (span_present(part.text) && !span_equal(part.text, piece.text))
            return false;
    }
    return true;
}

enum status text_compose(const struct operation *first, const struct operation *second,
                         struct operation **result)
{
    struct text_pieces pieces;
    struct text_piece component;
    struct text_walk walk;
    struct cursor cursor;

    cursor_init(&cursor, first);
    text_walk_init(&walk, second);
    text_pieces_init(&pieces);
    while (text_walk_next(&walk, &component)) {
        switch (component.kind) {
        case TEXT_SKIP:
            after_skip(&cursor, component.points, &pieces);
            break;
        case TEXT_INSERT:
            text_pieces_add(&pieces, component);
            break;
        case TEXT_DELETE:
            if (!after_delete(&cursor, component, &pieces)) {
                text_pieces_finish(&pieces);
                return STATUS_NOT_APPLICABLE;
            }
            break;
        }
    }
    add_rest(&pieces, &cursor);
    return text_pieces_to_operation(&pieces, result, NULL);
}
