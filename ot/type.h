/* type - what the server has to know about a kind of document.
 *
 * A type is a table of pure functions over two kinds of values: `content`, the state of a
 * document, and `operation`, a change of it. Each implementation embeds the head below as its
 * first member and gets itself back with container_of().
 *
 *      content --apply(a)--> .  --apply(b')--> .         TP1: both ways end in the same content,
 *         |                                    |              b' = transform(b, a, side)
 *         +----apply(b)----> .  --apply(a')----+              a' = transform(a, b, the other side)
 *
 * Operations are immutable once made. Contents change only by apply. Nothing here logs, reads a
 * clock or draws a number. */
#ifndef OT_TYPE_H
#define OT_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

/* The state of one document. */
struct content {
    const struct type *type;
};

/* One change of a document. */
struct operation {
    const struct type *type;
};

/* Who goes before the other at the same place. The reference packages say "left" and "right"
 * and mean different things by it; see `left` below. */
enum side { SIDE_FIRST, SIDE_SECOND };

static inline enum side side_other(enum side side)
{
    return side == SIDE_FIRST ? SIDE_SECOND : SIDE_FIRST;
}

struct type {
    const char *name;  /* "text", on our wire */
    const char *uri;   /* the name that ShareDB clients know it by; NULL when they cannot */
    const char *alias; /* the short name that they may create it by; NULL when it is the same */
    bool identity;     /* transform is the identity and apply total: clients reconcile by replay */
    bool who_breaks_ties;  /* native authors: the lower `who` goes first (text, rich) */
    enum side left;        /* what the reference package's "left" is here */
    size_t components_max; /* of an operation, also a composed one; 0 = bounded by size only */

    /* A document from canonical or other JSON; absent `data` is the type's empty document.
     * MALFORMED_DOCUMENT with what and where. `data` passed json_scan(). */
    enum status (*create)(struct span data, struct content **content, struct fault *fault);
    struct content *(*copy)(const struct content *content);
    void (*destroy)(struct content *content); /* NULL allowed */

    /* Append the document as canonical JSON (RFC 8785): what snapshots and hashes are made of. */
    void (*encode)(const struct content *content, struct buffer *out);
    size_t (*size)(const struct content *content); /* bytes of that JSON, roughly; O(1) */

    /* An operation from JSON that passed json_scan(). MALFORMED_OPERATION (or OVERFLOW,
     * TOO_LARGE) with what and where, e.g. "component 3: a skip must be at least 1". */
    enum status (*decode)(struct span json, struct operation **operation, struct fault *fault);
    void (*discard)(struct operation *operation); /* NULL allowed */

    /* Append the operation as canonical JSON. decode(encode(x)) equals x, and two operations
     * are equal exactly when these bytes are. */
    void (*write)(const struct operation *operation, struct buffer *out);

    /* Would apply succeed? NOT_APPLICABLE (or OVERFLOW, TOO_LARGE) with what and where. */
    enum status (*check)(const struct content *content, const struct operation *operation,
                         struct fault *fault);

    /* Change the content, wholly or, when it fails as in check, not at all. */
    enum status (*apply)(struct content *content, const struct operation *operation,
                         struct fault *fault);

    /* `operation` as it has to be after `other`, when both were made on the same content.
     * `side` says where `operation` goes at the same place. The result is the caller's.
     * NOT_APPLICABLE only where the two could not have been made on one content; TOO_LARGE above
     * components_max, since `other` may have cut it into pieces. */
    enum status (*transform)(const struct operation *operation, const struct operation *other,
                             enum side side, struct operation **result);

    /* One operation for `first`, then `second`. NOT_APPLICABLE where `second` cannot follow
     * `first`; TOO_LARGE above components_max, OVERFLOW: the two have to stay two. */
    enum status (*compose)(const struct operation *first, const struct operation *second,
                           struct operation **result);

    /* The operation that takes `operation` back; `before` is the content it applies to. */
    enum status (*invert)(const struct operation *operation, const struct content *before,
                          struct operation **result);

    /* An operation from `before` to `after`; an empty one when they are equal. */
    enum status (*difference)(const struct content *before, const struct content *after,
                              struct operation **result);

    /* Nothing would change: apply leaves every content as it is. */
    bool (*is_empty)(const struct operation *operation);

    /* Where a cursor at `position` (in the type's unit) is after `operation`. An insertion right
     * at the cursor moves it only when `own`. NULL when the type has no positions. */
    uint64_t (*move_position)(const struct operation *operation, uint64_t position, bool own);
};

extern const struct type type_text;
extern const struct type type_counter;
extern const struct type type_json0;
extern const struct type type_rich;
extern const struct type type_tree;

/* The type with this name, URI or alias; NULL when there is none. */
const struct type *type_find(struct span name);

/* The type number `index` in the order of their names; NULL behind the last one. */
const struct type *type_at(size_t index);

/* ---- The table's calls, for readers of code ---- */

static inline void content_destroy(struct content *content)
{
    if (content != NULL)
        content->type->destroy(content);
}

static inline void operation_discard(struct operation *operation)
{
    if (operation != NULL)
        operation->type->discard(operation);
}

/* The same bytes as canonical JSON. */
bool operation_equal(const struct operation *a, const struct operation *b);

/* Bytes of its canonical JSON. */
size_t operation_size(const struct operation *operation);
bool content_equal(const struct content *a, const struct content *b);

/* The first 64 bits of the SHA-256 digest of that JSON: what states are compared by (rule 9). */
uint64_t content_hash(const struct content *content);

#endif
