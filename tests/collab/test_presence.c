#include "server/collab/presence.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "server/collab/history.h"
#include "tests/runner.h"

static const struct session_key anna = {{'a'}};
static const struct session_key ben = {{'b'}};

static struct presence presence;
static struct history history;
static struct presence_track track;

/* A text whose seqs up to 10 are in the store, with nothing behind them in memory yet. */
static void setup(void)
{
    presence = (struct presence){0};
    history_init(&history, 10);
    track = (struct presence_track){.history = &history, .type = &type_text, .head = 10};
}

static void finish(void)
{
    presence_finish(&presence);
    history_finish(&history);
}

/* The next entry, durable at once. */
static void happens(const struct session_key *session, const char *operation)
{
    struct entry entry = {.seq = history.head + 1, .kind = ENTRY_EDIT, .session = *session};

    entry.arrived = entry.sequenced = span_of_string(operation);
    history_append_take(&history, record_create_take(&entry, 1, NULL));
    track.head = history.head;
}

static void put_at(const struct session_key *session, uint64_t node, uint64_t seq, uint64_t now_ms,
                   const char *state)
{
    struct presence_news news = {.session = *session,
                                 .node = node,
                                 .seq = seq,
                                 .now_ms = now_ms,
                                 .state = span_of_string(state)};

    presence_put(&presence, &news, &track);
}

static void put(const struct session_key *session, const char *state)
{
    put_at(session, 1, track.head, 0, state);
}

static void append_session(struct buffer *out, const struct presence_session *session)
{
    buffer_append_byte(out, session->key.bytes[0]);
    buffer_append_byte(out, ':');
    if (session->values != NULL)
        caret_write(&session->values->caret, out);
    buffer_append_byte(out, ' ');
}

static void expect_text(struct buffer *text, const char *expected)
{
    ck_assert_msg(span_equal(buffer_span(text), span_of_string(expected)), "\"%.*s\" is not \"%s\"",
                  SPAN_PRINT(buffer_span(text)), expected);
    buffer_finish(text);
}

/* What has changed since the last call, in order; a session that is gone has no value. */
static void expect_changes(const char *expected)
{
    struct buffer text = {0};

    while (presence.changed != NULL) {
        append_session(&text, presence.changed);
        presence_told(&presence, presence.changed);
    }
    expect_text(&text, expected);
}

static void expect_table(const char *expected)
{
    struct buffer text = {0};

    for (const struct presence_session *at = presence.sessions; at != NULL; at = at->hh.next)
        append_session(&text, at);
    expect_text(&text, expected);
}

START_TEST(the_latest_value_counts_and_is_one_change)
{
    setup();
    put(&anna, "1");
    put(&ben, "2");
    put(&anna, "3");
    expect_changes("a:3 b:2 ");
    put(&anna, "4");
    presence_clear(&presence, &anna, 1);
    put(&anna, "5");
    expect_changes("a:5 ");
    expect_table("a:5 b:2 ");
    finish();
}
END_TEST

START_TEST(whoever_goes_is_told_once_and_forgotten)
{
    setup();
    put(&anna, "1");
    put(&ben, "2");
    expect_changes("a:1 b:2 ");
    presence_clear(&presence, &anna, 1);
    expect_changes("a: ");
    expect_table("b:2 ");
    presence_clear(&presence, &anna, 1);
    expect_changes("");
    finish();
}
END_TEST

START_TEST(a_node_that_was_left_clears_only_what_it_was_told)
{
    setup();
    put_at(&anna, 1, 10, 0, "\"old\"");
    put_at(&anna, 2, 10, 0, "\"new\"");
    expect_changes("a:\"new\" ");
    presence_clear(&presence, &anna, 1);
    expect_changes("");
    expect_table("a:\"new\" ");
    presence_clear(&presence, &anna, 2);
    expect_changes("a: ");
    finish();
}
END_TEST

START_TEST(what_the_other_node_was_told_is_shown_when_the_latest_goes)
{
    setup();
    put_at(&anna, 1, 10, 0, "\"old\"");
    put_at(&anna, 2, 10, 0, "\"new\"");
    expect_changes("a:\"new\" ");
    presence_clear(&presence, &anna, 2);
    expect_changes("a:\"old\" ");
    finish();
}
END_TEST

START_TEST(a_node_that_is_gone_takes_its_values_along)
{
    setup();
    put_at(&anna, 1, 10, 0, "1");
    put_at(&ben, 2, 10, 0, "2");
    expect_changes("a:1 b:2 ");
    presence_drop_node(&presence, 2);
    expect_changes("b: ");
    expect_table("a:1 ");
    finish();
}
END_TEST

START_TEST(what_is_not_renewed_expires)
{
    setup();
    put_at(&anna, 1, 10, 1000, "1");
    put_at(&ben, 1, 10, 1000, "2");
    expect_changes("a:1 b:2 ");
    put_at(&ben, 1, 10, 2000, "2");
    expect_changes(""); /* the same again is no news */
    presence_expire(&presence, 1000);
    expect_changes("");
    presence_expire(&presence, 1001);
    expect_changes("a: ");
    expect_table("b:2 ");
    finish();
}
END_TEST

