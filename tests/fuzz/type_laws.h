/* type_laws - any JSON as a document and two operations; what a type accepts obeys its laws.
 *
 * input: [document, operation, operation] */
#ifndef TESTS_FUZZ_TYPE_LAWS_H
#define TESTS_FUZZ_TYPE_LAWS_H

#include "base/json_scan.h"
#include "ot/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy with the operation applied; NULL, and the copy was untouched, when it does not fit. */
static inline struct content *laws_applied(const struct content *content,
                                           const struct operation *operation)
{
    struct content *after = content->type->copy(content);
    enum status status = content->type->check(content, operation, NULL);

    must(content->type->apply(after, operation, NULL) == status);
    if (status == STATUS_OK)
        return after;
    must(content_equal(content, after));
    content_destroy(after);
    return NULL;
}

/* The operation that was read is written and read to the same. NULL when it is none. */
static inline struct operation *laws_operation(const struct type *type, struct span json)
{
    struct operation *operation = NULL;
    struct operation *again = NULL;
    struct buffer out = {0};

    if (type->decode(json, &operation, NULL) != STATUS_OK)
        return NULL;
    type->write(operation, &out);
    must(json_scan(buffer_span(&out), &json_limits_default, NULL) == STATUS_OK);
    must(type->decode(buffer_span(&out), &again, NULL) == STATUS_OK);
    must(operation_equal(operation, again));
    operation_discard(again);
    buffer_finish(&out);
    return operation;
}

static inline void laws_invert(const struct content *before, const struct operation *operation,
                               const struct content *after)
{
    struct operation *inverse;
    struct operation *difference;

    if (before->type->invert == NULL)
        return;
    must(before->type->invert(operation, before, &inverse) == STATUS_OK);
    struct content *back = laws_applied(after, inverse);
    must(back != NULL && content_equal(back, before));
    content_destroy(back);
    operation_discard(inverse);

    must(before->type->difference(before, after, &difference) == STATUS_OK);
    struct content *there = laws_applied(before, difference);
    must(there != NULL && content_equal(there, after));
    content_destroy(there);
    operation_discard(difference);
}

/* `a`, then `b` moved over it: the same as `b`, then `a` moved over it, and as both in one. */
static inline void laws_pair(const struct content *content, const struct operation *a,
                             const struct operation *b, const struct content *after_a,
                             const struct content *after_b)
{
    const struct type *type = content->type;
    struct operation *a_moved;
    struct operation *b_moved;
    struct operation *both;

    must(type->transform(a, b, SIDE_FIRST, &a_moved) == STATUS_OK);
    must(type->transform(b, a, SIDE_SECOND, &b_moved) == STATUS_OK);
    struct content *one = laws_applied(after_a, b_moved);
    struct content *two = laws_applied(after_b, a_moved);
    must(one != NULL && two != NULL && content_equal(one, two));

    must(type->compose(a, b_moved, &both) == STATUS_OK);
    struct content *at_once = laws_applied(content, both);
    must(at_once != NULL && content_equal(at_once, one));
    content_destroy(at_once);
    content_destroy(one);
    content_destroy(two);
    operation_discard(both);
    operation_discard(a_moved);
    operation_discard(b_moved);
}

static inline void laws_check(const struct content *content, const struct operation *a,
                              const struct operation *b)
{
    struct content *after_a = laws_applied(content, a);
    struct content *after_b = laws_applied(content, b);

    if (after_a != NULL)
        laws_invert(content, a, after_a);
    if (after_a != NULL && after_b != NULL)
        laws_pair(content, a, b, after_a, after_b);
    content_destroy(after_a);
    content_destroy(after_b);
}

/* A document and two operations, which need not fit it. */
struct laws_input {
    struct content *content;
    struct operation *a;
    struct operation *b;
};

static inline void laws_input_finish(struct laws_input *input)
{
    operation_discard(input->a);
    operation_discard(input->b);
    content_destroy(input->content);
}

/* False when the bytes are no input; there is then nothing to finish. */
static inline bool laws_read(const struct type *type, const uint8_t *data, size_t size,
                             struct laws_input *input)
{
    struct span values[3];
    size_t count;

    *input = (struct laws_input){0};
    if (json_scan_array(span_of(data, size), &json_limits_default, values, 3, &count, NULL) !=
            STATUS_OK ||
        count != 3 || type->create(values[0], &input->content, NULL) != STATUS_OK)
        return false;
    input->a = laws_operation(type, values[1]);
    input->b = laws_operation(type, values[2]);
    if (input->a != NULL && input->b != NULL)
        return true;
    laws_input_finish(input);
    return false;
}

static inline int laws_fuzz(const struct type *type, const uint8_t *data, size_t size)
{
    struct laws_input input;

    if (!laws_read(type, data, size, &input))
        return 0;
    laws_check(input.content, input.a, input.b);
    laws_input_finish(&input);
    return 0;
}

#endif
