#include "tools/tutti/recording.h"

#include "tests/runner.h"

static enum status parse(struct recording *recording, const char *text)
{
    struct fault fault = {""};
    enum status status = recording_parse(recording, span_of_string(text), &fault);

    if (status != STATUS_OK)
        ck_assert_str_ne(fault.text, "");
    return status;
}

static void expect_text(const struct buffer *buffer, const char *text)
{
    ck_assert(span_equal(buffer_span(buffer), span_of_string(text)));
}

static void expect_patch(const struct recording *recording, size_t number, const char *json)
{
    struct buffer out = {0};

    recording_write_operation(recording, &recording->patches[number], &out);
    expect_text(&out, json);
    buffer_finish(&out);
}

START_TEST(reads_a_sequential_recording)
{
    struct recording recording;

    ck_assert_int_eq(parse(&recording, "{\"startContent\":\"ab\",\"endContent\":\"\\u00e9c\","
                                       "\"txns\":[{\"time\":\"t\",\"patches\":[[0,2,\"\\u00e9\"],"
                                       "[1,0,\"c\"]]},{\"patches\":[]},"
                                       "{\"patches\":[[1,1,\"\"]]}]}"),
                     STATUS_OK);
    ck_assert_uint_eq(recording.agents, 1);
    ck_assert_uint_eq(recording.count, 3);
    ck_assert_uint_eq(recording.patches_count, 3);
    ck_assert_uint_eq(recording.edits[0].count, 2);
    ck_assert_uint_eq(recording.edits[1].count, 0);
    ck_assert_uint_eq(recording.edits[2].first, 2);
    ck_assert_uint_eq(recording.edits[2].seen, 2);
    expect_text(&recording.start, "ab");
    expect_text(&recording.end, "éc");
    expect_patch(&recording, 0, "[\"é\",{\"d\":2}]");
    expect_patch(&recording, 1, "[1,\"c\"]");
    expect_patch(&recording, 2, "[1,{\"d\":1}]");
    recording_finish(&recording);
}
END_TEST

START_TEST(reads_a_script_of_several_agents)
{
    struct recording recording;

    ck_assert_int_eq(parse(&recording, "{\"agents\":2,\"edits\":2,\"endContent\":\"ba\"}\n"
                                       "{\"a\":1,\"seen\":0,\"p\":[[0,0,\"a\"]]}\n"
                                       "{\"a\":0,\"seen\":1,\"p\":[[0,0,\"b\"]]}\n"),
                     STATUS_OK);
    ck_assert_uint_eq(recording.agents, 2);
    ck_assert_uint_eq(recording.count, 2);
    ck_assert_uint_eq(recording.start.size, 0);
    ck_assert_uint_eq(recording.edits[0].agent, 1);
    ck_assert_uint_eq(recording.edits[1].seen, 1);
    recording_finish(&recording);
}
END_TEST

START_TEST(refuses_what_is_no_recording)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"startContent\":\"\",\"endContent\":\"\"}",
        "{\"startContent\":\"\",\"endContent\":1,\"txns\":[]}",
        "{\"startContent\":\"\",\"endContent\":\"\",\"txns\":[1]}",
        "{\"startContent\":\"\",\"endContent\":\"\",\"txns\":[{}]}",
        "{\"startContent\":\"\",\"endContent\":\"\",\"txns\":[{\"patches\":[[0,0]]}]}",
        "{\"startContent\":\"\",\"endContent\":\"\",\"txns\":[{\"patches\":[[-1,0,\"\"]]}]}",
        "{\"startContent\":\"\",\"endContent\":\"\",\"txns\":[{\"patches\":[[0,0,1]]}]}",
        "{\"agents\":0,\"edits\":0,\"endContent\":\"\"}",
        "{\"agents\":1,\"edits\":1,\"endContent\":\"\"}\n",
        "{\"agents\":1,\"edits\":1,\"endContent\":\"\"}\n{\"a\":1,\"seen\":0,\"p\":[]}",
        "{\"agents\":1,\"edits\":1,\"endContent\":\"\"}\n{\"a\":0,\"seen\":1,\"p\":[]}",
        "{\"agents\":1,\"edits\":1,\"endContent\":\"\"}\n{\"a\":0,\"seen\":0}",
        "{\"agents\":1,\"edits\":1,\"endContent\":\"\"}\nnonsense",
        /* An agent cannot unsee. */
        ("{\"agents\":2,\"edits\":3,\"endContent\":\"\"}\n{\"a\":1,\"seen\":0,\"p\":[]}\n"
         "{\"a\":0,\"seen\":1,\"p\":[]}\n{\"a\":0,\"seen\":0,\"p\":[]}"),
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct recording recording;

        ck_assert_msg(parse(&recording, texts[i]) != STATUS_OK, "took %s", texts[i]);
        recording_finish(&recording);
    }
}
END_TEST

START_TEST(says_which_file_cannot_be_read)
{
    struct recording recording;
    struct fault fault = {""};

    ck_assert_int_eq(recording_read(&recording, "no/such/file", &fault), STATUS_FAILED);
    ck_assert_ptr_nonnull(strstr(fault.text, "no/such/file"));
    recording_finish(&recording);
}
END_TEST

TEST_MAIN("recording", reads_a_sequential_recording, reads_a_script_of_several_agents,
          refuses_what_is_no_recording, says_which_file_cannot_be_read)
