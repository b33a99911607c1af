/* counter - an integer that operations add to.
 *
 * Content and operation stay within ±(2^53 − 1), the integers that JavaScript holds exactly, so an
 * addition never leaves int64_t. Additions commute: transform is the identity. */
#include "base/json_scan.h"
#include "base/memory.h"
#include "ot/type.h"

struct counter {
    struct content head;
    int64_t value;
};

struct addition {
    struct operation head;
    int64_t amount;
};

static bool fits(int64_t value)
{
    return value >= -JSON_INTEGER_MAX && value <= JSON_INTEGER_MAX;
}

static struct counter *counter_of(const struct content *content)
{
    must(content->type == &type_counter);
    return container_of(content, struct counter, head);
}

static int64_t amount_of(const struct operation *operation)
{
    must(operation->type == &type_counter);
    return container_of(operation, const struct addition, head)->amount;
}

static struct content *content_of(int64_t value)
{
    struct counter *counter = memory_allocate(sizeof(*counter));

    *counter = (struct counter){{&type_counter}, value};
    return &counter->head;
}

/* OVERFLOW when the amount is no safe integer. */
static enum status addition_of(int64_t amount, struct operation **operation)
{
    if (!fits(amount))
        return STATUS_OVERFLOW;
    struct addition *addition = memory_allocate(sizeof(*addition));

    *addition = (struct addition){{&type_counter}, amount};
    *operation = &addition->head;
    return STATUS_OK;
}

static enum status counter_create(struct span data, struct content **content, struct fault *fault)
{
    int64_t value = 0;

    if (span_present(data) && !json_read_integer(data, &value))
        return fault_set(fault, STATUS_MALFORMED_DOCUMENT,
                         "a counter is an integer within ±(2^53 − 1)");
    *content = content_of(value);
    return STATUS_OK;
}

static struct content *counter_copy(const struct content *content)
{
    return content_of(counter_of(content)->value);
}

static void counter_destroy(struct content *content)
{
    memory_free(content);
}

static void counter_encode(const struct content *content, struct buffer *out)
{
    buffer_append_signed(out, counter_of(content)->value);
}

static size_t counter_size(const struct content *content)
{
    (void)content;
    return sizeof("-9007199254740991") - 1;
}

static enum status counter_decode(struct span json, struct operation **operation,
                                  struct fault *fault)
{
    int64_t amount;

    if (!json_read_integer(json, &amount))
        return fault_set(fault, STATUS_MALFORMED_OPERATION,
                         "a counter operation is an integer within ±(2^53 − 1)");
    return addition_of(amount, operation);
}

static void counter_discard(struct operation *operation)
{
    memory_free(operation);
}

static void counter_write(const struct operation *operation, struct buffer *out)
{
    buffer_append_signed(out, amount_of(operation));
}

static enum status counter_check(const struct content *content, const struct operation *operation,
                                 struct fault *fault)
{
    int64_t value = counter_of(content)->value;
    int64_t amount = amount_of(operation);

    if (!fits(value + amount))
        return fault_set(fault, STATUS_OVERFLOW, "%lld + %lld leaves ±(2^53 − 1)", (long long)value,
                         (long long)amount);
    return STATUS_OK;
}

static enum status counter_apply(struct content *content, const struct operation *operation,
                                 struct fault *fault)
{
    enum status status = counter_check(content, operation, fault);

    if (status == STATUS_OK)
        counter_of(content)->value += amount_of(operation);
    return status;
}

static enum status counter_transform(const struct operation *operation,
                                     const struct operation *other, enum side side,
                                     struct operation **result)
{
    (void)other;
    (void)side;
    return addition_of(amount_of(operation), result);
}

static enum status counter_compose(const struct operation *first, const struct operation *second,
                                   struct operation **result)
{
    return addition_of(amount_of(first) + amount_of(second), result);
}

static enum status counter_invert(const struct operation *operation, const struct content *before,
                                  struct operation **result)
{
    (void)before;
    return addition_of(-amount_of(operation), result);
}

static enum status counter_difference(const struct content *before, const struct content *after,
                                      struct operation **result)
{
    return addition_of(counter_of(after)->value - counter_of(before)->value, result);
}

static bool counter_is_empty(const struct operation *operation)
{
    return amount_of(operation) == 0;
}

const struct type type_counter = {
    .name = "counter",
    .identity = true,
    .left = SIDE_FIRST,
    .create = counter_create,
    .copy = counter_copy,
    .destroy = counter_destroy,
    .encode = counter_encode,
    .size = counter_size,
    .decode = counter_decode,
    .discard = counter_discard,
    .write = counter_write,
    .check = counter_check,
    .apply = counter_apply,
    .transform = counter_transform,
    .compose = counter_compose,
    .invert = counter_invert,
    .difference = counter_difference,
    .is_empty = counter_is_empty,
};
