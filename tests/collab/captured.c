#include "tests/collab/captured.h"

#include "base/memory.h"
#include "protocol/api.h"
#include "server/collab/call.h"
#include "server/collab/capture.h"
#include "tests/collab/world.h"

struct recording {
    struct capture capture;
    struct buffer *bytes;
};

static void record(struct capture *capture, struct span bytes)
{
    buffer_append(container_of(capture, struct recording, capture)->bytes, bytes);
}

/* What a client heard is the business of other tests. */
static void listen_to_nothing(struct client *client)
{
    while (client_hears(client) != NULL) {
    }
}

static void hear_nothing(struct caller *caller, const struct call_answer *answer)
{
    (void)caller;
    (void)answer;
}

/* One call is answered at once, one later, one never. */
static void call(struct world *world)
{
    static struct caller caller = {.answered = hear_nothing};
    const struct api_request reads = {
        .name = SPAN("notes/1"), .seq = UINT64_MAX, .time_ms = UINT64_MAX};
    const struct api_request submits = {.action = API_SUBMIT,
                                        .name = SPAN("notes/1"),
                                        .key = SPAN("once"),
                                        .at_head = true,
                                        .operation = SPAN("[\"back end\"]")};

    call_create(world->hub, &reads, SPAN("back end"), &caller, world->now_ms);
    call_create(world->hub, &submits, SPAN("back end"), &caller, world->now_ms);
    call_forget(call_create(world->hub, &reads, SPAN("back end"), &caller, world->now_ms));
    world_run(world);
}

static void live(struct world *world)
{
    struct client anna = {0};
    struct client ben = {0};

    client_join(&anna, world, 'a', "notes/1", "text");
    client_join(&ben, world, 'b', "notes/1", "text");
    client_say(&anna, "[1,1,1,[\"anna\"]]");
    client_say(&ben, "[1,1,1,[\"ben\"]]");
    world_run(world);
    client_say(&ben, "[1,2,3,[99,\"too far\"]]");
    world_run(world);
    client_disconnect(&anna);
    listen_to_nothing(&anna);
    client_join(&anna, world, 'a', "notes/1", "text");
    anna.takes = 7; /* half-sent frames */
    client_say(&ben, "[1,3,3,[{\"d\":2}]]");
    world_run(world);
    client_write(&anna);
    call(world);
    link_heard(ben.link, world->now_ms);
    client_say_oversized(&ben, "[1,4,5,[\"xxx", LIMIT_MESSAGE_BYTES + 1);
    client_say(&ben, "[\"delete\",1,5,5]");
    world_pass(world, 30000);
    hub_send_away(world->hub, 1000, world->now_ms);
    hub_shutdown(world->hub, world->now_ms);
    world_run(world);
    hub_say_goodbye(world->hub, world->now_ms);
    client_finish(&anna);
    client_finish(&ben);
}

void captured_life(struct buffer *bytes)
{
    struct recording recording = {.capture.write = record, .bytes = bytes};
    struct world world;

    world_init_captured(&world, &recording.capture);
    live(&world);
    world_finish(&world);
    capture_finish(&recording.capture);
}
