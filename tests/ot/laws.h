/* laws - what every document type has to obey, for the tests of each of them. */
#ifndef TESTS_OT_LAWS_H
#define TESTS_OT_LAWS_H

#include "tests/ot/values.h"
#include "tests/runner.h"

/* ---- Values from JSON and back ---- */

/* Why the JSON is no operation of the type. */
static inline enum status law_decode_status(const struct type *type, const char *json,
                                            struct fault *fault)
{
    struct operation *operation = NULL;

    ck_assert_int_eq(json_scan(span_of_string(json), &json_limits_default, fault), STATUS_OK);
    enum status status = type->decode(span_of_string(json), &operation, fault);
    ck_assert((status == STATUS_OK) == (operation != NULL));
    operation_discard(operation);
    return status;
}

static inline void law_expect_operation(const struct operation *operation, const char *json)
{
    struct buffer out = {0};

    operation->type->write(operation, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(json)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), json);
    buffer_finish(&out);
}

static inline void law_expect_content(const struct content *content, const char *json)
{
    struct buffer out = {0};

    content->type->encode(content, &out);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(json)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), json);
    buffer_finish(&out);
}

/* A copy with the operation applied; the operation has to fit. */
static inline struct content *law_applied(const struct content *content,
                                          const struct operation *operation)
{
    struct content *after = content->type->copy(content);
    struct fault fault = {0};
    enum status status = content->type->apply(after, operation, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return after;
}

/* ---- The laws: false when broken ---- */

/* TP1: a, then b moved over it, ends where b, then a moved over it, ends. */
static inline bool law_converges(const struct content *content, const struct operation *a,
                                 const struct operation *b)
{
    const struct type *type = content->type;
    struct operation *a_moved = NULL;
    struct operation *b_moved = NULL;

    ck_assert_int_eq(type->transform(a, b, SIDE_FIRST, &a_moved), STATUS_OK);
    ck_assert_int_eq(type->transform(b, a, SIDE_SECOND, &b_moved), STATUS_OK);
    struct content *after_a = law_applied(content, a);
    struct content *after_b = law_applied(content, b);
    struct content *one = law_applied(after_a, b_moved);
    struct content *two = law_applied(after_b, a_moved);
    bool same = content_equal(one, two);

    content_destroy(one);
    content_destroy(two);
    content_destroy(after_a);
    content_destroy(after_b);
    operation_discard(a_moved);
    operation_discard(b_moved);
    return same;
}

/* compose: one operation does what the two do, one after the other. */
static inline bool law_composes(const struct content *content, const struct operation *first,
                                const struct operation *second)
{
    struct operation *both = NULL;

    ck_assert_int_eq(content->type->compose(first, second, &both), STATUS_OK);
    struct content *between = law_applied(content, first);
    struct content *after = law_applied(between, second);
    struct content *at_once = law_applied(content, both);
    bool same = content_equal(after, at_once);

    content_destroy(between);
    content_destroy(after);
    content_destroy(at_once);
    operation_discard(both);
    return same;
}

/* invert: an operation and its inverse leave nothing behind. */
static inline bool law_inverts(const struct content *content, const struct operation *operation)
{
    struct operation *inverse = NULL;

    ck_assert_int_eq(content->type->invert(operation, content, &inverse), STATUS_OK);
    struct content *after = law_applied(content, operation);
    struct content *back = law_applied(after, inverse);
    bool same = content_equal(content, back);

    content_destroy(after);
    content_destroy(back);
    operation_discard(inverse);
    return same;
}

/* difference: the operation from one state to another leads there. */
static inline bool law_differs(const struct content *before, const struct content *after)
{
    struct operation *difference = NULL;

    ck_assert_int_eq(before->type->difference(before, after, &difference), STATUS_OK);
    struct content *reached = law_applied(before, difference);
    bool same = content_equal(reached, after) &&
                before->type->is_empty(difference) == content_equal(before, after);

    content_destroy(reached);
    operation_discard(difference);
    return same;
}

/* write and decode: reading back what was written gives the same operation. */
static inline bool law_reads_back(const struct operation *operation)
{
    struct operation *again = NULL;
    struct buffer out = {0};

    operation->type->write(operation, &out);
    ck_assert_int_eq(json_scan(buffer_span(&out), &json_limits_default, NULL), STATUS_OK);
    ck_assert_int_eq(operation->type->decode(buffer_span(&out), &again, NULL), STATUS_OK);
    bool same = operation_equal(operation, again);

    operation_discard(again);
    buffer_finish(&out);
    return same;
}

#endif
