#include "ot/rich.h"

#include "base/limits.h"
#include "base/memory.h"

struct rich_operation *rich_operation_of(const struct operation *operation)
{
    return container_of(operation, struct rich_operation, operation);
}

struct rich_content *rich_content_of(const struct content *content)
{
    return container_of(content, struct rich_content, content);
}

/* ---- Documents ---- */

static struct content *content_of_runs_take(struct rich_run *runs)
{
    struct rich_content *content = memory_allocate(sizeof(*content));

    *content = (struct rich_content){.content = {.type = &type_rich}, .runs = runs};
    return &content->content;
}

static struct rich_piece piece_of_part(const struct rich_part *part)
{
    return (struct rich_piece){.kind = part->kind,
                               .utf16 = part->utf16,
                               .text = buffer_span(&part->text),
                               .embed = part->embed,
                               .attributes = part->attributes};
}

static enum status content_create(struct span data, struct content **content, struct fault *fault)
{
    struct rich_delta delta = {0};
    struct rich_run *runs = NULL;

    if (span_present(data) && rich_delta_decode(data, true, &delta, fault) != STATUS_OK)
        return STATUS_MALFORMED_DOCUMENT;
    for (size_t i = 0; i < delta.count; i++) {
        struct rich_piece piece = piece_of_part(&delta.parts[i]);

        runs = rich_runs_insert(runs, rich_runs_sum(runs).utf16, &piece);
    }
    rich_delta_finish(&delta);
    *content = content_of_runs_take(runs);
    return STATUS_OK;
}

static struct content *content_copy(const struct content *content)
{
    return content_of_runs_take(rich_runs_copy(rich_content_of(content)->runs));
}

static void content_free(struct content *content)
{
    if (content == NULL)
        return;
    rich_runs_destroy(rich_content_of(content)->runs);
    memory_free(rich_content_of(content));
}

static void content_encode(const struct content *content, struct buffer *out)
{
    const struct rich_run *runs = rich_content_of(content)->runs;
    struct rich_delta delta = {0};

    rich_runs_read(runs, 0, rich_runs_sum(runs).utf16, &delta);
    rich_delta_write(&delta, out);
    rich_delta_finish(&delta);
}

static size_t content_size(const struct content *content)
{
    return rich_runs_sum(rich_content_of(content)->runs).bytes + 10;
}

/* ---- Operations ---- */

struct rich_operation *rich_operation_create(void)
{
    struct rich_operation *operation = memory_allocate(sizeof(*operation));

    *operation = (struct rich_operation){.operation = {.type = &type_rich}};
    return operation;
}

static enum status operation_decode(struct span json, struct operation **operation,
                                    struct fault *fault)
{
    struct rich_operation *decoded = rich_operation_create();
    enum status status = rich_delta_decode(json, false, &decoded->delta, fault);

    if (status == STATUS_OK)
        *operation = &decoded->operation;
    else
        type_rich.discard(&decoded->operation);
    return status;
}

static void operation_free(struct operation *operation)
{
    if (operation == NULL)
        return;
    rich_delta_finish(&rich_operation_of(operation)->delta);
    memory_free(rich_operation_of(operation));
}

static void operation_write(const struct operation *operation, struct buffer *out)
{
    rich_delta_write(&rich_operation_of(operation)->delta, out);
}

static bool operation_is_empty(const struct operation *operation)
{
    const struct rich_delta *delta = &rich_operation_of(operation)->delta;

    for (size_t i = 0; i < delta->count; i++)
        if (delta->parts[i].kind != RICH_RETAIN || delta->parts[i].attributes != NULL)
            return false;
    return true;
}

/* ---- Applying: first a look whether all fits, then changes that cannot fail ---- */

