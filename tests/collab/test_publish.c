#include "server/collab/publish.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "server/collab/hub_state.h"
#include "server/collab/link.h"
#include "server/collab/reader.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

enum { CROWD = 20, TEXT_SIZE = 10000 };

static struct world world;
static struct client alice;        /* writes, */
static struct client bob;          /* reads along, */
static struct client crowd[CROWD]; /* and these do not read, when it matters */
static unsigned serial;

static void begin(void)
{
    world_init(&world);
    alice = (struct client){0};
    bob = (struct client){0};
    serial = 0;
    client_join(&alice, &world, 'a', "notes/1", "text");
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = (struct client){0};
        client_join(&crowd[i], &world, (char)('c' + i), "notes/1", "text");
    }
    client_join(&bob, &world, 'b', "notes/1", "text");
}

static void end(void)
{
    for (int i = 0; i < CROWD; i++)
        client_finish(&crowd[i]);
    client_finish(&alice);
    client_finish(&bob);
    world_finish(&world);
}

static void crowd_takes(size_t bytes)
{
    for (int i = 0; i < CROWD; i++)
        crowd[i].takes = bytes;
}

static void skip_all(struct client *client)
{
    client->read = client->heard_count;
}

/* Alice puts this letter, so many times, in the place of all that was there. */
static void replace(char letter)
{
    struct buffer edit = {0};

    serial++;
    buffer_append_format(&edit, "[1,%u,%u,[", serial, serial);
    if (serial > 1)
        buffer_append_format(&edit, "{\"d\":%d},", TEXT_SIZE);
    buffer_append_byte(&edit, '"');
    for (int i = 0; i < TEXT_SIZE; i++)
        buffer_append_byte(&edit, (uint8_t)letter);
    buffer_append_text(&edit, "\"]]");
    buffer_append_byte(&edit, 0);
    client_say(&alice, (const char *)edit.data);
    world_run(&world);
    buffer_finish(&edit);
}

/* Alice replaces the text and shows herself; Bob is told both. */
static void write_and_show(void)
{
    char text[64];

    skip_all(&bob);
    replace((char)('a' + serial % 26));
    snprintf(text, sizeof(text), "[1,%u,$", serial + 1);
    client_expect(&bob, text);
    snprintf(text, sizeof(text), "[\"here\",1,%u,{\"n\":%u}]", serial + 1, serial);
    client_say(&alice, text);
    world_run(&world);
    client_expect(&bob, "[\"here\",1,$");
    client_expect_silence(&bob);
}

/* Whoever looks at them while they are hidden is stopped by the sanitizer. */
static void hide_crowd(bool hidden)
{
    for (int i = 0; i < CROWD; i++) {
        struct link *link = crowd[i].link;

        if (!hidden)
            ASAN_UNPOISON_MEMORY_REGION(link, sizeof(*link));
        if (hidden)
            ASAN_POISON_MEMORY_REGION(link->readers, sizeof(*link->readers));
        else
            ASAN_UNPOISON_MEMORY_REGION(link->readers, sizeof(*link->readers));
        if (hidden)
            ASAN_POISON_MEMORY_REGION(link, sizeof(*link));
    }
}

static void expect_nobody_to_look_at_the_crowd(void)
{
    hide_crowd(true);
    for (int i = 0; i < 10; i++)
        write_and_show();
    hide_crowd(false);
}

static void expect_the_crowd_in(enum reader_state state)
{
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(crowd[i].link->readers->state, state);
}

/* Each has heard of the last edit in the end, and of nothing behind it. */
static void expect_the_crowd_to_come_back(void)
{
    crowd_takes(SIZE_MAX);
    for (int i = 0; i < CROWD; i++)
        client_write(&crowd[i]);
    world_run(&world);
    expect_the_crowd_in(READER_STREAM);
    for (int i = 0; i < CROWD; i++) {
        ck_assert_uint_eq(reader_place(crowd[i].link->readers), serial + 1);
        skip_all(&crowd[i]);
    }
    write_and_show();
    for (int i = 0; i < CROWD; i++) {
        ck_assert_int_eq(strncmp(client_hears(&crowd[i]), "[1,", 3), 0);
        client_expect(&crowd[i], "[\"here\",1,$");
        client_expect_silence(&crowd[i]);
    }
}

START_TEST(a_turn_does_not_look_at_readers_that_lag_in_the_stream)
{
    begin();
    write_and_show();
    crowd_takes(0);
    write_and_show();
    write_and_show();
    expect_nobody_to_look_at_the_crowd();
    expect_the_crowd_in(READER_STREAM);
    expect_the_crowd_to_come_back();
    end();
}
END_TEST

START_TEST(a_turn_does_not_look_at_readers_that_have_left_the_stream)
{
    begin();
    write_and_show();
    crowd_takes(0);
    for (unsigned i = 0; i < LIMIT_STREAM_BYTES / TEXT_SIZE + 10; i++)
        write_and_show();
    expect_the_crowd_in(READER_LOG);
    expect_nobody_to_look_at_the_crowd();
    expect_the_crowd_to_come_back();
    end();
}
END_TEST

TEST_MAIN("publish", a_turn_does_not_look_at_readers_that_lag_in_the_stream,
          a_turn_does_not_look_at_readers_that_have_left_the_stream)
