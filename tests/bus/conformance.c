#include "tests/bus/conformance.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/must.h"

enum { TURNS_MAX = 3000 };

/* ---- The ear ---- */

static struct ear *ear_of(struct bus_listener *listener)
{
    return container_of(listener, struct ear, listener);
}

static void on_subscribed(struct bus_listener *listener, struct span channel)
{
    buffer_append_format(&ear_of(listener)->heard, "+%.*s\n", SPAN_PRINT(channel));
}

static void on_message(struct bus_listener *listener, struct span channel, struct span message)
{
    struct buffer *heard = &ear_of(listener)->heard;

    buffer_append(heard, channel);
    buffer_append_byte(heard, ' ');
    buffer_append(heard, message);
    buffer_append_byte(heard, '\n');
}

static void on_members(struct bus_listener *listener, const struct bus_member *members,
                       size_t count)
{
    struct ear *ear = ear_of(listener);

    ck_assert_uint_le(count, 8);
    memcpy(ear->members, members, count * sizeof(*members));
    ear->member_count = count;
    ear->answers++;
}

static void on_lost(struct bus_listener *listener)
{
    buffer_append_text(&ear_of(listener)->heard, "lost\n");
}

static const struct bus_listener_ops ear_ops = {
    .subscribed = on_subscribed, .message = on_message, .members = on_members, .lost = on_lost};

static void turn(struct ear *ear)
{
    conformance_turn();
    ear->bus->ops->poll(ear->bus);
}

void ear_open(struct ear *ear, const char *channel)
{
    *ear = (struct ear){.listener = {.ops = &ear_ops}, .bus = conformance_create()};
    ear->bus->listener = &ear->listener;
    if (channel == NULL)
        return;
    ear->bus->ops->subscribe(ear->bus, span_of_string(channel));
    struct buffer line = {0};
    buffer_append_format(&line, "+%s\n", channel);
    buffer_append_byte(&line, '\0');
    ear_expect(ear, (const char *)line.data);
    buffer_finish(&line);
}

void ear_close(struct ear *ear)
{
    ear->bus->ops->destroy(ear->bus);
    buffer_finish(&ear->heard);
}

void ear_say(struct ear *ear, const char *channel, const char *message)
{
    ear->bus->ops->publish(ear->bus, span_of_string(channel), span_of_string(message));
}

void ear_expect(struct ear *ear, const char *lines)
{
    struct span expected = span_of_string(lines);

    for (int turns = 0; turns < TURNS_MAX && ear->heard.size < expected.size; turns++)
        turn(ear);
    ck_assert_msg(span_equal(buffer_span(&ear->heard), expected), "heard: %.*s",
                  SPAN_PRINT(buffer_span(&ear->heard)));
    buffer_clear(&ear->heard);
}

void ear_expect_return(struct ear *ear, const char *channel)
{
    struct buffer line = {0};

    buffer_append_format(&line, "lost\n+%s\n", channel);
    buffer_append_byte(&line, '\0');
    ear_expect(ear, (const char *)line.data);
    buffer_finish(&line);
}

static struct bus_member member(const char *name)
{
    struct bus_member member = {.start = 7};

    memcpy(member.name, name, strlen(name) + 1);
    return member;
}

void ear_expect_members(struct ear *ear, const char *name, size_t count)
{
    const struct bus_member self = member(name);

    ear->member_count = 0;
    for (int turns = 0; turns < TURNS_MAX && ear->member_count != count; turns++) {
        ear->bus->ops->beat(ear->bus, &self);
        turn(ear);
    }
    ck_assert_uint_eq(ear->member_count, count);
}

/* ---- Channels ---- */

START_TEST(a_message_reaches_all_who_are_subscribed_its_author_too)
{
    struct ear anna;
    struct ear ben;
    struct ear carl;

    ear_open(&anna, "notes/1");
    ear_open(&ben, "notes/1");
    ear_open(&carl, "notes/2");
    ear_say(&anna, "notes/1", "hello");
    ear_say(&anna, "notes/2", "you");
    ear_expect(&anna, "notes/1 hello\n");
    ear_expect(&ben, "notes/1 hello\n");
    ear_expect(&carl, "notes/2 you\n");
    ear_close(&anna);
    ear_close(&ben);
    ear_close(&carl);
}
END_TEST

START_TEST(nothing_is_reported_but_by_poll)
{
    struct ear ear;

    ear_open(&ear, "notes/1");
    ear_say(&ear, "notes/1", "hello");
    conformance_turn();
    ck_assert_uint_eq(ear.heard.size, 0);
    ear_expect(&ear, "notes/1 hello\n");
    ear.bus->ops->subscribe(ear.bus, SPAN("notes/2"));
    conformance_turn();
    ck_assert_uint_eq(ear.heard.size, 0);
    ear_expect(&ear, "+notes/2\n");
    ear_close(&ear);
}
END_TEST

