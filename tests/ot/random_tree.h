/* random_tree - operations on trees of few objects, so that they collide. */
#ifndef TESTS_OT_RANDOM_TREE_H
#define TESTS_OT_RANDOM_TREE_H

#include "base/prng.h"
#include "ot/tree.h"
#include "tests/ot/values.h"

static inline void random_tree_place(struct prng *prng, int objects, struct buffer *out)
{
    static const char *const keys[] = {"a0", "a1", "a0V", "Zz"};
    int parent = (int)prng_below(prng, (uint64_t)objects + 1);

    if (parent == objects)
        buffer_append_text(out, ",\"place\":[null,");
    else
        buffer_append_format(out, ",\"place\":[\"o%d\",", parent);
    buffer_append_format(out, "\"%s\"]", keys[prng_below(prng, 4)]);
}

/* One component about one of the objects o0, o1, …. */
static inline void random_tree_component(struct prng *prng, int objects, struct buffer *out)
{
    int object = (int)prng_below(prng, (uint64_t)objects);
    uint64_t kind = prng_below(prng, 8);
    const char *name = prng_below(prng, 2) == 0 ? "x" : "y";

    if (kind < 2) {
        buffer_append_format(out, "{\"create\":\"o%d\",\"properties\":{\"x\":%d}", object,
                             (int)prng_below(prng, 9));
        random_tree_place(prng, objects, out);
    } else if (kind < 5) {
        buffer_append_format(out, "{\"move\":\"o%d\"", object);
        random_tree_place(prng, objects, out);
    } else if (kind < 7) {
        buffer_append_format(out, "{\"set\":\"o%d\",\"properties\":{\"%s\":", object, name);
        if (prng_below(prng, 4) == 0)
            buffer_append_text(out, "null}");
        else
            buffer_append_format(out, "%d}", (int)prng_below(prng, 9));
    } else {
        buffer_append_format(out, "{\"delete\":\"o%d\"", object);
    }
    buffer_append_byte(out, '}');
}

static inline struct operation *random_tree_operation_of(struct prng *prng, int objects,
                                                         uint64_t components)
{
    struct buffer json = {0};

    buffer_append_byte(&json, '[');
    for (uint64_t i = 0; i < components; i++) {
        buffer_append_text(&json, i > 0 ? "," : "");
        random_tree_component(prng, objects, &json);
    }
    buffer_append_byte(&json, ']');
    buffer_append_byte(&json, 0);
    struct operation *operation = law_operation(&type_tree, (const char *)json.data);
    buffer_finish(&json);
    return operation;
}

static inline struct operation *random_tree_operation(struct prng *prng,
                                                      const struct content *content)
{
    (void)content;
    return random_tree_operation_of(prng, 6, prng_below(prng, 6));
}

/* No orphan, no cycle: as many objects are below the top as there are, each below its parent. */
static inline bool random_tree_is_sound(const struct content *content)
{
    const struct tree_content *tree = tree_content_of(content);
    size_t below_top = 0, all = 0;

    for (struct tree_object *each = tree->first_top; each != NULL;
         each = tree_object_walk(each, NULL)) {
        below_top++;
        if (each->parent != NULL && !tree_object_is_below(each, each->parent))
            return false;
    }
    for (struct tree_object *each = tree_object_first(tree); each != NULL;
         each = tree_object_after(tree, each))
        all++;
    return below_top == all;
}

#endif
