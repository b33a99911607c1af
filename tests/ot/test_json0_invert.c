#include "tests/ot/expect.h"

START_TEST(the_inverse_goes_backwards)
{
    expect_inverted(&type_json0, "{\"l\":[1,2],\"s\":\"a\"}",
                    "[{\"p\":[\"l\",0],\"lm\":1},{\"p\":[\"l\",0],\"na\":3},"
                    "{\"p\":[\"s\",1],\"si\":\"b\"},{\"p\":[\"x\"],\"oi\":null}]",
                    "[{\"od\":null,\"p\":[\"x\"]},{\"p\":[\"s\",1],\"sd\":\"b\"},"
                    "{\"na\":-3,\"p\":[\"l\",0]},{\"lm\":0,\"p\":[\"l\",1]}]");
}
END_TEST

START_TEST(an_embedded_type_is_asked_with_the_document_before_its_component)
{
    expect_inverted(&type_json0, "[\"\"]",
                    "[{\"p\":[0,0],\"si\":\"abc\"},"
                    "{\"p\":[0],\"t\":\"text-unicode\",\"o\":[1,{\"d\":1}]}]",
                    "[{\"o\":[1,\"b\"],\"p\":[0],\"t\":\"text-unicode\"},"
                    "{\"p\":[0,0],\"sd\":\"abc\"}]");
}
END_TEST

TEST_MAIN("json0_invert", the_inverse_goes_backwards,
          an_embedded_type_is_asked_with_the_document_before_its_component)
