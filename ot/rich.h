/* rich - documents of rich text, with the operations of rich-text 4.1.0 on quill-delta 4.2.2: the
 * parts of the type.
 *
 *   rich_delta   lists of parts, rich_attributes, rich_decode     rich_runs  the document's content
 *   rich_compose, rich_transform                                  rich       the type's table
 *
 * Where the reference is loose (beyond the document's end, half surrogate pairs, embeds that are
 * no objects, empty attributes) the operation is refused. */
#ifndef OT_RICH_H
#define OT_RICH_H

#include <stdint.h>

#include "ot/rich_delta.h"
#include "ot/rich_runs.h"
#include "ot/type.h"

struct rich_operation {
    struct operation operation;
    struct rich_delta delta;
};

struct rich_content {
    struct content content;
    struct rich_run *runs;
};

struct rich_operation *rich_operation_of(const struct operation *operation);
struct rich_operation *rich_operation_create(void);
struct rich_content *rich_content_of(const struct content *content);

/* Calls of the type's table. */
enum status rich_compose(const struct operation *first, const struct operation *second,
                         struct operation **result);
enum status rich_transform(const struct operation *operation, const struct operation *other,
                           enum side side, struct operation **result);
uint64_t rich_move_position(const struct operation *operation, uint64_t position, bool own);
enum status rich_invert(const struct operation *operation, const struct content *before,
                        struct operation **result);
enum status rich_difference(const struct content *before, const struct content *after,
                            struct operation **result);

#endif
