#include <stdio.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/must.h"
#include "tests/bus/conformance.h"
#include "tests/bus/redis_server.h"
#include "tests/runner.h"

static struct redis_server server;
static struct event_base *events;
static char url[128];

static void wake(void *context)
{
    (void)context;
}

static struct bus *create(const char *where)
{
    struct bus *bus = NULL;

    if (events == NULL)
        events = event_base_new();
    const struct bus_redis_config config = {.url = where, .events = events, .wake = wake};
    ck_assert_int_eq(bus_redis_create(&config, &bus, NULL), STATUS_OK);
    return bus;
}

/* Each test is a process: its deployment is named after it. */
struct bus *conformance_create(void)
{
    if (url[0] == '\0')
        snprintf(url, sizeof(url), "redis://127.0.0.1:%u?prefix=%d:", server.port, (int)getpid());
    return create(url);
}

void conformance_turn(void)
{
    const struct timeval moment = {.tv_usec = 5000};

    must(event_base_loopexit(events, &moment) == 0);
    must(event_base_dispatch(events) >= 0);
}

START_TEST(it_comes_back_after_its_connections_were_killed)
{
    struct ear ear;

    ear_open(&ear, "notes/1");
    redis_server_command(&server, "CLIENT KILL TYPE pubsub");
    ear_expect_return(&ear, "notes/1");
    ck_assert_str_ne(ear.bus->fault.text, "");
    ear_say(&ear, "notes/1", "after the first");
    ear_expect(&ear, "notes/1 after the first\n");
    redis_server_command(&server, "CLIENT KILL TYPE normal");
    ear_expect_return(&ear, "notes/1");
    ear_say(&ear, "notes/1", "after the second");
    ear_expect(&ear, "notes/1 after the second\n");
    ear_close(&ear);
}
END_TEST

START_TEST(it_comes_back_after_redis_was_started_again)
{
    struct redis_server own = {0};
    struct ear ear;

    redis_server_start(&own, "secret");
    snprintf(url, sizeof(url), "redis://:secret@127.0.0.1:%u", own.port);
    ear_open(&ear, "notes/1");
    redis_server_stop(&own);
    ear_expect(&ear, "lost\n");
    ear_say(&ear, "notes/1", "nobody hears this");
    ear.bus->ops->subscribe(ear.bus, SPAN("notes/2"));
    ear.bus->ops->unsubscribe(ear.bus, SPAN("notes/1"));
    redis_server_start(&own, "secret");
    ear_expect(&ear, "+notes/2\n");
    ear_expect_members(&ear, "anna", 1);
    redis_server_stop(&own);
    ear_close(&ear);
}
END_TEST

START_TEST(all_can_be_flushed_away)
{
    struct ear ear;

    ear_open(&ear, "notes/1");
    ear_expect_members(&ear, "anna", 1);
    redis_server_command(&server, "FLUSHALL");
    redis_server_command(&server, "SCRIPT FLUSH");
    ear_expect_members(&ear, "anna", 1);
    ear_say(&ear, "notes/1", "hello");
    ear_expect(&ear, "notes/1 hello\n");
    ear_close(&ear);
}
END_TEST

START_TEST(a_wrong_password_is_told_and_tried_again)
{
    struct redis_server own = {0};
    struct ear ear;

    redis_server_start(&own, "secret");
    snprintf(url, sizeof(url), "redis://:wrong@127.0.0.1:%u", own.port);
    ear_open(&ear, NULL);
    ear.bus->ops->subscribe(ear.bus, SPAN("notes/1"));
    while (ear.bus->fault.text[0] == '\0')
        conformance_turn();
    ck_assert_ptr_nonnull(strstr(ear.bus->fault.text, "WRONGPASS"));
    redis_server_stop(&own);
    ear_close(&ear);
}
END_TEST

/* An older list of what a node may do: what it forbids is told, once, and the rest goes on. */
START_TEST(what_redis_refuses_is_told_once)
{
    struct redis_server own = {0};
    struct ear ear;

    redis_server_start(&own, NULL);
    redis_server_command(&own,
                         "ACL SETUSER tutti on >secret ~* +@all resetchannels &tutti:notes/*");
    snprintf(url, sizeof(url), "redis://tutti:secret@127.0.0.1:%u", own.port);
    ear_open(&ear, "notes/1");
    ear.bus->ops->subscribe(ear.bus, SPAN("room"));
    ear_say(&ear, "room", "1");
    while (ear.bus->fault.text[0] == '\0')
        conformance_turn();
    ck_assert_ptr_nonnull(strstr(ear.bus->fault.text, "NOPERM"));
    ear.bus->fault.text[0] = '\0';
    ear_say(&ear, "room", "2");
    ear_say(&ear, "notes/1", "hello");
    ear_expect(&ear, "notes/1 hello\n");
    ck_assert_str_eq(ear.bus->fault.text, "");
    redis_server_stop(&own);
    ear_close(&ear);
}
END_TEST

START_TEST(deployments_do_not_hear_each_other)
{
    struct ear anna;
    struct ear ben;

    ear_open(&anna, "notes/1");
    snprintf(url, sizeof(url), "redis://127.0.0.1:%u?prefix=other:", server.port);
    ear_open(&ben, "notes/1");
    ear_say(&anna, "notes/1", "hello");
    ear_expect(&anna, "notes/1 hello\n");
    ear_expect_members(&ben, "ben", 1);
    ear_expect_members(&anna, "anna", 1);
    ck_assert_uint_eq(ben.heard.size, 0);
    ear_close(&anna);
    ear_close(&ben);
}
END_TEST

int main(void)
{
    const TTest *tests[CONFORMANCE_TESTS_MAX + 8];
    size_t count = conformance_tests(tests);

    tests[count++] = it_comes_back_after_its_connections_were_killed;
    tests[count++] = it_comes_back_after_redis_was_started_again;
    tests[count++] = all_can_be_flushed_away;
    tests[count++] = a_wrong_password_is_told_and_tried_again;
    tests[count++] = what_redis_refuses_is_told_once;
    tests[count++] = deployments_do_not_hear_each_other;
    redis_server_start(&server, NULL);
    int code = runner_run("bus redis", tests, count);
    redis_server_stop(&server);
    return code;
}
