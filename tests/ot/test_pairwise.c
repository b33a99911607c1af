#include "ot/pairwise.h"

#include "base/limits.h"
#include "tests/runner.h"

/* A type whose component is a number: each adds one to the number of what it moves over; a zero
 * vanishes over a zero, and one hundred falls into two. */
struct number {
    int value;
};

static int alive;

static void share(void *to, const void *from)
{
    (void)to;
    (void)from;
    alive++;
}

static void finish(void *component)
{
    (void)component;
    alive--;
}

static enum status append(struct components *list, const void *component);

static enum status transform(struct components *list, const void *component, const void *other,
                             enum side side)
{
    const struct number *ours = component, *theirs = other;
    struct number moved = {ours->value + (side == SIDE_FIRST ? 1 : 10)};
    enum status status;

    if (ours->value == 0 && theirs->value == 0)
        return STATUS_OK;
    if (ours->value < 0)
        return STATUS_NOT_APPLICABLE;
    status = append(list, &moved);
    if (status == STATUS_OK && ours->value == 100)
        status = append(list, &moved);
    return status;
}

static const struct pairwise numbers = {sizeof(struct number), share, finish, append, transform};

static enum status append(struct components *list, const void *component)
{
    components_push(&numbers, list, component);
    return STATUS_OK;
}

static struct components list_of(const int *values, size_t count)
{
    struct components list = {0};

    for (size_t i = 0; i < count; i++)
        components_push(&numbers, &list, &(struct number){values[i]});
    return list;
}

static void expect_moved(const int *values, size_t count, const int *others, size_t other_count,
                         enum side side, const char *expected)
{
    struct components list = list_of(values, count), other = list_of(others, other_count);
    struct components result = {0};
    struct buffer text = {0};

    ck_assert_int_eq(pairwise_transform(&numbers, &list, &other, side, &result), STATUS_OK);
    for (size_t i = 0; i < result.count; i++)
        buffer_append_format(&text, "%d ",
                             ((struct number *)components_at(&numbers, &result, i))->value);
    ck_assert_msg(span_equal(buffer_span(&text), span_of_string(expected)), "%.*s",
                  SPAN_PRINT(buffer_span(&text)));
    buffer_finish(&text);
    components_finish(&numbers, &list);
    components_finish(&numbers, &other);
    components_finish(&numbers, &result);
    ck_assert_int_eq(alive, 0);
}

START_TEST(all_components_move_over_all_others)
{
    expect_moved((int[]){1, 2}, 2, (int[]){5, 6, 7}, 3, SIDE_FIRST, "4 5 ");
    expect_moved((int[]){1, 2}, 2, (int[]){5, 6, 7}, 3, SIDE_SECOND, "31 32 ");
    expect_moved((int[]){1, 2}, 2, NULL, 0, SIDE_FIRST, "1 2 ");
    expect_moved(NULL, 0, (int[]){1, 2}, 2, SIDE_SECOND, "");
}
END_TEST

START_TEST(what_vanishes_leaves_the_rest_alone)
{
    expect_moved((int[]){0, 2}, 2, (int[]){0, 6}, 2, SIDE_FIRST, "3 ");
    expect_moved((int[]){0, 2}, 2, (int[]){0, 6}, 2, SIDE_SECOND, "12 ");
}
END_TEST

START_TEST(what_splits_goes_on_as_two)
{
    expect_moved((int[]){1, 2}, 2, (int[]){100}, 1, SIDE_FIRST, "2 4 ");
    expect_moved((int[]){100}, 1, (int[]){1, 2}, 2, SIDE_FIRST, "102 102 ");
}
END_TEST

START_TEST(a_failure_frees_everything)
{
    struct components list = list_of((int[]){1, -1}, 2), other = list_of((int[]){1, 2}, 2);
    struct components result = {0};

    ck_assert_int_eq(pairwise_transform(&numbers, &list, &other, SIDE_SECOND, &result),
                     STATUS_NOT_APPLICABLE);
    components_finish(&numbers, &list);
    components_finish(&numbers, &other);
    components_finish(&numbers, &result);
    ck_assert_int_eq(alive, 0);
}
END_TEST

START_TEST(splitting_is_bounded)
{
    struct components list = {0}, more = {0};

    for (int i = 0; i <= LIMIT_SPLIT_COMPONENTS; i++)
        components_push(&numbers, &more, &(struct number){i});
    ck_assert_int_eq(components_append_all(&numbers, &list, &more), STATUS_TOO_LARGE);
    components_finish(&numbers, &list);
    components_finish(&numbers, &more);
}
END_TEST

TEST_MAIN("pairwise", all_components_move_over_all_others, what_vanishes_leaves_the_rest_alone,
          what_splits_goes_on_as_two, a_failure_frees_everything, splitting_is_bounded)
