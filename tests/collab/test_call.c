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

START_TEST(a_blame_is_a_list_of_runs)
{
    setup();
    struct api_request request = {
        .action = API_BLAME, .name = SPAN("notes/1"), .seq = UINT64_MAX, .from = 1};
    struct listener answer;

    client_say(&alice, "[1,1,1,[\"xyz\"]]");
    world_run(&world);
    answer = ask(&request);
    ck_assert_int_eq(answer.status, STATUS_OK);
    ck_assert_ptr_nonnull(
        strstr(answer.json, "{\"name\":\"notes/1\",\"type\":\"text\",\"seq\":2,"));
    ck_assert_ptr_nonnull(strstr(answer.json, "\"runs\":[{\"points\":3,\"seq\":2,\"who\":\""));
    request.seq = 0;
    ck_assert_int_eq(ask(&request).status, STATUS_NOT_CREATED);
    finish();
}
END_TEST

START_TEST(a_caller_that_is_gone_is_not_told)
{
    struct listener waiting;
    struct listener under_way;

    setup();
    struct api_request request = reading("notes/1");

    request.seq = 1; /* the past has to be read from the store */
    struct call *call = begin(&under_way, &request);

    hub_turn(world.hub, world.now_ms);
    call_forget(call);
    call_forget(begin(&waiting, &request));
    world_run(&world);
    ck_assert(under_way.count == 0 && waiting.count == 0);
    finish();
}
END_TEST

static struct api_request writing(enum api_action action, const char *key)
{
    return (struct api_request){
        .action = action, .name = SPAN("notes/1"), .key = span_of_string(key), .at_head = true};
}

static struct api_request submitting(const char *key, const char *operation)
{
    struct api_request request = writing(API_SUBMIT, key);

    request.operation = span_of_string(operation);
    return request;
}

START_TEST(an_operation_is_told_its_number_once_it_is_durable)
{
    struct listener listener;

    setup();
    struct api_request request = submitting("one", "[\"hello\"]");

    begin(&listener, &request);
    world.store_stuck = true;
    world_run(&world);
    ck_assert_int_eq(listener.count, 0);
    world.store_stuck = false;
    world_run(&world);
    ck_assert_int_eq(listener.count, 1);
    ck_assert_int_eq(listener.status, STATUS_OK);
    ck_assert_ptr_nonnull(strstr(listener.json, "{\"name\":\"notes/1\",\"seq\":2,\"who\":\""));
    client_expect(&alice, "[1,2,$");
    finish();
}
END_TEST

START_TEST(an_operation_is_moved_over_what_came_after_its_base)
{
    setup();
    struct api_request request = submitting("one", "[\"hello\"]");

    ask(&request);
    request = submitting("two", "[\"oh \"]");
    request.at_head = false;
    request.base = 1;
    ck_assert_int_eq(ask(&request).status, STATUS_OK);
    request = reading("notes/1");
    ck_assert(strstr(ask(&request).json, "\"data\":\"oh hello\"") != NULL ||
              strstr(ask(&request).json, "\"data\":\"hellooh \"") != NULL);
    request = submitting("three", "[\"?\"]");
    request.at_head = false;
    request.base = 99;
    ck_assert_int_eq(ask(&request).status, STATUS_FROM_THE_FUTURE);
    finish();
}
END_TEST

START_TEST(a_key_has_one_fate_and_one_answer)
{
    struct client *const clients[] = {&alice};

    setup();
    struct api_request request = submitting("one", "[\"hello\"]");
    struct listener first = ask(&request);

    ck_assert_int_eq(first.status, STATUS_OK);
    for (int i = 0; i < 2; i++) {
        struct listener again = ask(&request);

        expect(&again, first.json);
        world_restart(&world, clients, 1); /* … also of a server that knows it from its store */
    }
    request = reading("notes/1");
    ck_assert_ptr_nonnull(strstr(ask(&request).json, "\"seq\":2,"));
    finish();
}
END_TEST

