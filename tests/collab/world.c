#include "tests/collab/world.h"

#include <stdio.h>
#include <string.h>

#include <check.h>

#include "base/memory.h"
#include "server/collab/state.h"

enum { ROUNDS_MAX = 100000, START_MS = 1000000 };

static uint64_t clock_ms;

static uint64_t read_clock(void)
{
    return clock_ms;
}

static void start(struct world *world)
{
    struct hub_config config = {
        .node = "node",
        .heartbeat_ms = LIMIT_HEARTBEAT_MS,
        .idle_ms = LIMIT_IDLE_DOCUMENT_MS,
        .keep_operations = world->keep_operations,
        .keep_ms = world->keep_ms,
        .capture = world->capture,
    };

    memset(config.secret, 7, sizeof(config.secret)); /* the same public ids in every run */
    world->hub = hub_create(&config, world->store);
}

void world_init(struct world *world)
{
    world_init_captured(world, NULL);
}

void world_init_captured(struct world *world, struct capture *capture)
{
    *world = (struct world){.now_ms = START_MS, .capture = capture};
    clock_ms = START_MS;
    world->flaky = flaky_create_take(backend_memory_create(read_clock));
    world->backend = &world->flaky->backend;
    world->store = store_direct_create_take(world->backend);
    start(world);
}

void world_finish(struct world *world)
{
    world->store->ops->poll(world->store);
    hub_destroy(world->hub);
    world->store->ops->destroy(world->store);
}

void world_restart(struct world *world, struct client *const *clients, size_t count)
{
    world->store->ops->poll(world->store);
    for (size_t i = 0; i < count; i++)
        clients[i]->link = NULL;
    hub_destroy(world->hub);
    start(world);
}

static void hear(struct client *client, struct span message)
{
    char *text = memory_zeroed(message.size + 1, 1);

    memcpy(text, message.data, message.size);
    client->heard =
        memory_resize(client->heard, (client->heard_count + 1) * sizeof(*client->heard));
    client->heard[client->heard_count++] = text;
    ck_assert_uint_lt(client->heard_count, WORLD_HEARD_MAX);
}

/* The client reads what the socket carried. */
static void carry(struct client *client, struct span bytes)
{
    uint8_t *data = memory_copy(bytes.data, bytes.size);
    size_t at = 0;

    while (at < bytes.size) {
        struct websocket_event event;
        struct fault fault;
        size_t used = 0;
        uint16_t code = 0;
        enum status status = websocket_decode(&client->decoder, data + at, bytes.size - at, &used,
                                              &event, &code, &fault);

        ck_assert_msg(status == STATUS_OK || status == STATUS_MORE, "%s", fault.text);
        at += used;
        if (status == STATUS_OK && event.kind == WEBSOCKET_EVENT_MESSAGE)
            hear(client, event.payload);
        if (status == STATUS_OK && event.kind == WEBSOCKET_EVENT_CLOSE)
            client->close_code = event.code;
    }
    memory_free(data);
}

void client_write(struct client *client)
{
    struct span spans[LIMIT_WRITE_SPANS];
    size_t count = link_output(client->link, spans, LIMIT_WRITE_SPANS);
    size_t room = client->takes;
    size_t written = 0;

    for (size_t i = 0; i < count && room > 0; i++) {
        struct span piece = spans[i];

        if (piece.size > room)
            piece.size = room;
        carry(client, piece);
        room -= piece.size;
        written += piece.size;
    }
    link_written(client->link, written, client->world->now_ms);
    if (link_closing(client->link))
        client_disconnect(client);
}

static bool turn(struct world *world)
{
    bool moved = !world->store_stuck && world->store->ops->poll(world->store) > 0;
    struct link *link;

    hub_turn(world->hub, world->now_ms);
    hub_deliver(world->hub, world->now_ms);
    while ((link = hub_next_output(world->hub)) != NULL) {
        client_write(link_context(link));
        moved = true;
    }
    return moved || hub_next_timeout(world->hub, world->now_ms) == 0;
}

