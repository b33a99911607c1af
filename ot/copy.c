#include "ot/copy.h"

void copy_finish(struct copy *copy)
{
    content_destroy(copy->confirmed);
    content_destroy(copy->view);
    operation_discard(copy->change);
    pending_finish(&copy->pending);
    others_finish(&copy->others);
}

static void remake_view(struct copy *copy)
{
    content_destroy(copy->view);
    copy->view = copy->type->copy(copy->confirmed);
    copy->view_lacks = !pending_replay(&copy->pending, copy->view) && !copy->type->identity;
}

void copy_begin_take(struct copy *copy, struct content *content)
{
    copy->type = content->type;
    copy->confirmed = content;
    remake_view(copy);
}

enum status copy_edit_take(struct copy *copy, size_t fixed, struct operation *operation,
                           struct fault *fault)
{
    enum status status;

    if (copy->view == NULL) {
        status = fault_set(fault, STATUS_NOT_CREATED, "the document is not there yet");
    } else if (copy->view_lacks) {
        status = fault_set(fault, STATUS_TOO_LARGE, "earlier edits do not fit any more");
    } else {
        must(operation->type == copy->type);
        status = copy->type->apply(copy->view, operation, fault);
    }
    if (status == STATUS_OK)
        pending_push_take(&copy->pending, fixed, operation);
    else
        operation_discard(operation);
    return status;
}

void copy_forget_change(struct copy *copy)
{
    operation_discard(copy->change);
    copy->change = NULL;
}

/* Move everything pending over an operation that the view does not get. */
static enum status rebase(struct copy *copy, const struct operation *operation)
{
    struct operation *moved = NULL;
    enum status status = pending_rebase(&copy->pending, operation, SIDE_SECOND, &moved);

    if (status == STATUS_OK)
        operation_discard(moved);
    return status;
}

/* ---- The stream ---- */

/* Apply to the view what somebody has done to `confirmed`. */
static void show_take(struct copy *copy, struct operation *operation)
{
    const struct type *type = copy->type;
    bool replay = copy->view_lacks || (type->identity && copy->pending.count > 0);

    if (replay || type->apply(copy->view, operation, NULL) != STATUS_OK) {
        operation_discard(operation);
        remake_view(copy);
    } else {
        copy->change = operation;
    }
}

enum status copy_foreign_take(struct copy *copy, struct span who, struct operation *operation,
                              enum side side, struct fault *fault)
{
    const struct type *type = copy->type;
    struct operation *moved = NULL;
    enum status status = type->check(copy->confirmed, operation, fault);

    if (status == STATUS_OK && !type->identity)
        status = pending_rebase(&copy->pending, operation, side, &moved);
    if (status != STATUS_OK) {
        operation_discard(operation);
        return status;
    }
    must(type->apply(copy->confirmed, operation, NULL) == STATUS_OK);
    others_move(&copy->others, operation, who);
    if (moved != NULL) {
        operation_discard(operation);
        operation = moved;
    }
    show_take(copy, operation);
    return STATUS_OK;
}

enum status copy_confirm(struct copy *copy, struct span who, const struct operation *operation,
                         struct fault *fault)
{
    enum status status = copy->type->apply(copy->confirmed, operation, fault);

    if (status != STATUS_OK)
        return status;
    others_move(&copy->others, operation, who);
    operation_discard(pending_shift(&copy->pending));
    if (copy->view_lacks)
        remake_view(copy);
    return STATUS_OK;
}

/* ---- What is not going to be confirmed ---- */

/* `first` was taken out from before what is pending: move that to where it is not. */
static enum status rebase_over_inverse(struct copy *copy, const struct operation *first)
{
    struct operation *inverse;
    enum status status = copy->type->invert(first, copy->confirmed, &inverse);

    if (status != STATUS_OK)
        return status;
    status = rebase(copy, inverse);
    operation_discard(inverse);
    return status;
}

enum status copy_withdraw(struct copy *copy)
{
    struct operation *first = pending_shift(&copy->pending);
    enum status status = copy->type->identity ? STATUS_OK : rebase_over_inverse(copy, first);

    if (status != STATUS_OK) {
        pending_unshift_take(&copy->pending, first);
        return status;
    }
    operation_discard(first);
    remake_view(copy);
    return STATUS_OK;
}

size_t copy_withdraw_all(struct copy *copy)
{
    size_t count = copy->pending.count;

    while (copy->pending.count > 0)
        operation_discard(pending_shift(&copy->pending));
    remake_view(copy);
    return count;
}

/* ---- Reloading ---- */

static enum status rebase_over_difference(struct copy *copy, const struct content *before,
                                          const struct content *after)
{
    struct operation *difference;
    enum status status = copy->type->difference(before, after, &difference);

    if (status != STATUS_OK)
        return status;
    status = rebase(copy, difference);
    operation_discard(difference);
    return status;
}

/* `first`, if there is one, was taken out from before what is pending: that was made on `confirmed`
 * with it, and so is the snapshot. */
static enum status rebase_to(struct copy *copy, const struct content *snapshot,
                             const struct operation *first, struct fault *fault)
{
    if (copy->type->identity)
        return STATUS_OK;
    if (first == NULL)
        return rebase_over_difference(copy, copy->confirmed, snapshot);
    struct content *before = copy->type->copy(copy->confirmed);
    enum status status = copy->type->apply(before, first, fault);

    if (status == STATUS_OK)
        status = rebase_over_difference(copy, before, snapshot);
    content_destroy(before);
    return status;
}

enum status copy_reload_take(struct copy *copy, struct content *snapshot, bool has_first,
                             struct fault *fault)
{
    struct operation *first = has_first ? pending_shift(&copy->pending) : NULL;
    enum status status = rebase_to(copy, snapshot, first, fault);

    if (status != STATUS_OK) {
        if (first != NULL)
            pending_unshift_take(&copy->pending, first);
        content_destroy(snapshot);
        return status;
    }
    operation_discard(first);
    content_destroy(copy->confirmed);
    copy->confirmed = snapshot;
    remake_view(copy);
    return STATUS_OK;
}

/* ---- To look at ---- */

bool copy_other(const struct copy *copy, struct span who, struct buffer *out)
{
    const struct other *other = others_find(&copy->others, who);
    struct buffer state = {0};
    struct caret caret;

    if (other == NULL)
        return false;
    caret_write(&other->caret, &state);
    caret_init(&caret, buffer_span(&state));
    for (size_t i = 0; i < copy->pending.count; i++)
        caret_move(&caret, copy->pending.operations[i], false);
    caret_write(&caret, out);
    caret_finish(&caret);
    buffer_finish(&state);
    return true;
}
