/* A document's events, as the bytes that a reader gets. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "protocol/api.h"
#include "server/collab/call.h"
#include "server/collab/hub_state.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

static struct world world;
static struct link *link_of_reader;
static struct buffer heard;
static size_t takes;

static void setup(void)
{
    world_init(&world);
    takes = SIZE_MAX;
}

static void leave(void)
{
    link_disconnect(link_of_reader);
    link_of_reader = NULL;
    buffer_finish(&heard);
}

/* What it has is written as far as the socket takes it. */
static void write_out(void)
{
    struct span spans[LIMIT_WRITE_SPANS];
    size_t count = link_output(link_of_reader, spans, LIMIT_WRITE_SPANS);
    size_t written = 0;

    for (size_t i = 0; i < count; i++) {
        if (spans[i].size > takes - written)
            spans[i].size = takes - written;
        buffer_append(&heard, spans[i]);
        written += spans[i].size;
    }
    link_written(link_of_reader, written, world.now_ms);
}

static void run(void)
{
    for (int i = 0; i < 20; i++) {
        world.store->ops->poll(world.store);
        hub_turn(world.hub, world.now_ms);
        hub_deliver(world.hub, world.now_ms);
        while (hub_next_output(world.hub) != NULL)
            write_out();
    }
}

static void follow(const char *message)
{
    link_of_reader = hub_connect(world.hub, DIALECT_EVENTS, SPAN(""), NULL, world.now_ms);
    link_receive(link_of_reader, span_of_string(message), world.now_ms);
    run();
}

static void expect(const char *text)
{
    ck_assert_msg(span_equal(buffer_span(&heard), span_of_string(text)), "%.*s",
                  SPAN_PRINT(buffer_span(&heard)));
    buffer_clear(&heard);
}

/* ---- Somebody who writes ---- */

static void done(struct caller *caller, const struct call_answer *answer)
{
    (void)caller;
    ck_assert_int_eq(answer->status, STATUS_OK);
}

static void call(enum api_action action, const char *key, const char *json)
{
    static struct caller caller = {.answered = done};
    struct api_request request = {
        .action = action,
        .name = SPAN("notes/1"),
        .key = span_of_string(key),
        .at_head = true,
        .type = action == API_CREATE ? SPAN("text") : SPAN_NONE,
        .data = action == API_CREATE ? span_of_string(json) : SPAN_NONE,
        .operation = span_of_string(json),
    };

    call_create(world.hub, &request, SPAN("back end"), &caller, world.now_ms);
    run();
}

START_TEST(a_reader_gets_the_document_then_what_is_done_to_it)
{
    setup();
    call(API_CREATE, "a", "\"x\"");
    follow("[\"open\",\"notes/1\",{}]");
    expect(
        "event: snapshot\nid: 1000000-1\ndata: {\"name\":\"notes/1\",\"type\":\"text\",\"seq\":1,"
        "\"epoch\":1000000,\"time\":1000000,\"data\":\"x\"}\n\n");
    call(API_SUBMIT, "b", "[\"y\"]");
    ck_assert_ptr_nonnull(
        memmem(heard.data, heard.size, "event: operation\nid: 1000000-2\ndata: {", 38));
    ck_assert_ptr_nonnull(memmem(heard.data, heard.size, "\"operation\":[\"y\"]}\n\n", 20));
    buffer_clear(&heard);
    call(API_DELETE, "c", "");
    ck_assert_ptr_nonnull(memmem(heard.data, heard.size, "\"delete\":true}\n\n", 16));
    leave();
    world_finish(&world);
}
END_TEST

START_TEST(a_reader_that_comes_back_goes_on_where_it_was)
{
    setup();
    call(API_CREATE, "a", "\"x\"");
    call(API_SUBMIT, "b", "[\"y\"]");
    follow("[\"open\",\"notes/1\",{\"from\":1,\"epoch\":1000000}]");
    ck_assert_int_eq(memcmp(heard.data, "event: operation\nid: 1000000-2\n", 31), 0);
    leave();
    follow("[\"open\",\"notes/1\",{\"from\":1,\"epoch\":999}]"); /* another history */
    ck_assert_int_eq(memcmp(heard.data, "event: snapshot\nid: 1000000-2\n", 30), 0);
    leave();
    world_finish(&world);
}
END_TEST

START_TEST(a_document_that_is_not_there_ends_the_stream)
{
    setup();
    follow("[\"open\",\"notes/1\",{}]");
    ck_assert(link_closing(link_of_reader));
    expect("event: closed\ndata: {\"code\":211,\"text\":\"the document does not exist\"}\n\n");
    leave();
    world_finish(&world);
}
END_TEST

START_TEST(a_reader_says_nothing_and_is_kept_alive)
{
    setup();
    call(API_CREATE, "a", "\"x\"");
    follow("[\"open\",\"notes/1\",{}]");
    buffer_clear(&heard);
    for (int i = 0; i < 3; i++) {
        world.now_ms += LIMIT_HEARTBEAT_MS + 1000;
        run();
        expect(":\n\n");
    }
    leave();
    world_finish(&world);
}
END_TEST

START_TEST(a_reader_that_takes_nothing_costs_its_cursor)
{
    char operation[LIMIT_FRAME_BYTES];
    char key[20];

    setup();
    memset(operation, 'x', sizeof(operation));
    memcpy(operation, "[\"", 2);
    memcpy(operation + sizeof(operation) - 3, "\"]", 3);
    call(API_CREATE, "a", "\"x\"");
    follow("[\"open\",\"notes/1\",{}]");
    takes = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof(key), "key %d", i);
        call(API_SUBMIT, key, operation);
    }
    ck_assert_uint_lt(link_private_size(link_of_reader), 4 * LIMIT_FRAME_BYTES);
    takes = SIZE_MAX;
    for (int i = 0; i < 200; i++) {
        write_out();
        run();
    }
    ck_assert_ptr_nonnull(memmem(heard.data, heard.size, "id: 1000000-101\n", 16));
    leave();
    world_finish(&world);
}
END_TEST

START_TEST(the_end_of_the_server_is_the_end_of_the_stream)
{
    setup();
    call(API_CREATE, "a", "\"x\"");
    follow("[\"open\",\"notes/1\",{}]");
    buffer_clear(&heard);
    hub_say_goodbye(world.hub, world.now_ms);
    run();
    ck_assert(link_closing(link_of_reader));
    expect("");
    leave();
    world_finish(&world);
}
END_TEST

TEST_MAIN("dialect_events", a_reader_gets_the_document_then_what_is_done_to_it,
          a_reader_that_comes_back_goes_on_where_it_was,
          a_document_that_is_not_there_ends_the_stream, a_reader_says_nothing_and_is_kept_alive,
          a_reader_that_takes_nothing_costs_its_cursor,
          the_end_of_the_server_is_the_end_of_the_stream)
