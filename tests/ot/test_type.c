#include "ot/type.h"

#include "tests/ot/laws.h"

START_TEST(is_found_by_name_uri_and_alias)
{
    ck_assert_ptr_eq(type_find(SPAN("text")), &type_text);
    ck_assert_ptr_eq(type_find(SPAN("text-unicode")), &type_text);
    ck_assert_ptr_eq(type_find(SPAN("http://sharejs.org/types/text-unicode")), &type_text);
    ck_assert_ptr_eq(type_find(SPAN("counter")), &type_counter);
    ck_assert_ptr_null(type_find(SPAN("tex")));
    ck_assert_ptr_null(type_find(SPAN("")));
    ck_assert_ptr_null(type_find(SPAN_NONE));
}
END_TEST

START_TEST(types_are_listed_by_name)
{
    size_t count = 0;

    for (; type_at(count) != NULL; count++) {
        const struct type *type = type_at(count);

        ck_assert_ptr_eq(type_find(span_of_string(type->name)), type);
        if (count > 0)
            ck_assert_str_lt(type_at(count - 1)->name, type->name);
    }
    ck_assert_uint_ge(count, 2);
}
END_TEST

START_TEST(equal_operations_have_equal_bytes)
{
    struct operation *a = law_operation(&type_text, "[1,\"a\",\"b\"]");
    struct operation *b = law_operation(&type_text, "[ 1.0, \"\\u0061b\" ]");
    struct operation *c = law_operation(&type_text, "[1,\"abc\"]");
    struct operation *d = law_operation(&type_counter, "1");

    ck_assert(operation_equal(a, b));
    ck_assert(!operation_equal(a, c));
    ck_assert(!operation_equal(a, d));
    operation_discard(a);
    operation_discard(b);
    operation_discard(c);
    operation_discard(d);
}
END_TEST

START_TEST(a_hash_is_the_beginning_of_the_digest_of_the_canonical_form)
{
    struct content *content = law_content(&type_text, "\"\"");

    ck_assert_uint_eq(content_hash(content), 0x12ae32cb1ec02d01); /* sha256sum of two quotes */
    content_destroy(content);
}
END_TEST

TEST_MAIN("type", a_hash_is_the_beginning_of_the_digest_of_the_canonical_form,
          is_found_by_name_uri_and_alias, types_are_listed_by_name,
          equal_operations_have_equal_bytes)
