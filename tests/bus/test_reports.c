#include "server/bus/reports.h"
#include "tests/runner.h"

static struct reports reports;
static unsigned told;

/* What a listener causes waits for the next poll. */
static void on_message(struct bus_listener *listener, struct span channel, struct span message)
{
    (void)listener;
    told++;
    ck_assert(span_equal(channel, SPAN("notes/1")));
    ck_assert(span_equal(message, SPAN("hello")));
    reports_add(&reports, REPORT_MESSAGE, channel, message);
}

START_TEST(what_comes_while_it_tells_waits)
{
    const struct bus_listener_ops ops = {.message = on_message};
    struct bus_listener listener = {.ops = &ops};

    ck_assert(reports_empty(&reports));
    reports_add(&reports, REPORT_MESSAGE, SPAN("notes/1"), SPAN("hello"));
    ck_assert_uint_eq(reports_tell(&reports, &listener), 1);
    ck_assert_uint_eq(told, 1);
    ck_assert(!reports_empty(&reports));
    reports_finish(&reports);
    ck_assert(reports_empty(&reports));
}
END_TEST

TEST_MAIN("reports", what_comes_while_it_tells_waits)
