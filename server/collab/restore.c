#include "server/collab/restore.h"

enum status restore_operation(const struct state *now, struct span data, struct buffer *operation)
{
    const struct type *type = now->type;
    struct content *target = NULL;
    struct operation *difference = NULL;
    enum status status = type->create(data, &target, NULL);

    if (status == STATUS_OK)
        status = type->difference(now->content, target, &difference);
    if (status == STATUS_OK)
        type->write(difference, operation);
    operation_discard(difference);
    content_destroy(target);
    return status;
}
