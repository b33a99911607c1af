#include "ot/json0.h"

#include "tests/ot/laws.h"

START_TEST(a_shared_path_is_copied_on_change)
{
    struct json0_component one = {.path = json0_path_create(2)};
    struct json0_component two = {.path = json0_path_share(one.path)};

    one.path->keys[0].name = json_string("a");
    json0_own_key(&two, 1)->index = 5;
    ck_assert_uint_eq(one.path->keys[1].index, 0);
    ck_assert_uint_eq(json0_last_key(&two)->index, 5);
    ck_assert(json0_key_equal(&one.path->keys[0], &two.path->keys[0]));
    ck_assert_ptr_eq(json0_own_key(&two, 0), &two.path->keys[0]);
    json0_pairwise.finish(&one);
    json0_pairwise.finish(&two);
}
END_TEST

START_TEST(a_name_is_never_an_index)
{
    struct json0_key name = {.name = json_string("0")}, same = {.name = json_string("0")};
    struct json0_key index = {.index = 0};

    ck_assert(json0_key_equal(&name, &same));
    ck_assert(!json0_key_equal(&name, &index));
    ck_assert(json0_key_equal(&index, &index));
    json_decref(name.name);
    json_decref(same.name);
}
END_TEST

START_TEST(embedded_types_go_by_the_names_of_their_packages)
{
    ck_assert_ptr_eq(json0_subtype_find(SPAN("text-unicode"))->type, &type_text);
    ck_assert_ptr_eq(json0_subtype_find(SPAN("rich-text"))->type, &type_rich);
    ck_assert_ptr_null(json0_subtype_find(SPAN("text")));
    struct operation *operation = law_operation(&type_rich, "[]");
    ck_assert_str_eq(json0_subtype_of(operation)->name, "rich-text");
    operation_discard(operation);
}
END_TEST

TEST_MAIN("json0_component", a_shared_path_is_copied_on_change, a_name_is_never_an_index,
          embedded_types_go_by_the_names_of_their_packages)