START_TEST(a_refusal_is_the_fate_of_a_key_as_well)
{
    struct client *const clients[] = {&alice};

    setup();
    struct api_request request = submitting("one", "[5,\"beyond the end\"]");

    ck_assert_int_eq(ask(&request).status, STATUS_NOT_APPLICABLE);
    struct api_request other = submitting("two", "[\"long enough\"]");

    ck_assert_int_eq(ask(&other).status, STATUS_OK);
    ck_assert_int_eq(ask(&request).status, STATUS_NOT_APPLICABLE);
    world_restart(&world, clients, 1);
    ck_assert_int_eq(ask(&request).status, STATUS_NOT_APPLICABLE);
    finish();
}
END_TEST

START_TEST(two_copies_at_once_are_one_operation)
{
    struct listener first;
    struct listener second;

    setup();
    struct api_request request = submitting("one", "[\"hello\"]");

    begin(&first, &request);
    begin(&second, &request);
    world_run(&world);
    ck_assert_int_eq(first.count + second.count, 2);
    expect(&second, first.json);
    finish();
}
END_TEST

START_TEST(a_document_is_created_and_deleted_once)
{
    setup();
    struct api_request create = writing(API_CREATE, "one");

    create.name = SPAN("notes/2");
    create.type = SPAN("text");
    create.data = SPAN("\"begun\"");
    struct listener answer = ask(&create);

    ck_assert_int_eq(answer.status, STATUS_OK);
    ck_assert_ptr_nonnull(strstr(answer.json, "\"seq\":1,"));
    ck_assert_int_eq(ask(&create).status, STATUS_OK);
    create.key = SPAN("two");
    ck_assert_int_eq(ask(&create).status, STATUS_CREATED);
    struct api_request delete = writing(API_DELETE, "three");

    delete.name = SPAN("notes/2");
    ck_assert_ptr_nonnull(strstr(ask(&delete).json, "\"seq\":2,"));
    ck_assert_ptr_nonnull(strstr(ask(&delete).json, "\"seq\":2,"));
    delete.key = SPAN("four");
    ck_assert_int_eq(ask(&delete).status, STATUS_NOT_CREATED);
    create.key = SPAN("five");
    ck_assert_ptr_nonnull(strstr(ask(&create).json, "\"seq\":3,"));
    create.name = SPAN("notes/3");
    create.type = SPAN("novel");
    ck_assert_int_eq(ask(&create).status, STATUS_TYPE_UNKNOWN);
    finish();
}
END_TEST

START_TEST(an_operation_may_bring_its_document_along)
{
    setup();
    struct api_request request = submitting("one", "5");

    request.name = SPAN("counts/1");
    request.type = SPAN("counter");
    ck_assert_int_eq(ask(&request).status, STATUS_NOT_CREATED);
    request.create = true;
    request.key = SPAN("two");
    ck_assert_int_eq(ask(&request).status, STATUS_OK);
    request.key = SPAN("three");
    ck_assert_int_eq(ask(&request).status, STATUS_OK);
    ck_assert_int_eq(ask(&request).status, STATUS_OK);
    request.type = SPAN("text");
    request.key = SPAN("four");
    ck_assert_int_eq(ask(&request).status, STATUS_TYPE_DIFFERS);
    struct api_request read = reading("counts/1");

    ck_assert_ptr_nonnull(strstr(ask(&read).json, "\"seq\":3,\"epoch\":1000000,\"time\":1000000,"
                                                  "\"data\":10}"));
    finish();
}
END_TEST

START_TEST(a_caller_that_is_gone_has_submitted_nevertheless)
{
    struct listener listener;

    setup();
    struct api_request request = submitting("one", "[\"hello\"]");

    call_forget(begin(&listener, &request));
    struct call *call = begin(&listener, &request);

    hub_turn(world.hub, world.now_ms); /* sequenced, not durable */
    call_forget(call);
    world_run(&world);
    ck_assert_int_eq(listener.count, 0);
    client_expect(&alice, "[1,2,$");
    client_expect_silence(&alice);
    finish();
}
END_TEST