/* What the part may add to the document, at most. */
static struct value_size growth_of(const struct rich_part *part, const struct rich_run *runs,
                                   uint64_t at)
{
    struct value_size growth = {0};
    struct value_size attributes = {0};

    if (part->attributes != NULL)
        attributes = value_measure(part->attributes);
    if (part->kind == RICH_INSERT) {
        growth.bytes = part->text.size + attributes.bytes + 32;
        growth.nodes = attributes.nodes + 2;
        if (part->embed != NULL) {
            struct value_size embed = value_measure(part->embed);

            growth.bytes += embed.bytes;
            growth.nodes += embed.nodes;
        }
    } else if (part->attributes != NULL) {
        size_t runs_touched =
            rich_runs_before(runs, at + part->utf16) - rich_runs_before(runs, at) + 2;

        growth.bytes = runs_touched * (attributes.bytes + 16);
        growth.nodes = runs_touched * attributes.nodes;
    }
    return growth;
}

static enum status check_growth(const struct rich_run *runs, struct value_size growth,
                                struct fault *fault)
{
    struct rich_sum sum = rich_runs_sum(runs);

    if (growth.bytes > 0 && sum.bytes + growth.bytes > LIMIT_DOCUMENT_BYTES)
        return fault_set(fault, STATUS_TOO_LARGE, "the document would have more than %d bytes",
                         LIMIT_DOCUMENT_BYTES);
    if (growth.nodes > 0 && sum.nodes + growth.nodes > LIMIT_DOCUMENT_NODES)
        return fault_set(fault, STATUS_TOO_MANY_NODES,
                         "the document would have more than %d values", LIMIT_DOCUMENT_NODES);
    return STATUS_OK;
}

static enum status content_check(const struct content *content, const struct operation *operation,
                                 struct fault *fault)
{
    const struct rich_delta *delta = &rich_operation_of(operation)->delta;
    const struct rich_run *runs = rich_content_of(content)->runs;
    uint64_t at = 0, end = rich_runs_sum(runs).utf16;
    struct value_size growth = {0};

    for (size_t i = 0; i < delta->count; i++) {
        const struct rich_part *part = &delta->parts[i];
        bool moves = part->kind != RICH_INSERT;

        if (moves && part->utf16 > end - at)
            return fault_set(fault, STATUS_NOT_APPLICABLE,
                             "component %zu: it reaches beyond the document's end", i);
        if (moves && !rich_runs_is_boundary(runs, at + part->utf16))
            return fault_set(fault, STATUS_NOT_APPLICABLE,
                             "component %zu: it cuts a surrogate pair", i);
        struct value_size more = growth_of(part, runs, at);
        growth.bytes += more.bytes;
        growth.nodes += more.nodes;
        if (moves)
            at += part->utf16;
    }
    return check_growth(runs, growth, fault);
}

static enum status content_apply(struct content *content, const struct operation *operation,
                                 struct fault *fault)
{
    const struct rich_delta *delta = &rich_operation_of(operation)->delta;
    struct rich_run **runs = &rich_content_of(content)->runs;
    uint64_t at = 0;
    enum status status = content_check(content, operation, fault);

    for (size_t i = 0; status == STATUS_OK && i < delta->count; i++) {
        const struct rich_part *part = &delta->parts[i];
        struct rich_piece piece = piece_of_part(part);

        if (part->kind == RICH_DELETE) {
            *runs = rich_runs_delete(*runs, at, part->utf16);
            continue;
        }
        if (part->kind == RICH_INSERT)
            *runs = rich_runs_insert(*runs, at, &piece);
        else if (part->attributes != NULL)
            *runs = rich_runs_format(*runs, at, part->utf16, part->attributes);
        at += part->utf16;
    }
    return status;
}

const struct type type_rich = {
    .name = "rich",
    .uri = "http://sharejs.org/types/rich-text/v1",
    .alias = "rich-text",
    .who_breaks_ties = true,
    .left = SIDE_SECOND,
    .components_max = LIMIT_OPERATION_COMPONENTS,
    .create = content_create,
    .copy = content_copy,
    .destroy = content_free,
    .encode = content_encode,
    .size = content_size,
    .decode = operation_decode,
    .discard = operation_free,
    .write = operation_write,
    .check = content_check,
    .apply = content_apply,
    .transform = rich_transform,
    .compose = rich_compose,
    .invert = rich_invert,
    .difference = rich_difference,
    .is_empty = operation_is_empty,
    .move_position = rich_move_position,
};
