#include "tests/collab/captured.h"

#include "base/memory.h"
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
    client_say(&ben, "[\"delete\",1,4,4]");
    world_pass(world, 30000);
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