void world_run(struct world *world)
{
    size_t rounds = 0;

    /* A turn that moves nothing may have asked the store, which answers in the next. */
    for (int quiet = 0; quiet < 2 && rounds < ROUNDS_MAX; rounds++)
        quiet = turn(world) ? 0 : quiet + 1;
    ck_assert_uint_lt(rounds, ROUNDS_MAX);
}

void world_pass(struct world *world, uint64_t ms)
{
    world->now_ms += ms;
    clock_ms += ms;
    world_run(world);
}

void world_build(struct world *world, const char *name, uint64_t seq, bool fold)
{
    struct store_load load = {.request.call = STORE_LOAD, .name = span_of_string(name)};

    store_run(world->backend, &load.request);
    ck_assert_int_eq(load.request.status, STATUS_OK);
    store_arena_destroy(load.arena);
    struct store_build build = {
        .request.call = STORE_BUILD,
        .name = load.name,
        .epoch = load.row.epoch,
        .seq_max = seq,
        .time_ms_max = UINT64_MAX,
        .fold = fold,
        .build = state_build,
    };
    store_run(world->backend, &build.request);
    ck_assert_int_eq(build.request.status, STATUS_OK);
}

void client_connect_as(struct client *client, struct world *world, enum dialect_kind dialect)
{
    if (client->heard == NULL) {
        *client = (struct client){.takes = SIZE_MAX};
        websocket_decoder_init(&client->decoder, WEBSOCKET_CLIENT, SIZE_MAX);
    } else {
        websocket_decoder_finish(&client->decoder);
        websocket_decoder_init(&client->decoder, WEBSOCKET_CLIENT, SIZE_MAX);
    }
    client->world = world;
    client->close_code = 0;
    client->link = hub_connect(world->hub, dialect, SPAN("user"), client, world->now_ms);
}

void client_connect(struct client *client, struct world *world, char letter)
{
    char hello[] = "[\"hello\",{\"resume\":\"______________________\"}]";

    client_connect_as(client, world, DIALECT_NATIVE);
    for (char *at = hello; *at != '\0'; at++)
        if (*at == '_')
            *at = letter;
    hello[strlen(hello) - 4] = 'A'; /* the last character carries two bits only */
    client_say(client, hello);
}

void client_disconnect(struct client *client)
{
    if (client->link != NULL)
        link_disconnect(client->link);
    client->link = NULL;
}

void client_finish(struct client *client)
{
    client_disconnect(client);
    websocket_decoder_finish(&client->decoder);
    for (size_t i = 0; i < client->heard_count; i++)
        memory_free(client->heard[i]);
    memory_free(client->heard);
    *client = (struct client){0};
}

void client_say(struct client *client, const char *message)
{
    ck_assert_ptr_nonnull(client->link);
    link_receive(client->link, span_of_string(message), client->world->now_ms);
}

void client_say_oversized(struct client *client, const char *beginning, uint64_t size)
{
    ck_assert_ptr_nonnull(client->link);
    link_receive_oversized(client->link, span_of_string(beginning), size, client->world->now_ms);
}

const char *client_hears(struct client *client)
{
    return client->read < client->heard_count ? client->heard[client->read++] : NULL;
}

void client_expect(struct client *client, const char *message)
{
    const char *heard = client_hears(client);
    size_t size = strlen(message);

    ck_assert_msg(heard != NULL, "nothing was heard, expected %s", message);
    if (size > 0 && message[size - 1] == '$')
        ck_assert_msg(strncmp(heard, message, size - 1) == 0, "heard %s, expected %s", heard,
                      message);
    else
        ck_assert_str_eq(heard, message);
}

void client_expect_silence(struct client *client)
{
    const char *heard = client_hears(client);

    ck_assert_msg(heard == NULL, "heard %s", heard);
}

void client_join(struct client *client, struct world *world, char letter, const char *name,
                 const char *type)
{
    char open[512];

    client_connect(client, world, letter);
    snprintf(open, sizeof(open), "[\"open\",\"%s\",{\"type\":\"%s\",\"create\":true}]", name, type);
    client_say(client, open);
    world_run(world);
    client_expect(client, "[\"welcome\",$");
    client_expect(client, "[\"opened\",$");
}
