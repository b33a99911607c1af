#include "ot/json0.h"

#include "base/json_scan.h"
#include "base/limits.h"
#include "base/memory.h"

struct json0_content *json0_content_of(const struct content *content)
{
    return container_of(content, struct json0_content, content);
}

struct json0_operation *json0_operation_of(const struct operation *operation)
{
    return container_of(operation, struct json0_operation, operation);
}

static struct content *content_of_value_take(json_t *root, struct value_size size)
{
    struct json0_content *content = memory_allocate(sizeof(*content));

    *content = (struct json0_content){.content = {.type = &type_json0}, .root = root, .size = size};
    return &content->content;
}

static enum status content_create(struct span data, struct content **content, struct fault *fault)
{
    json_t *root = json_null();

    if (span_present(data) && value_load(data, &root, fault) != STATUS_OK)
        return STATUS_MALFORMED_DOCUMENT;
    struct value_size size = value_measure(root);
    if (size.depth > LIMIT_JSON_DEPTH || size.nodes > LIMIT_DOCUMENT_NODES) {
        json_decref(root);
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT, "deeper or of more values than allowed");
    }
    *content = content_of_value_take(root, size);
    return STATUS_OK;
}

static struct content *content_copy(const struct content *content)
{
    const struct json0_content *original = json0_content_of(content);

    return content_of_value_take(value_copy(original->root), original->size);
}

static void content_free(struct content *content)
{
    if (content == NULL)
        return;
    json_decref(json0_content_of(content)->root);
    memory_free(json0_content_of(content));
}

static void content_encode(const struct content *content, struct buffer *out)
{
    value_write(json0_content_of(content)->root, out);
}

static size_t content_size(const struct content *content)
{
    return json0_content_of(content)->size.bytes;
}

struct json0_operation *json0_operation_create(void)
{
    struct json0_operation *operation = memory_allocate(sizeof(*operation));

    *operation = (struct json0_operation){.operation = {.type = &type_json0}};
    return operation;
}

static void operation_free(struct operation *operation)
{
    if (operation == NULL)
        return;
    components_finish(&json0_pairwise, &json0_operation_of(operation)->components);
    memory_free(json0_operation_of(operation));
}

static bool operation_is_empty(const struct operation *operation)
{
    return json0_operation_of(operation)->components.count == 0;
}

const struct type type_json0 = {
    .name = "json0",
    .uri = "http://sharejs.org/types/JSONv0",
    .left = SIDE_FIRST,
    .components_max = LIMIT_JSON0_COMPONENTS,
    .create = content_create,
    .copy = content_copy,
    .destroy = content_free,
    .encode = content_encode,
    .size = content_size,
    .decode = json0_decode,
    .discard = operation_free,
    .write = json0_write,
    .check = json0_check,
    .apply = json0_apply,
    .transform = json0_transform,
    .compose = json0_compose,
    .invert = json0_invert,
    .difference = json0_difference,
    .is_empty = operation_is_empty,
};
