#include "ot/tree.h"

#include "base/memory.h"
#include "tests/ot/expect.h"
#include "tests/ot/random_tree.h"

static void create(struct content *content, const char *id, const char *parent, const char *key)
{
    struct buffer json = {0};
    struct operation *operation;

    buffer_append_format(&json, "[{\"create\":\"%s\",\"place\":[%s,\"%s\"],\"properties\":{}}]", id,
                         parent, key);
    buffer_append_byte(&json, 0);
    operation = law_operation(&type_tree, (const char *)json.data);
    ck_assert_int_eq(type_tree.apply(content, operation, NULL), STATUS_OK);
    operation_discard(operation);
    buffer_finish(&json);
}

START_TEST(siblings_are_in_the_order_of_keys_then_ids)
{
    struct content *content = law_content(&type_tree, "{}");
    static const char *const expected[] = {"z", "b", "c", "a"};
    size_t count;

    create(content, "a", "null", "a1");
    create(content, "c", "null", "a0");
    create(content, "b", "null", "a0");
    create(content, "z", "null", "Zz");
    create(content, "below", "\"a\"", "a0");
    struct tree_object **children = tree_children(tree_content_of(content), NULL, &count);
    ck_assert_uint_eq(count, 4);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(json_string_value(children[i]->id), expected[i]);
    memory_free(children);
    content_destroy(content);
}
END_TEST

/* No walk is recursive: a chain may be as long as a document is large. */
START_TEST(a_long_chain_is_walked_and_deleted)
{
    enum { LENGTH = 20000 };
    struct content *content = law_content(&type_tree, "{}");
    char id[16], parent[20] = "null";

    for (int i = 0; i < LENGTH; i++) {
        snprintf(id, sizeof(id), "o%d", i);
        create(content, id, parent, "a0");
        snprintf(parent, sizeof(parent), "\"o%d\"", i);
    }
    struct operation *removal = law_operation(&type_tree, "[{\"delete\":\"o1\"}]"), *inverse;
    ck_assert_int_eq(type_tree.invert(removal, content, &inverse), STATUS_OK);
    ck_assert_uint_eq(tree_operation_of(inverse)->components.count, LENGTH - 1);
    size_t size = type_tree.size(content);
    ck_assert_int_eq(type_tree.apply(content, removal, NULL), STATUS_OK);
    law_expect_content(content, "{\"o0\":{\"place\":[null,\"a0\"],\"properties\":{}}}");
    ck_assert_int_eq(type_tree.apply(content, inverse, NULL), STATUS_OK);
    ck_assert_uint_eq(type_tree.size(content), size);
    operation_discard(removal);
    operation_discard(inverse);
    content_destroy(content);
}
END_TEST

TEST_MAIN("tree_object", siblings_are_in_the_order_of_keys_then_ids,
          a_long_chain_is_walked_and_deleted)
