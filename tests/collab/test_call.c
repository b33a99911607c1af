/* What a caller from outside is answered, by a whole node. */
#include "server/collab/call.h"

#include <string.h>

#include "base/memory.h"
#include "protocol/api.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

static struct world world;
static struct client alice;

static void setup(void)
{
    world_init(&world);
    alice = (struct client){0};
    client_join(&alice, &world, 'a', "notes/1", "text");
}

static void finish(void)
{
    client_finish(&alice);
    world_finish(&world);
}

/* Keeps the one answer. */
struct listener {
    struct caller caller;
    int count;
    enum status status;
    uint64_t seq;
    uint64_t epoch;
    char json[1000];
};

static void listen(struct caller *caller, const struct call_answer *answer)
{
    struct listener *listener = container_of(caller, struct listener, caller);

    listener->count++;
    listener->status = answer->status;
    listener->seq = answer->seq;
    listener->epoch = answer->epoch;
    ck_assert_uint_lt(answer->json.size, sizeof(listener->json));
    memset(listener->json, 0, sizeof(listener->json));
    if (answer->json.size > 0)
        memcpy(listener->json, answer->json.data, answer->json.size);
}

static struct call *begin(struct listener *listener, const struct api_request *request)
{
    *listener = (struct listener){.caller.answered = listen};
    return call_create(world.hub, request, SPAN("back end"), &listener->caller, world.now_ms);
}

static struct listener ask(const struct api_request *request)
{
    struct listener listener;

    begin(&listener, request);
    ck_assert_int_eq(listener.count, 0); /* never before the call has returned */
    world_run(&world);
    ck_assert_int_eq(listener.count, 1);
    return listener;
}

static void expect(const struct listener *listener, const char *json)
{
    ck_assert_int_eq(listener->status, STATUS_OK);
    ck_assert_str_eq(listener->json, json);
}

static struct api_request reading(const char *name)
{
    return (struct api_request){
        .action = API_READ, .name = span_of_string(name), .seq = UINT64_MAX, .time_ms = UINT64_MAX};
}

START_TEST(a_document_is_read_with_its_seq_and_epoch)
{
    setup();
    struct api_request request = reading("notes/1");
    struct listener answer = ask(&request);

    expect(&answer, "{\"name\":\"notes/1\",\"type\":\"text\",\"seq\":1,\"epoch\":1000000,"
                    "\"time\":1000000,\"data\":\"\"}");
    ck_assert(answer.seq == 1 && answer.epoch == 1000000);
    finish();
}
END_TEST

START_TEST(what_is_not_there_has_a_status_of_its_own)
{
    setup();
    struct api_request request = reading("notes/2");

    ck_assert_int_eq(ask(&request).status, STATUS_NOT_CREATED);
    request = reading("notes/1");
    request.seq = 0;
    ck_assert_int_eq(ask(&request).status, STATUS_NOT_CREATED);
    request.seq = 2;
    ck_assert_int_eq(ask(&request).status, STATUS_BEYOND_HEAD);
    client_say(&alice, "[\"delete\",1,1,1]");
    world_run(&world);
    ck_assert_int_eq(ask(&request).status, STATUS_DELETED);
    finish();
}
END_TEST

START_TEST(a_history_is_a_list_of_entries)
{
    setup();
    struct api_request request = {
        .action = API_HISTORY, .name = SPAN("notes/1"), .from = 1, .to = UINT64_MAX};
    struct listener answer = ask(&request);

    ck_assert_int_eq(answer.status, STATUS_OK);
    ck_assert_ptr_nonnull(strstr(answer.json, "{\"name\":\"notes/1\",\"operations\":[{\"seq\":1,"));
    request.from = 2;
    answer = ask(&request);
    expect(&answer, "{\"name\":\"notes/1\",\"operations\":[]}");
    finish();
}
END_TEST

START_TEST(a_caller_that_is_gone_is_not_told)
{
    struct listener waiting;
    struct listener under_way;

    setup();
    struct api_request request = reading("notes/1");
    struct call *call = begin(&under_way, &request);

    hub_turn(world.hub, world.now_ms);
    call_forget(call);
    call_forget(begin(&waiting, &request));
    world_run(&world);
    ck_assert(under_way.count == 0 && waiting.count == 0);
    finish();
}
END_TEST

TEST_MAIN("call", a_document_is_read_with_its_seq_and_epoch,
          what_is_not_there_has_a_status_of_its_own, a_history_is_a_list_of_entries,
          a_caller_that_is_gone_is_not_told)
