/* expect - what a type shall answer, in JSON: one line for each case. */
#ifndef TESTS_OT_EXPECT_H
#define TESTS_OT_EXPECT_H

#include "base/prng.h"
#include "tests/ot/laws.h"

static inline void expect_applied(const struct type *type, const char *document,
                                  const char *operation_json, const char *after)
{
    struct content *content = law_content(type, document);
    struct operation *operation = law_operation(type, operation_json);
    struct fault fault = {0};

    ck_assert_msg(type->check(content, operation, &fault) == STATUS_OK, "%s: %s", operation_json,
                  fault.text);
    ck_assert_int_eq(type->apply(content, operation, &fault), STATUS_OK);
    law_expect_content(content, after);
    operation_discard(operation);
    content_destroy(content);
}

/* The operation is refused with this reason, and the document (canonical JSON) stays. */
static inline void expect_refused(const struct type *type, const char *document,
                                  const char *operation_json, enum status status,
                                  const char *reason)
{
    struct content *content = law_content(type, document);
    struct operation *operation = law_operation(type, operation_json);
    struct fault fault = {0};
    size_t size = type->size(content);

    ck_assert_int_eq(type->check(content, operation, NULL), status);
    ck_assert_int_eq(type->apply(content, operation, &fault), status);
    ck_assert_str_eq(fault.text, reason);
    law_expect_content(content, document);
    ck_assert_uint_eq(type->size(content), size);
    operation_discard(operation);
    content_destroy(content);
}

static inline void expect_malformed(const struct type *type, const char *operation_json,
                                    enum status status, const char *reason)
{
    struct fault fault = {0};

    ck_assert_int_eq(law_decode_status(type, operation_json, &fault), status);
    ck_assert_str_eq(fault.text, reason);
}

static inline void expect_document_malformed(const struct type *type, const char *document,
                                             const char *reason)
{
    struct content *content = NULL;
    struct fault fault = {0};

    ck_assert_int_eq(json_scan(span_of_string(document), &json_limits_default, NULL), STATUS_OK);
    ck_assert_int_eq(type->create(span_of_string(document), &content, &fault),
                     STATUS_MALFORMED_DOCUMENT);
    ck_assert_ptr_null(content);
    ck_assert_str_eq(fault.text, reason);
}

/* An absent `expected`: NOT_APPLICABLE. */
static inline void expect_transformed(const struct type *type, const char *operation_json,
                                      const char *other_json, enum side side, const char *expected)
{
    struct operation *operation = law_operation(type, operation_json);
    struct operation *other = law_operation(type, other_json), *result = NULL;
    enum status status = type->transform(operation, other, side, &result);

    ck_assert_int_eq(status, expected == NULL ? STATUS_NOT_APPLICABLE : STATUS_OK);
    if (expected != NULL)
        law_expect_operation(result, expected);
    operation_discard(result);
    operation_discard(operation);
    operation_discard(other);
}

static inline void expect_composed(const struct type *type, const char *first_json,
                                   const char *second_json, const char *expected)
{
    struct operation *first = law_operation(type, first_json);
    struct operation *second = law_operation(type, second_json), *result = NULL;
    enum status status = type->compose(first, second, &result);

    ck_assert_int_eq(status, expected == NULL ? STATUS_NOT_APPLICABLE : STATUS_OK);
    if (expected != NULL)
        law_expect_operation(result, expected);
    operation_discard(result);
    operation_discard(first);
    operation_discard(second);
}

static inline void expect_inverted(const struct type *type, const char *document,
                                   const char *operation_json, const char *expected)
{
    struct content *content = law_content(type, document);
    struct operation *operation = law_operation(type, operation_json), *result = NULL;

    ck_assert_int_eq(type->invert(operation, content, &result), STATUS_OK);
    law_expect_operation(result, expected);
    ck_assert(law_inverts(content, operation));
    operation_discard(result);
    operation_discard(operation);
    content_destroy(content);
}

static inline void expect_difference(const struct type *type, const char *before_json,
                                     const char *after_json, const char *expected)
{
    struct content *before = law_content(type, before_json);
    struct content *after = law_content(type, after_json);
    struct operation *result = NULL;

    ck_assert_int_eq(type->difference(before, after, &result), STATUS_OK);
    law_expect_operation(result, expected);
    ck_assert(law_differs(before, after));
    operation_discard(result);
    content_destroy(before);
    content_destroy(after);
}

/* compose(compose(a, b), c) and compose(a, compose(b, c)) do the same. */
static inline bool law_associates(const struct content *content, const struct operation *a,
                                  const struct operation *b, const struct operation *c)
{
    const struct type *type = content->type;
    struct operation *ab, *bc, *left, *right;

    ck_assert_int_eq(type->compose(a, b, &ab), STATUS_OK);
    ck_assert_int_eq(type->compose(b, c, &bc), STATUS_OK);
    ck_assert_int_eq(type->compose(ab, c, &left), STATUS_OK);
    ck_assert_int_eq(type->compose(a, bc, &right), STATUS_OK);
    struct content *one = law_applied(content, left);
    struct content *two = law_applied(content, right);
    bool same = content_equal(one, two);
    content_destroy(one);
    content_destroy(two);
    operation_discard(ab);
    operation_discard(bc);
    operation_discard(left);
    operation_discard(right);
    return same;
}

/* What was accepted can be read again: no operation poisons its document. */
static inline bool law_loads_again(const struct content *content)
{
    struct buffer json = {0};
    struct content *again = NULL;

    content->type->encode(content, &json);
    ck_assert_int_eq(json_scan(buffer_span(&json), &json_limits_default, NULL), STATUS_OK);
    ck_assert_int_eq(content->type->create(buffer_span(&json), &again, NULL), STATUS_OK);
    bool same = content_equal(content, again);
    content_destroy(again);
    buffer_finish(&json);
    return same;
}

/* All laws, on four operations that fit: a and b at once, then c after a, d after c. */
static inline void expect_laws(const struct content *content,
                               struct operation *(*make)(struct prng *prng,
                                                         const struct content *content),
                               uint64_t seed)
{
    unsigned long long shown = (unsigned long long)seed;
    struct prng prng;

    prng_init(&prng, seed);
    struct operation *a = make(&prng, content), *b = make(&prng, content);
    struct content *between = law_applied(content, a);
    struct operation *c = make(&prng, between);
    struct content *after = law_applied(between, c);
    struct operation *d = make(&prng, after);

    ck_assert_msg(law_reads_back(a), "seed %llu: does not read back", shown);
    if (!content->type->identity)
        ck_assert_msg(law_converges(content, a, b), "seed %llu: TP1", shown);
    ck_assert_msg(law_composes(content, a, c), "seed %llu: compose", shown);
    ck_assert_msg(law_associates(content, a, c, d), "seed %llu: associativity", shown);
    ck_assert_msg(law_inverts(content, a), "seed %llu: invert", shown);
    ck_assert_msg(law_differs(content, after), "seed %llu: difference", shown);
    ck_assert_msg(law_loads_again(after), "seed %llu: a cold load", shown);
    operation_discard(a);
    operation_discard(b);
    operation_discard(c);
    operation_discard(d);
    content_destroy(between);
    content_destroy(after);
}

#endif
