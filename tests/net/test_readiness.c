#include "server/net/readiness.h"

#include "tests/runner.h"

static void expect(const struct readiness *readiness, int code, const char *text)
{
    struct buffer out = {0};

    ck_assert_int_eq(readiness_code(readiness), code);
    readiness_write(readiness, true, &out);
    ck_assert(span_equal(buffer_span(&out), span_of_string(text)));
    buffer_clear(&out);
    readiness_write(readiness, false, &out);
    ck_assert(span_equal(buffer_span(&out), span_of(text, strcspn(text, "\n") + 1)));
    buffer_finish(&out);
}

START_TEST(each_state_has_its_answer)
{
    expect(&(struct readiness){0}, 200, "ready\nstore: ok\nbus: none\n");
    expect(&(struct readiness){.bus = BUS_UP}, 200, "ready\nstore: ok\nbus: ok\n");
    expect(&(struct readiness){.bus = BUS_AWAY}, 200, "ready\nstore: ok\nbus: away\n");
    expect(&(struct readiness){.store_away = true, .bus = BUS_UP}, 503,
           "not ready\nstore: away\nbus: ok\n");
    expect(&(struct readiness){.draining = true, .store_away = true}, 404,
           "draining\nstore: away\nbus: none\n");
}
END_TEST

TEST_MAIN("readiness", each_state_has_its_answer)
