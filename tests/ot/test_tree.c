#include "ot/tree.h"

#include "tests/ot/expect.h"
#include "tests/ot/random_tree.h"

#define AB                                                                                         \
    "{\"a\":{\"place\":[null,\"a0\"],\"properties\":{\"x\":1}},"                                   \
    "\"b\":{\"place\":[\"a\",\"a0\"],\"properties\":{}}}"

START_TEST(each_kind_changes_the_document)
{
    expect_applied(&type_tree, "{}",
                   "[{\"create\":\"a\",\"place\":[null,\"a0\"],\"properties\":{\"x\":1}},"
                   "{\"create\":\"b\",\"place\":[\"a\",\"a0\"],\"properties\":{}}]",
                   AB);
    expect_applied(&type_tree, AB, "[{\"set\":\"a\",\"properties\":{\"x\":null,\"y\":[2]}}]",
                   "{\"a\":{\"place\":[null,\"a0\"],\"properties\":{\"y\":[2]}},"
                   "\"b\":{\"place\":[\"a\",\"a0\"],\"properties\":{}}}");
    expect_applied(&type_tree, AB, "[{\"move\":\"b\",\"place\":[null,\"a1\"]}]",
                   "{\"a\":{\"place\":[null,\"a0\"],\"properties\":{\"x\":1}},"
                   "\"b\":{\"place\":[null,\"a1\"],\"properties\":{}}}");
    expect_applied(&type_tree, AB, "[{\"delete\":\"a\"}]", "{}");
}
END_TEST

START_TEST(what_cannot_be_changes_nothing)
{
    static const char *const components[] = {
        "{\"create\":\"a\",\"place\":[null,\"a5\"],\"properties\":{\"x\":9}}",
        "{\"create\":\"c\",\"place\":[\"gone\",\"a5\"],\"properties\":{}}",
        "{\"move\":\"a\",\"place\":[\"b\",\"a0\"]}",
        "{\"move\":\"a\",\"place\":[\"a\",\"a0\"]}",
        "{\"move\":\"b\",\"place\":[\"gone\",\"a0\"]}",
        "{\"move\":\"gone\",\"place\":[null,\"a0\"]}",
        "{\"set\":\"gone\",\"properties\":{\"x\":1}}",
        "{\"delete\":\"gone\"}",
    };

    for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
        struct buffer json = {0};

        buffer_append_format(&json, "[%s]", components[i]);
        buffer_append_byte(&json, 0);
        expect_applied(&type_tree, AB, (const char *)json.data, AB);
        expect_inverted(&type_tree, AB, (const char *)json.data, "[]");
        buffer_finish(&json);
    }
}
END_TEST

START_TEST(random_operations_obey_the_laws)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct prng prng;
        struct content *content = law_content(&type_tree, "{}");
        struct operation *start;

        prng_init(&prng, seed + 1000000);
        start = random_tree_operation_of(&prng, 6, 12);
        ck_assert_int_eq(type_tree.apply(content, start, NULL), STATUS_OK);
        ck_assert(random_tree_is_sound(content));
        expect_laws(content, random_tree_operation, seed);
        operation_discard(start);
        content_destroy(content);
    }
}
END_TEST

/* Undo all of one's own, redo all: nothing has changed, whatever others did before. */
START_TEST(undoing_all_and_redoing_all_leaves_the_document)
{
    for (uint64_t seed = 1; seed <= 500; seed++) {
        struct prng prng;
        struct content *content = law_content(&type_tree, "{}");
        struct operation *mine[6], *undo[6];

        prng_init(&prng, seed);
        for (int i = 0; i < 6; i++) {
            struct operation *others = random_tree_operation_of(&prng, 6, 3);

            ck_assert_int_eq(type_tree.apply(content, others, NULL), STATUS_OK);
            operation_discard(others);
        }
        for (int i = 0; i < 6; i++) {
            mine[i] = random_tree_operation_of(&prng, 6, 2);
            ck_assert_int_eq(type_tree.invert(mine[i], content, &undo[i]), STATUS_OK);
            ck_assert_int_eq(type_tree.apply(content, mine[i], NULL), STATUS_OK);
        }
        struct content *before = type_tree.copy(content);
        /* What an undo takes away is taken at that moment: the redo is the inverse of the undo. */
        for (int i = 5; i >= 0; i--) {
            operation_discard(mine[i]);
            ck_assert_int_eq(type_tree.invert(undo[i], content, &mine[i]), STATUS_OK);
            ck_assert_int_eq(type_tree.apply(content, undo[i], NULL), STATUS_OK);
        }
        for (int i = 0; i < 6; i++)
            ck_assert_int_eq(type_tree.apply(content, mine[i], NULL), STATUS_OK);
        ck_assert_msg(content_equal(content, before), "seed %llu", (unsigned long long)seed);
        for (int i = 0; i < 6; i++) {
            operation_discard(mine[i]);
            operation_discard(undo[i]);
        }
        content_destroy(before);
        content_destroy(content);
    }
}
END_TEST

TEST_MAIN("tree", each_kind_changes_the_document, what_cannot_be_changes_nothing,
          random_operations_obey_the_laws, undoing_all_and_redoing_all_leaves_the_document)
