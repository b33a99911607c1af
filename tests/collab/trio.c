#include "tests/collab/trio.h"

#include <stdio.h>

#include "server/collab/link.h"

struct world world;
struct client anna;
struct client ben;
struct client carla;

void trio_begin(void)
{
    world_init(&world);
    anna = ben = carla = (struct client){0};
}

void trio_end(void)
{
    client_finish(&anna);
    client_finish(&ben);
    client_finish(&carla);
    world_finish(&world);
}

void trio_join(const char *type)
{
    trio_begin();
    client_join(&anna, &world, 'a', "notes/1", type);
    client_join(&ben, &world, 'b', "notes/1", type);
}

void trio_say(struct client *client, const char *message)
{
    client_say(client, message);
    world_run(&world);
}

struct who trio_who(const struct client *client)
{
    return client->link->who;
}

void trio_expect_here(struct client *client, uint64_t seq, struct who other, const char *state)
{
    char expected[512];

    snprintf(expected, sizeof(expected), "[\"here\",1,%lu,\"%.*s\",%s]", (unsigned long)seq,
             WHO_SIZE, other.text, state);
    client_expect(client, expected);
}
