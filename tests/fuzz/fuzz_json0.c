/* fuzz_json0 - whatever json0 accepts can be applied and read again, and obeys its laws when it
 * tells the truth: `ld` and `od` name what is there, `oi` alone sets what is absent. Nobody checks
 * that (nor does the reference), so it is checked here: each component has to be taken back by its
 * inverse. See type_laws.h for the input. */
#include "ot/json0.h"
#include "tests/fuzz/type_laws.h"

static struct operation *alone(const struct json0_component *component)
{
    struct json0_operation *operation = json0_operation_create();

    components_push(&json0_pairwise, &operation->components, component);
    return &operation->operation;
}

static bool is_taken_back(const struct content *content, const struct operation *operation)
{
    struct content *after = laws_applied(content, operation), *back;
    struct operation *inverse;

    must(after != NULL && type_json0.invert(operation, content, &inverse) == STATUS_OK);
    back = laws_applied(after, inverse);
    bool same = back != NULL && content_equal(content, back);
    content_destroy(after);
    content_destroy(back);
    operation_discard(inverse);
    return same;
}

/* Does each component of an operation that fits tell the truth? */
static bool is_true(const struct content *content, const struct operation *operation)
{
    const struct components *components = &json0_operation_of(operation)->components;
    struct content *state = type_json0.copy(content);
    bool honest = true;

    for (size_t i = 0; i < components->count && honest; i++) {
        struct operation *one = alone(components_at(&json0_pairwise, components, i));

        honest = is_taken_back(state, one);
        must(type_json0.apply(state, one, NULL) == STATUS_OK);
        operation_discard(one);
    }
    content_destroy(state);
    return honest;
}

/* The ways in which an operation edits strings: the reference does not move one way over another.
 */
static unsigned edits(const struct operation *operation)
{
    const struct components *components = &json0_operation_of(operation)->components;
    unsigned ways = 0;

    for (size_t i = 0; i < components->count; i++) {
        const struct json0_component *component = components_at(&json0_pairwise, components, i);

        if (component->kind >= JSON0_STRING)
            ways |= 1U << component->kind;
    }
    return ways;
}

static bool mixes(const struct operation *a, const struct operation *b)
{
    unsigned ways = edits(a) | edits(b);

    return (ways & (ways - 1)) != 0;
}

/* The operation was accepted: its document can be read again. Does it tell the truth as well? */
static bool check_one(const struct content *content, const struct operation *operation)
{
    struct content *after = laws_applied(content, operation), *again;
    struct buffer json = {0};

    if (after == NULL)
        return false;
    type_json0.encode(after, &json);
    must(json_scan(buffer_span(&json), &json_limits_default, NULL) == STATUS_OK);
    must(type_json0.create(buffer_span(&json), &again, NULL) == STATUS_OK);
    must(content_equal(after, again));
    buffer_finish(&json);
    content_destroy(again);
    content_destroy(after);
    return is_true(content, operation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct laws_input input;

    if (!laws_read(&type_json0, data, size, &input))
        return 0;
    bool true_a = check_one(input.content, input.a), true_b = check_one(input.content, input.b);
    if (true_a && true_b && !mixes(input.a, input.b))
        laws_check(input.content, input.a, input.b);
    laws_input_finish(&input);
    return 0;
}
