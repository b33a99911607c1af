/* sharedb_script - what ShareDB's clients say and hear on a whole node, as tests write it: with '
 * for ", which no message needs, and @ for the id of one session. */
#ifndef TESTS_COLLAB_SHAREDB_SCRIPT_H
#define TESTS_COLLAB_SHAREDB_SCRIPT_H

#include <stdio.h>
#include <string.h>

#include "server/collab/source.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

enum { SCRIPT_MAX = 1000 };

static inline void script_quote(char *out, const char *text, const char *id)
{
    size_t size = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '@')
            size += (size_t)snprintf(out + size, SCRIPT_MAX - size, "%s", id);
        else
            out[size++] = *at == '\'' ? '"' : *at;
        ck_assert_uint_lt(size, SCRIPT_MAX);
    }
    out[size] = '\0';
}

/* The world does not run yet. */
static inline void script_say(struct client *client, const char *text)
{
    char message[SCRIPT_MAX];

    script_quote(message, text, "");
    client_say(client, message);
}

/* It says this alone; the world runs. */
static inline void script_tell(struct client *client, const char *text)
{
    script_say(client, text);
    world_run(client->world);
}

static inline void script_expect(struct client *client, const char *id, const char *text)
{
    char message[SCRIPT_MAX];

    script_quote(message, text, id);
    client_expect(client, message);
}

/* Connect; its session's id. */
static inline void script_join(struct client *client, struct world *world,
                               char id[SOURCE_LETTERS + 1])
{
    client_connect_as(client, world, DIALECT_SHAREDB);
    world_run(world);
    snprintf(id, SOURCE_LETTERS + 1, "%s",
             strstr(client->heard[client->heard_count - 1], "\"id\":\"") + 6);
    script_expect(client, id, "{'a':'init','protocol':1,'protocolMinor':2,'id':'$");
}

#endif
