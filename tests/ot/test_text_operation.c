#include "ot/text_operation.h"

#include "tests/ot/laws.h"

static struct operation *op(const char *json)
{
    return law_operation(&type_text, json);
}

static void expect_decode(const char *json, enum status expected, const char *words)
{
    struct fault fault = {0};
    enum status status = law_decode_status(&type_text, json, &fault);

    ck_assert_msg(status == expected && strstr(fault.text, words) != NULL, "%s: %s, %s", json,
                  status_text(status), fault.text);
}

START_TEST(decode_says_what_is_wrong_and_where)
{
    expect_decode("5", STATUS_MALFORMED_OPERATION, "is an array");
    expect_decode("{}", STATUS_MALFORMED_OPERATION, "is an array");
    expect_decode("[true]", STATUS_MALFORMED_OPERATION, "component 0");
    expect_decode("[null]", STATUS_MALFORMED_OPERATION, "component 0");
    expect_decode("[\"a\",[]]", STATUS_MALFORMED_OPERATION, "component 1");
    expect_decode("[\"\"]", STATUS_MALFORMED_OPERATION, "component 0: the text is empty");
    expect_decode("[0,\"a\"]", STATUS_MALFORMED_OPERATION,
                  "component 0: a skip must be at least 1");
    expect_decode("[-1,\"a\"]", STATUS_MALFORMED_OPERATION, "a skip must be at least 1");
    expect_decode("[1.5,\"a\"]", STATUS_MALFORMED_OPERATION, "must be an integer");
    expect_decode("[1,2,\"a\"]", STATUS_MALFORMED_OPERATION, "component 1: a skip after a skip");
    expect_decode("[\"a\",1]", STATUS_MALFORMED_OPERATION, "ends with a skip");
    expect_decode("[{\"d\":0}]", STATUS_MALFORMED_OPERATION, "a delete must be at least 1");
    expect_decode("[{\"d\":\"\"}]", STATUS_MALFORMED_OPERATION, "the text is empty");
    expect_decode("[{\"d\":true}]", STATUS_MALFORMED_OPERATION, "must be an integer");
    expect_decode("[{}]", STATUS_MALFORMED_OPERATION, "the one member \"d\"");
    expect_decode("[{\"d\":1,\"e\":1}]", STATUS_MALFORMED_OPERATION, "the one member \"d\"");
    expect_decode("[{\"d\":1,\"d\":1}]", STATUS_MALFORMED_OPERATION, "the one member \"d\"");
    expect_decode("[{\"d\":1e15}]", STATUS_TOO_LARGE, "component 0");
    expect_decode("[16777216,{\"d\":1}]", STATUS_TOO_LARGE, "beyond the largest document");
    expect_decode("[16777215,{\"d\":1}]", STATUS_OK, "");
}
END_TEST

START_TEST(operations_have_one_normal_form)
{
    static const char *const forms[][2] = {
        {"[]", "[]"},
        {"[ 3.0 , \"a\" ]", "[3,\"a\"]"},
        {"[\"a\",\"b\",{\"d\":1},{\"d\":2}]", "[\"ab\",{\"d\":3}]"},
        {"[{\"d\":\"a\"},{\"d\":\"b\"}]", "[{\"d\":\"ab\"}]"},
        {"[{\"d\":\"a\"},{\"d\":2},{\"d\":\"b\"}]", "[{\"d\":4}]"},
        {"[{\"d\":\"a\"},\"x\",{\"d\":\"b\"},\"y\"]", "[{\"d\":\"a\"},\"x\",{\"d\":\"b\"},\"y\"]"},
        {"[\"\\u00e9\\ud83d\\ude00\\u0000\\/\"]", "[\"é😀\\u0000/\"]"},
        {"[{\"\\u0064\":\"\\\"\"}]", "[{\"d\":\"\\\"\"}]"},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct operation *operation = op(forms[i][0]);

        law_expect_operation(operation, forms[i][1]);
        operation_discard(operation);
    }
}
END_TEST

START_TEST(only_ones_own_insertion_moves_the_cursor_it_meets)
{
    struct operation *operation = op("[2,\"xyz\",1,{\"d\":4}]");
    static const uint64_t moved[][3] = {{0, 0, 0}, {2, 2, 5}, {3, 6, 6},   {4, 6, 6},
                                        {7, 6, 6}, {8, 7, 7}, {99, 98, 98}};

    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        ck_assert_uint_eq(type_text.move_position(operation, moved[i][0], false), moved[i][1]);
        ck_assert_uint_eq(type_text.move_position(operation, moved[i][0], true), moved[i][2]);
    }
    operation_discard(operation);
}
END_TEST

START_TEST(many_pieces_become_one_operation)
{
    struct text_pieces pieces;
    struct operation *operation;

    text_pieces_init(&pieces);
    for (int i = 0; i < 1000; i++) {
        text_pieces_add(&pieces, (struct text_piece){TEXT_INSERT, 1, SPAN("x")});
        text_pieces_add(&pieces, (struct text_piece){TEXT_DELETE, 0, SPAN_NONE});
    }
    text_pieces_add(&pieces, (struct text_piece){TEXT_SKIP, 3, SPAN_NONE});
    text_pieces_add(&pieces, (struct text_piece){TEXT_SKIP, 4, SPAN_NONE});
    ck_assert_int_eq(text_pieces_to_operation(&pieces, &operation, NULL), STATUS_OK);
    ck_assert_uint_eq(text_operation_of(operation)->count, 1);
    ck_assert_uint_eq(text_operation_of(operation)->text_size, 1000);
    operation_discard(operation);
}
END_TEST

TEST_MAIN("text_operation", decode_says_what_is_wrong_and_where, operations_have_one_normal_form,
          only_ones_own_insertion_moves_the_cursor_it_meets, many_pieces_become_one_operation)
