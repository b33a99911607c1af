#include "server/collab/restore.h"

#include "tests/runner.h"

/* From one document to the state that it had: the operation takes it there, for each type. */
START_TEST(the_operation_makes_the_document_what_it_was)
{
    static const struct {
        const char *type;
        const char *now;
        const char *then;
    } table[] = {
        {"text", "\"hello there\"", "\"hello\""},
        {"text", "\"same\"", "\"same\""},
        {"counter", "7", "-3"},
        {"json0", "{\"a\":[1,2,3]}", "{\"a\":[3],\"b\":{}}"},
        {"rich", "[{\"insert\":\"abc\\n\"}]",
         "{\"ops\":[{\"attributes\":{\"bold\":true},\"insert\":\"a\"},{\"insert\":\"\\n\"}]}"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct type *type = type_find(span_of_string(table[i].type));
        struct state state = {.type = type};
        struct buffer json = {0};
        struct operation *operation = NULL;

        ck_assert(type->create(span_of_string(table[i].now), &state.content, NULL) == STATUS_OK);
        ck_assert_int_eq(restore_operation(&state, span_of_string(table[i].then), &json),
                         STATUS_OK);
        ck_assert_int_eq(type->decode(buffer_span(&json), &operation, NULL), STATUS_OK);
        ck_assert_int_eq(type->apply(state.content, operation, NULL), STATUS_OK);
        buffer_clear(&json);
        type->encode(state.content, &json);
        ck_assert_msg(span_equal(buffer_span(&json), span_of_string(table[i].then)), "%s: %.*s",
                      table[i].type, SPAN_PRINT(buffer_span(&json)));
        operation_discard(operation);
        state_finish(&state);
        buffer_finish(&json);
    }
}
END_TEST

START_TEST(what_is_no_document_of_the_type_is_refused)
{
    struct state state = {.type = &type_text};
    struct buffer json = {0};

    ck_assert(type_text.create(SPAN("\"x\""), &state.content, NULL) == STATUS_OK);
    ck_assert_int_eq(restore_operation(&state, SPAN("5"), &json), STATUS_MALFORMED_DOCUMENT);
    ck_assert_uint_eq(json.size, 0);
    state_finish(&state);
    buffer_finish(&json);
}
END_TEST

TEST_MAIN("restore", the_operation_makes_the_document_what_it_was,
          what_is_no_document_of_the_type_is_refused)
