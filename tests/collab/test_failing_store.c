/* A day of a whole node, again and again, in which the store fails once: in its first call, in its
 * second, and so on until there is none that could fail. Whatever fails, and whether it was done
 * all the same: nobody is told of something that is not in the store. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "protocol/api.h"
#include "server/collab/call.h"
#include "server/collab/link.h"
#include "tests/collab/typist.h"
#include "tests/collab/world.h"
#include "tests/runner.h"
#include "tests/store/requests.h"

enum { ALICE, BOB, CAROL, READER, TYPISTS }; /* the last one only reads, in the end */
enum { PATIENCE = 60, CALLS_MAX = 1000 };

/* Enough for one operation in their place. */
enum { MANY = 40 };

static const char name[] = "notes/1";
static struct world world;
static struct typist typists[TYPISTS];

/* ---- What is in the store, by a way that does not fail ---- */

static bool is_there(size_t which)
{
    return typists[which].document != NULL;
}

static uint64_t head(void)
{
    struct store_load load = request_load(world.flaky->inner, name, 0);
    uint64_t found = load.request.status == STATUS_OK ? load.row.head : 0;

    store_arena_destroy(load.arena);
    return found;
}

/* Each token that was acknowledged is in the history, none is there twice, and those of each typist
 * were sequenced in the order of its typing. */
static void look(void)
{
    struct store_since since = request_since(world.flaky->inner, name, 0, UINT64_MAX);
    uint64_t found[TYPISTS] = {0};

    for (size_t i = 0; i < since.count; i++) {
        for (size_t j = 0; j < TYPISTS; j++) {
            uint64_t tokens = typist_tokens(since.entries[i].arrived, typists[j].letter);

            if ((found[j] & tokens) != 0)
                ck_abort_msg("sequenced twice");
            found[j] |= tokens;
            if ((found[j] & (found[j] + 1)) != 0)
                ck_abort_msg("not in order");
        }
    }
    for (size_t j = 0; j < TYPISTS; j++)
        ck_assert_msg(found[j] + 1 >= UINT64_C(1) << typists[j].acknowledged,
                      "acknowledged and not in the store");
    store_arena_destroy(since.arena);
}

/* ---- The day ---- */

static unsigned acknowledged(void)
{
    unsigned sum = 0;

    for (size_t i = 0; i < TYPISTS; i++)
        sum += typists[i].acknowledged;
    return sum;
}

/* Let everybody go on until nothing moves. What is acknowledged is looked up at once. */
static void run(void)
{
    bool any = true;

    while (any) {
        unsigned before = acknowledged();

        any = false;
        world_run(&world);
        for (size_t i = 0; i < TYPISTS; i++) {
            if (is_there(i))
                any |= typist_step(&typists[i]);
        }
        if (acknowledged() != before)
            look();
    }
}

static bool is_settled(void)
{
    uint64_t last = head();

    for (size_t i = 0; i < TYPISTS; i++) {
        if (is_there(i) && !typist_is_settled(&typists[i], last))
            return false;
    }
    return true;
}

/* … and go on after what has failed. */
static void settle(void)
{
    run();
    for (int i = 0; i < PATIENCE && !is_settled(); i++) {
        world_pass(&world, 1000);
        for (size_t j = 0; j < TYPISTS; j++)
            typists[j].paused = false;
        run();
    }
    ck_assert_msg(is_settled(), "somebody does not get on");
}

static void join(size_t which)
{
    typist_init(&typists[which], &world, (char)('a' + which), name);
    settle();
}

static void type(size_t which, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        typist_type(&typists[which]);
}

/* One operation each. */
static void type_many(size_t which)
{
    for (int i = 0; i < MANY; i++) {
        type(which, 1);
        settle();
    }
}

/* A refusal for good is told when the serial is spent, and not before. */
static void refuse_for_good(void)
{
    struct client eve = {0};
    unsigned channel = 0;
    unsigned seq = 0;
    char edit[64];

    client_connect(&eve, &world, 'e');
    struct store_session row = {
        .request.call = STORE_SESSION, .name = SPAN("notes/1"), .session = eve.link->session};
    client_say(&eve, "[\"open\",\"notes/1\",{}]");
    run();
    (void)client_hears(&eve);
    const char *opened = client_hears(&eve);

    if (opened != NULL && sscanf(opened, "[\"opened\",%u,\"notes/1\",%u", &channel, &seq) == 2 &&
        eve.link != NULL) {
        snprintf(edit, sizeof(edit), "[%u,1,%u,[9999,\"x\"]]", channel, seq);
        client_say(&eve, edit);
        run();
        const char *refused = client_hears(&eve);

        if (refused != NULL && strstr(refused, ",1,208,") != NULL) {
            store_run(world.flaky->inner, &row.request);
            ck_assert_int_eq(row.request.status, STATUS_OK);
            ck_assert_uint_eq(row.row.spent_count, 1);
            store_arena_destroy(row.arena);
        }
    }
    client_finish(&eve);
}

struct listener {
    struct caller caller;
    enum status status;
};

static void listen(struct caller *caller, const struct call_answer *answer)
{
    container_of(caller, struct listener, caller)->status = answer->status;
}