START_TEST(messages_keep_their_order)
{
    struct ear ear;
    struct buffer lines = {0};

    ear_open(&ear, "notes/1");
    for (int i = 0; i < 500; i++) {
        char text[16] = "";

        snprintf(text, sizeof(text), "%d", i);
        ear_say(&ear, "notes/1", text);
        buffer_append_format(&lines, "notes/1 %d\n", i);
    }
    buffer_append_byte(&lines, '\0');
    ear_expect(&ear, (const char *)lines.data);
    buffer_finish(&lines);
    ear_close(&ear);
}
END_TEST

START_TEST(an_unsubscribed_channel_is_silent)
{
    struct ear ear;

    ear_open(&ear, "notes/1");
    ear.bus->ops->unsubscribe(ear.bus, SPAN("notes/1"));
    ear_say(&ear, "notes/1", "nobody hears this");
    ear.bus->ops->subscribe(ear.bus, SPAN("notes/2"));
    ear_expect(&ear, "+notes/2\n");
    ear_say(&ear, "notes/2", "but this");
    ear_expect(&ear, "notes/2 but this\n");
    ear_close(&ear);
}
END_TEST

START_TEST(a_channel_can_be_taken_up_again_at_once)
{
    struct ear ear;

    ear_open(&ear, "notes/1");
    ear.bus->ops->unsubscribe(ear.bus, SPAN("notes/1"));
    ear.bus->ops->subscribe(ear.bus, SPAN("notes/1"));
    ear_expect(&ear, "+notes/1\n");
    ear_say(&ear, "notes/1", "hello");
    ear_expect(&ear, "notes/1 hello\n");
    ear_close(&ear);
}
END_TEST

START_TEST(every_byte_passes)
{
    struct ear ear;
    struct buffer message = {0};
    struct buffer line = {0};

    ear_open(&ear, "a\tb");
    for (int i = 0; i < 1 << 20; i++)
        buffer_append_byte(&message, (uint8_t)i);
    ear.bus->ops->publish(ear.bus, SPAN("a\tb"), buffer_span(&message));
    buffer_append_text(&line, "a\tb ");
    buffer_append(&line, buffer_span(&message));
    buffer_append_byte(&line, '\n');
    for (int turns = 0; turns < TURNS_MAX && ear.heard.size < line.size; turns++)
        turn(&ear);
    ck_assert(span_equal(buffer_span(&ear.heard), buffer_span(&line)));
    buffer_finish(&message);
    buffer_finish(&line);
    ear_close(&ear);
}
END_TEST

/* ---- Members ---- */

START_TEST(a_beat_tells_who_lives)
{
    struct ear anna;
    struct ear ben;

    ear_open(&anna, NULL);
    ear_open(&ben, NULL);
    ear_expect_members(&anna, "anna", 1);
    ck_assert_str_eq(anna.members[0].name, "anna");
    ck_assert_uint_eq(anna.members[0].start, 7);
    ear_expect_members(&ben, "ben", 2);
    ear_close(&anna);
    ear_close(&ben);
}
END_TEST

START_TEST(who_beats_no_more_is_gone)
{
    struct ear anna;
    struct ear ben;

    ear_open(&anna, NULL);
    ear_open(&ben, NULL);
    ear_expect_members(&anna, "anna", 1);
    ear_expect_members(&ben, "ben", 2);
    ear_expect_members(&ben, "ben", 1);
    ck_assert_str_eq(ben.members[0].name, "ben");
    ear_close(&anna);
    ear_close(&ben);
}
END_TEST

START_TEST(who_leaves_is_gone_at_once)
{
    struct ear anna;
    struct ear ben;
    const struct bus_member self = member("anna");

    ear_open(&anna, NULL);
    ear_open(&ben, NULL);
    ear_expect_members(&anna, "anna", 1);
    ear_expect_members(&ben, "ben", 2);
    anna.bus->ops->leave(anna.bus, &self);
    ear_expect_members(&ben, "ben", 1);
    ear_close(&anna);
    ear_close(&ben);
}
END_TEST

size_t conformance_tests(const TTest **tests)
{
    const TTest *const all[] = {
        a_message_reaches_all_who_are_subscribed_its_author_too,
        nothing_is_reported_but_by_poll,
        messages_keep_their_order,
        an_unsubscribed_channel_is_silent,
        a_channel_can_be_taken_up_again_at_once,
        every_byte_passes,
        a_beat_tells_who_lives,
        who_beats_no_more_is_gone,
        who_leaves_is_gone_at_once,
    };
    size_t count = sizeof(all) / sizeof(all[0]);

    must(count <= CONFORMANCE_TESTS_MAX);
    memcpy(tests, all, sizeof(all));
    return count;
}
