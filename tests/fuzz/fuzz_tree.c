/* fuzz_tree - whatever tree accepts can be applied, in any order, taken back and composed. Its
 * operations do not commute: the order of the server decides. See type_laws.h for the input. */
#include "tests/fuzz/type_laws.h"

/* `a`, then `b`: the same as both in one. */
static void check_compose(const struct content *content, const struct operation *a,
                          const struct operation *b)
{
    struct content *between = laws_applied(content, a);
    struct content *after = laws_applied(between, b);
    struct operation *both;

    must(type_tree.compose(a, b, &both) == STATUS_OK);
    struct content *at_once = laws_applied(content, both);
    must(content_equal(after, at_once));
    laws_invert(content, both, at_once);
    content_destroy(between);
    content_destroy(after);
    content_destroy(at_once);
    operation_discard(both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct laws_input input;

    if (!laws_read(&type_tree, data, size, &input))
        return 0;
    check_compose(input.content, input.a, input.b);
    check_compose(input.content, input.b, input.a);
    laws_input_finish(&input);
    return 0;
}