/* A call from outside: its status, after whatever time that takes. */
static enum status ask(const struct api_request *request)
{
    struct listener listener = {.caller.answered = listen, .status = STATUS_COUNT};

    call_create(world.hub, request, SPAN("back end"), &listener.caller, world.now_ms);
    for (int i = 0; i < PATIENCE && listener.status == STATUS_COUNT; i++)
        world_pass(&world, 1000);
    ck_assert_int_ne(listener.status, STATUS_COUNT);
    return listener.status;
}

static void submit_from_outside(void)
{
    const struct api_request request = {
        .action = API_SUBMIT,
        .name = SPAN("notes/1"),
        .key = SPAN("one"),
        .at_head = true,
        .operation = SPAN("[\"[key]\"]"),
    };
    size_t count = 0;

    if (ask(&request) != STATUS_OK)
        ck_assert_int_eq(ask(&request), STATUS_OK);
    ck_assert_int_eq(ask(&request), STATUS_OK);
    struct store_since since = request_since(world.flaky->inner, name, 0, UINT64_MAX);
    for (size_t i = 0; i < since.count; i++)
        count += span_equal(since.entries[i].arrived, request.operation);
    ck_assert_uint_eq(count, 1);
    store_arena_destroy(since.arena);
}

static void name_version(void)
{
    const struct api_request request = {
        .action = API_NAME, .name = SPAN("notes/1"), .version = SPAN("draft"), .seq = UINT64_MAX};

    if (ask(&request) != STATUS_OK)
        return;
    struct store_versions versions = request_versions(world.flaky->inner, name);
    ck_assert_uint_eq(versions.count, 1);
    store_arena_destroy(versions.arena);
}

static void unload(void)
{
    for (size_t i = 0; i < READER; i++)
        typist_leave(&typists[i]);
    world_pass(&world, LIMIT_IDLE_DOCUMENT_MS + 1);
}

static void come_back(void)
{
    for (size_t i = 0; i < READER; i++)
        typist_return(&typists[i]);
    settle();
}

static void crash(void)
{
    struct client *clients[READER];

    for (size_t i = 0; i < READER; i++)
        clients[i] = &typists[i].client;
    world_restart(&world, clients, READER);
}

/* All have the same text, and what a fresh client is given is that as well. */
static void compare(void)
{
    join(READER);
    const struct content *read = peer_view(typists[READER].peer);
    struct buffer text = {0};

    type_text.encode(read, &text);
    for (size_t i = 0; i < READER; i++) {
        ck_assert(content_equal(peer_view(typists[i].peer), read));
        ck_assert_uint_eq(typist_tokens(buffer_span(&text), typists[i].letter) + 1,
                          UINT64_C(1) << typists[i].typed);
    }
    buffer_finish(&text);
}

static void live(void)
{
    join(ALICE);
    type(ALICE, 3);
    settle();
    join(BOB);
    type(ALICE, 1);
    type(BOB, 1);
    settle();
    join(CAROL);
    refuse_for_good();
    settle();
    submit_from_outside();
    settle();

    type(BOB, 1);
    (void)typist_step(&typists[BOB]); /* it is sent, and its answer is not waited for */
    typist_leave(&typists[BOB]);
    type(BOB, 2);
    type_many(ALICE);
    typist_return(&typists[BOB]);
    settle();

    unload();
    type(CAROL, 2);
    come_back();
    name_version();
    type(ALICE, 1);
    type(CAROL, 1);
    (void)typist_step(&typists[CAROL]);
    crash();
    settle();
    compare();
}

/* ---- Which call fails, and how ---- */

static void live_with(enum status status, bool written)
{
    uint64_t call = 0;
    bool failed = true;

    while (failed) {
        world_init(&world);
        memset(typists, 0, sizeof(typists));
        world.flaky->fail_at = ++call;
        world.flaky->status = status;
        world.flaky->written = written;
        live();
        failed = world.flaky->calls >= call;
        for (size_t i = 0; i < TYPISTS; i++)
            typist_finish(&typists[i]);
        world_finish(&world);
        ck_assert_uint_lt(call, CALLS_MAX);
    }
    ck_assert_uint_gt(call, 50);
}

START_TEST(a_call_that_fails_is_not_acknowledged)
{
    live_with(STATUS_FAILED, false);
}
END_TEST

START_TEST(a_store_that_is_away_for_one_call_loses_and_repeats_nothing)
{
    live_with(STATUS_AWAY, false);
}
END_TEST

START_TEST(a_call_of_unknown_outcome_is_not_acknowledged)
{
    live_with(STATUS_UNKNOWN, false);
}
END_TEST

START_TEST(a_call_of_unknown_outcome_that_was_done_is_not_done_twice)
{
    live_with(STATUS_UNKNOWN, true);
}
END_TEST

TEST_MAIN("failing_store", a_call_that_fails_is_not_acknowledged,
          a_store_that_is_away_for_one_call_loses_and_repeats_nothing,
          a_call_of_unknown_outcome_is_not_acknowledged,
          a_call_of_unknown_outcome_that_was_done_is_not_done_twice)
