#include "tools/tutti/dump_line.h"

#include "tests/runner.h"

static struct dump_line line;

static enum status read_line(const char *text, struct fault *fault)
{
    return dump_line_read(&line, span_of_string(text), fault);
}

static void expect(const char *text, enum dump_kind kind, uint64_t version)
{
    struct fault fault = {""};

    ck_assert_msg(read_line(text, &fault) == STATUS_OK, "%s", fault.text);
    ck_assert_int_eq(line.kind, kind);
    ck_assert_uint_eq(line.version, version);
    ck_assert(span_equal(line.document, SPAN("pets/fido")));
}

START_TEST(reads_each_kind_of_line)
{
    expect("{\"c\":\"pets\",\"d\":\"fido\",\"v\":0,\"create\":{\"type\":\"json0\",\"data\":[1]},"
           "\"src\":\"abc\",\"seq\":3,\"m\":{\"ts\":1500}}",
           DUMP_CREATE, 0);
    ck_assert(span_equal(line.type, SPAN("json0")));
    ck_assert(span_equal(line.data, SPAN("[1]")));
    ck_assert(span_equal(line.source, SPAN("abc")));
    ck_assert_uint_eq(line.serial, 3);
    ck_assert_uint_eq(line.time_ms, 1500);

    expect("{\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"op\":[2,\"x\"],\"create\":null}", DUMP_EDIT,
           1);
    ck_assert(span_equal(line.operation, SPAN("[2,\"x\"]")));
    ck_assert(!span_present(line.source));
    expect("{\"c\":\"pets\",\"d\":\"fi\\u0064o\",\"v\":2,\"del\":true}", DUMP_DELETE, 2);
    expect("{\"c\":\"pets\",\"d\":\"fido\",\"v\":3,\"src\":\"abc\",\"seq\":4}", DUMP_NOTHING, 3);
    expect("{\"c\":\"pets\",\"d\":\"fido\",\"v\":4,\"type\":\"json0\",\"data\":null,"
           "\"m\":{\"ctime\":1,\"mtime\":2.5}}",
           DUMP_SNAPSHOT, 4);
    ck_assert(span_equal(line.data, SPAN("null")));
    ck_assert_uint_eq(line.time_ms, 2);
    expect("{\"c\":\"pets\",\"d\":\"fido\",\"v\":5,\"type\":null}", DUMP_SNAPSHOT, 5);
    ck_assert(!span_present(line.type));
    dump_line_finish(&line);
}
END_TEST

START_TEST(says_what_is_wrong_with_a_line)
{
    static const struct {
        const char *text;
        const char *fault;
    } table[] = {
        {"{\"c\":\"pets\"", "at byte"},
        {"5", "it is no object"},
        {"{\"c\":\"pets\",\"v\":0,\"del\":true}", "d"},
        {"{\"c\":\"pets\",\"c\":\"pets\",\"d\":\"fido\",\"v\":0,\"del\":true}", "repeated"},
        {"{\"c\":\"a/b\",\"d\":\"fido\",\"v\":0,\"del\":true}", "slash"},
        {"{\"c\":\"\",\"d\":\"fido\",\"v\":0,\"del\":true}", ""},
        {"{\"c\":\"pets\",\"d\":\"fido\",\"v\":-1,\"del\":true}", "v"},
        {"{\"c\":\"pets\",\"d\":\"fido\",\"v\":0,\"del\":true,\"op\":[]}", "only one of"},
        {"{\"c\":\"pets\",\"d\":\"fido\",\"v\":0,\"create\":7}", "create is no object"},
        {"{\"c\":\"pets\",\"d\":\"fido\",\"v\":0,\"create\":{}}", "create.type"},
        {"{\"c\":\"pets\",\"d\":\"fido\",\"v\":0,\"type\":null}", "version 1"},
        {"{\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"type\":null,\"op\":[]}", "a snapshot has no op"},
        {"{\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"op\":[],\"m\":{\"ts\":\"now\"}}",
         "milliseconds"},
        {"{\"c\":\"pets\",\"d\":\"fido\",\"v\":1,\"op\":[],\"src\":7}", "src"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct fault fault = {""};

        ck_assert_int_ne(read_line(table[i].text, &fault), STATUS_OK);
        ck_assert_msg(strstr(fault.text, table[i].fault) != NULL, "%s: %s", table[i].text,
                      fault.text);
    }
    dump_line_finish(&line);
}
END_TEST

TEST_MAIN("dump_line", reads_each_kind_of_line, says_what_is_wrong_with_a_line)