START_TEST(positions_move_with_the_history)
{
    setup();
    put(&anna, "{\"cursor\":[0,4]}");
    put(&ben, "{\"cursor\":[0]}");
    expect_changes("a:{\"cursor\":[0,4]} b:{\"cursor\":[0]} ");
    happens(&ben, "[\"xx\"]");
    presence_move(&presence, &track);
    expect_changes(""); /* every client moves them by itself */
    expect_table("a:{\"cursor\":[0,6]} b:{\"cursor\":[2]} ");
    finish();
}
END_TEST

START_TEST(a_value_of_an_older_seq_is_moved_when_it_comes)
{
    setup();
    happens(&ben, "[\"xx\"]");
    happens(&anna, "[2,\"y\"]");
    put_at(&anna, 1, 10, 0, "{\"cursor\":[0,1]}");
    expect_table("a:{\"cursor\":[0,4]} ");
    finish();
}
END_TEST

START_TEST(a_value_that_moves_to_where_it_was_is_no_news)
{
    setup();
    put(&anna, "{\"cursor\":[4]}");
    expect_changes("a:{\"cursor\":[4]} ");
    happens(&ben, "[\"xx\"]");
    presence_move(&presence, &track);
    put(&anna, "{\"cursor\":[6]}");
    expect_changes("");
    put_at(&anna, 1, 10, 0, "{\"cursor\":[4]}");
    expect_changes("");
    finish();
}
END_TEST

START_TEST(a_value_beyond_the_head_stays_as_it_is_until_the_head_is_there)
{
    setup();
    put_at(&anna, 1, 11, 0, "{\"cursor\":[3]}");
    ck_assert_uint_eq(presence.changed->values->seq, 11);
    happens(&ben, "[\"xx\"]");
    presence_move(&presence, &track);
    expect_table("a:{\"cursor\":[3]} ");
    happens(&ben, "[\"xx\"]");
    presence_move(&presence, &track);
    expect_table("a:{\"cursor\":[5]} ");
    finish();
}
END_TEST

START_TEST(a_value_that_cannot_be_moved_is_not_taken)
{
    setup();
    happens(&ben, "[\"xx\"]");
    put_at(&anna, 1, 9, 0, "{\"cursor\":[3]}"); /* the entry 10 is not in memory */
    expect_table("");
    put_at(&anna, 1, 9, 0, "\"no positions\"");
    expect_table("a:\"no positions\" ");
    track.created = 11;
    put_at(&ben, 1, 10, 0, "\"of another document\"");
    expect_table("a:\"no positions\" ");
    track.type = NULL;
    put_at(&ben, 1, 10, 0, "\"nothing known\"");
    expect_changes("a:\"no positions\" ");
    finish();
}
END_TEST

START_TEST(a_value_that_cannot_be_moved_any_more_goes)
{
    setup();
    put(&anna, "{\"cursor\":[3]}");
    put(&ben, "4");
    expect_changes("a:{\"cursor\":[3]} b:4 ");
    history_finish(&history);
    history_init(&history, 20);
    track.head = 20;
    presence_move(&presence, &track);
    expect_changes("a: ");
    expect_table("b:4 ");
    finish();
}
END_TEST

START_TEST(a_type_without_positions_moves_nothing)
{
    setup();
    track.type = &type_counter;
    put(&anna, "{\"cursor\":[3]}");
    happens(&ben, "5");
    presence_move(&presence, &track);
    expect_table("a:{\"cursor\":[3]} ");
    ck_assert_uint_eq(presence.sessions->values->seq, 11);
    finish();
}
END_TEST

START_TEST(has_room_for_so_many_sessions)
{
    struct session_key key = {{0}};

    setup();
    for (uint16_t i = 0; i <= LIMIT_PRESENCE_VALUES; i++) {
        memcpy(key.bytes, &i, sizeof(i));
        put(&key, "1");
    }
    ck_assert_uint_eq(HASH_COUNT(presence.sessions), LIMIT_PRESENCE_VALUES);
    finish();
}
END_TEST

TEST_MAIN("presence", the_latest_value_counts_and_is_one_change,
          whoever_goes_is_told_once_and_forgotten,
          a_node_that_was_left_clears_only_what_it_was_told,
          what_the_other_node_was_told_is_shown_when_the_latest_goes,
          a_node_that_is_gone_takes_its_values_along, what_is_not_renewed_expires,
          positions_move_with_the_history, a_value_of_an_older_seq_is_moved_when_it_comes,
          a_value_that_moves_to_where_it_was_is_no_news,
          a_value_beyond_the_head_stays_as_it_is_until_the_head_is_there,
          a_value_that_cannot_be_moved_is_not_taken, a_value_that_cannot_be_moved_any_more_goes,
          a_type_without_positions_moves_nothing, has_room_for_so_many_sessions)
