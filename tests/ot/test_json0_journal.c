#include "ot/json0_journal.h"

#include "tests/runner.h"

static json_t *load(const char *json)
{
    json_t *value;

    ck_assert_int_eq(value_load(span_of_string(json), &value, NULL), STATUS_OK);
    return value;
}

static void expect(const json_t *value, const char *json)
{
    json_t *expected = load(json);

    ck_assert_msg(value_equal(value, expected), "not %s", json);
    json_decref(expected);
}

START_TEST(every_change_can_be_taken_back)
{
    json_t *root = load("{\"a\":[1,2,3],\"b\":5}"), *name = json_string("b");
    struct json0_journal journal = {.root = &root, .size = value_measure(root), .keeps = true};
    struct json0_place element = {.container = json_object_get(root, "a"), .index = 0};
    struct json0_place member = {.container = root, .name = name}, whole = {0};
    size_t nodes = journal.size.nodes;

    json0_journal_move(&journal, &element, 2);
    json0_journal_remove(&journal, &element);
    json0_journal_insert_take(&journal, &element, load("[[]]"));
    json0_journal_set_take(&journal, &element, json_true());
    json0_journal_set_take(&journal, &member, NULL);
    json0_journal_set_take(&journal, &member, load("{\"c\":1}"));
    expect(root, "{\"a\":[true,3,1],\"b\":{\"c\":1}}");
    ck_assert_uint_eq(journal.size.nodes, nodes + 1);
    json0_journal_set_take(&journal, &whole, json_null());
    ck_assert_uint_eq(journal.size.nodes, 1);
    json0_journal_undo(&journal);
    expect(root, "{\"a\":[1,2,3],\"b\":5}");
    json0_journal_finish(&journal);
    json_decref(name);
    json_decref(root);
}
END_TEST

TEST_MAIN("json0_journal", every_change_can_be_taken_back)
