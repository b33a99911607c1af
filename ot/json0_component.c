#include "base/memory.h"
#include "ot/json0.h"

/* ---- Paths ---- */

struct json0_path *json0_path_create(size_t count)
{
    struct json0_path *path =
        memory_zeroed(1, sizeof(struct json0_path) + count * sizeof(struct json0_key));

    path->references = 1;
    path->count = count;
    return path;
}

struct json0_path *json0_path_share(struct json0_path *path)
{
    path->references++;
    return path;
}

void json0_path_release(struct json0_path *path)
{
    if (path == NULL || --path->references > 0)
        return;
    for (size_t i = 0; i < path->count; i++)
        json_decref(path->keys[i].name);
    memory_free(path);
}

bool json0_key_equal(const struct json0_key *a, const struct json0_key *b)
{
    if (a->name == NULL || b->name == NULL)
        return a->name == b->name && a->index == b->index;
    return a->name == b->name || span_equal(value_string(a->name), value_string(b->name));
}

const struct json0_key *json0_last_key(const struct json0_component *component)
{
    const struct json0_path *path = component->path;

    return path->count == 0 ? NULL : &path->keys[path->count - 1];
}

struct json0_key *json0_own_key(struct json0_component *component, size_t index)
{
    struct json0_path *shared = component->path;

    if (shared->references > 1) {
        struct json0_path *own = json0_path_create(shared->count);

        for (size_t i = 0; i < shared->count; i++) {
            own->keys[i] = shared->keys[i];
            json_incref(own->keys[i].name);
        }
        component->path = own;
        json0_path_release(shared);
    }
    return &component->path->keys[index];
}

/* ---- What a component holds ---- */

void json0_drop(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

struct json0_embedded *json0_embedded_take(struct operation *operation, struct components parts)
{
    struct json0_embedded *embedded = memory_allocate(sizeof(*embedded));

    *embedded = (struct json0_embedded){.references = 1, .parts = parts, .operation = operation};
    return embedded;
}

void json0_embedded_release(struct json0_embedded *embedded)
{
    if (embedded == NULL || --embedded->references > 0)
        return;
    components_finish(&text0_pairwise, &embedded->parts);
    operation_discard(embedded->operation);
    memory_free(embedded);
}

static void component_share(void *to, const void *from)
{
    struct json0_component *component = to;

    (void)from;
    json0_path_share(component->path);
    json_incref(component->insert);
    json_incref(component->remove);
    if (component->embedded != NULL)
        component->embedded->references++;
}

static void component_finish(void *item)
{
    struct json0_component *component = item;

    json0_path_release(component->path);
    json_decref(component->insert);
    json_decref(component->remove);
    json0_embedded_release(component->embedded);
}

const struct pairwise json0_pairwise = {.size = sizeof(struct json0_component),
                                        .share = component_share,
                                        .finish = component_finish,
                                        .append = json0_append,
                                        .transform = json0_transform_component};

/* ---- Embedded types ---- */

static const struct json0_subtype subtypes[] = {
    {.name = "text-unicode", .type = &type_text, .drops_empty = true},
    {.name = "rich-text", .type = &type_rich, .drops_empty = false},
};

enum { SUBTYPE_COUNT = sizeof(subtypes) / sizeof(subtypes[0]) };

const struct json0_subtype *json0_subtype_find(struct span name)
{
    for (size_t i = 0; i < SUBTYPE_COUNT; i++)
        if (span_equal(name, span_of_string(subtypes[i].name)))
            return &subtypes[i];
    return NULL;
}

const struct json0_subtype *json0_subtype_of(const struct operation *operation)
{
    for (size_t i = 0; i < SUBTYPE_COUNT; i++)
        if (operation->type == subtypes[i].type)
            return &subtypes[i];
    return NULL;
}
