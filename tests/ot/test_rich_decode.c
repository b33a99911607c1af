#include "tests/ot/expect.h"

static const struct {
    const char *json;
    const char *reason;
} malformed[] = {
    {"5", "it has to be {\"ops\": [parts]} or [parts]"},
    {"{\"ops\":[],\"x\":1}", "it has to be {\"ops\": [parts]} or [parts]"},
    {"[{}]", "component 0: a part has one of insert, retain, delete, and attributes"},
    {"[{\"retain\":1},{\"insert\":\"\"}]", "component 1: an insertion must not be empty"},
    {"[{\"insert\":5}]", "component 0: attributes and embeds are objects"},
    {"[{\"retain\":0}]", "component 0: retain and delete are at least 1"},
    {"[{\"retain\":{}}]", "component 0: retain and delete are at least 1"},
    {"[{\"delete\":1.5}]", "component 0: retain and delete are at least 1"},
    {"[{\"delete\":1,\"attributes\":{\"a\":1}}]", "component 0: a deletion has no attributes"},
    {"[{\"retain\":1,\"attributes\":{}}]",
     "component 0: attributes that are empty have to be left out"},
    {"[{\"retain\":1,\"attributes\":{\"valueOf\":1}}]",
     "component 0: no attribute may be called valueOf"},
    {"[{\"retain\":1,\"delete\":1}]",
     "component 0: a part has one of insert, retain, delete, and attributes"},
};

START_TEST(a_refusal_says_what_and_where)
{
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        expect_malformed(&type_rich, malformed[i].json, STATUS_MALFORMED_OPERATION,
                         malformed[i].reason);
}
END_TEST

START_TEST(an_operation_keeps_its_parts_as_they_are)
{
    struct operation *operation = law_operation(
        &type_rich, "[{\"delete\":1},{\"insert\":\"a\"},{\"insert\":\"\\u0062\"},{\"insert\":{}}]");

    law_expect_operation(operation,
                         "{\"ops\":[{\"delete\":1},{\"insert\":\"a\"},{\"insert\":\"b\"},"
                         "{\"insert\":{}}]}");
    ck_assert(law_reads_back(operation));
    operation_discard(operation);
}
END_TEST

START_TEST(a_document_has_insertions_alone)
{
    expect_document_malformed(&type_rich, "[{\"insert\":\"a\"},{\"retain\":1}]",
                              "component 1: a document has insertions alone");
}
END_TEST

TEST_MAIN("rich_decode", a_refusal_says_what_and_where, an_operation_keeps_its_parts_as_they_are,
          a_document_has_insertions_alone)