START_TEST(a_document_becomes_what_it_was_by_a_new_operation)
{
    setup();
    struct api_request edit = submitting("one", "[\"hello\"]");

    ask(&edit);
    edit = submitting("two", "[{\"d\":5},\"bye\"]");
    ask(&edit);
    client_expect(&alice, "[1,2,$");
    client_expect(&alice, "[1,3,$");
    struct api_request restore = writing(API_RESTORE, "three");

    restore.seq = 2;
    restore.time_ms = UINT64_MAX;
    struct listener first = ask(&restore);

    ck_assert_ptr_nonnull(strstr(first.json, "\"seq\":4,"));
    expect(&first, ask(&restore).json); /* once, however often it is asked for */
    client_expect(&alice, "[1,4,$");
    client_expect_silence(&alice);
    struct api_request read = reading("notes/1");

    ck_assert_ptr_nonnull(strstr(ask(&read).json, "\"seq\":4,\"epoch\":1000000,"
                                                  "\"time\":1000000,\"data\":\"hello\"}"));
    read.seq = 3; /* nothing was rewritten */
    ck_assert_ptr_nonnull(strstr(ask(&read).json, "\"data\":\"bye\"}"));
    restore.key = SPAN("four");
    restore.seq = 9;
    ck_assert_int_eq(ask(&restore).status, STATUS_BEYOND_HEAD);
    restore.seq = 0;
    ck_assert_int_eq(ask(&restore).status, STATUS_NOT_CREATED);
    finish();
}
END_TEST

START_TEST(a_deleted_document_can_be_restored)
{
    setup();
    struct api_request request = submitting("one", "[\"hello\"]");

    ask(&request);
    request = writing(API_DELETE, "two");
    ask(&request);
    request = writing(API_RESTORE, "three");
    request.seq = 2;
    request.time_ms = UINT64_MAX;
    ck_assert_int_eq(ask(&request).status, STATUS_OK);
    request = reading("notes/1");
    ck_assert_ptr_nonnull(strstr(ask(&request).json, "\"data\":\"hello\"}"));
    finish();
}
END_TEST

START_TEST(versions_are_named_listed_and_restored)
{
    setup();
    struct api_request request = submitting("one", "[\"hello\"]");

    ask(&request);
    request = (struct api_request){
        .action = API_NAME, .name = SPAN("notes/1"), .version = SPAN("draft"), .seq = UINT64_MAX};
    struct listener answer = ask(&request);

    expect(&answer, "{\"version\":\"draft\",\"seq\":2,\"time\":1000000,\"user\":\"back end\"}");
    request = submitting("two", "[\"more \"]");
    ask(&request);
    request = (struct api_request){.action = API_VERSIONS, .name = SPAN("notes/1")};
    answer = ask(&request);
    expect(&answer, "{\"name\":\"notes/1\",\"versions\":[{\"version\":\"draft\",\"seq\":2,"
                    "\"time\":1000000,\"user\":\"back end\"}]}");
    request.name = SPAN("notes/2");
    ck_assert_int_eq(ask(&request).status, STATUS_NOT_CREATED);
    request = writing(API_RESTORE, "three");
    request.version = SPAN("drift");
    request.seq = UINT64_MAX;
    request.time_ms = UINT64_MAX;
    ck_assert_int_eq(ask(&request).status, STATUS_NO_VERSION);
    request.version = SPAN("draft");
    ck_assert_int_eq(ask(&request).status, STATUS_OK);
    request = reading("notes/1");
    ck_assert_ptr_nonnull(strstr(ask(&request).json, "\"data\":\"hello\"}"));
    finish();
}
END_TEST

TEST_MAIN("call", a_document_becomes_what_it_was_by_a_new_operation,
          a_deleted_document_can_be_restored, versions_are_named_listed_and_restored,
          a_document_is_read_with_its_seq_and_epoch, what_is_not_there_has_a_status_of_its_own,
          a_history_is_a_list_of_entries, a_blame_is_a_list_of_runs,
          a_caller_that_is_gone_is_not_told, an_operation_is_told_its_number_once_it_is_durable,
          an_operation_is_moved_over_what_came_after_its_base, a_key_has_one_fate_and_one_answer,
          a_refusal_is_the_fate_of_a_key_as_well, two_copies_at_once_are_one_operation,
          a_document_is_created_and_deleted_once, an_operation_may_bring_its_document_along,
          a_caller_that_is_gone_has_submitted_nevertheless)
