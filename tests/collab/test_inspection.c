#include "server/collab/inspection.h"

#include "tests/collab/world.h"
#include "tests/runner.h"
#include "tests/store/requests.h"

static struct world world;
static struct client anna;
static struct client ben;
static struct client eve;

static struct inspection look(void)
{
    return inspection_of(world.hub);
}

/* Anna and Ben have notes/1 open, an empty text. */
static void begin(void)
{
    world_init(&world);
    client_join(&anna, &world, 'a', "notes/1", "text");
    client_join(&ben, &world, 'b', "notes/1", "text");
}

static void end(void)
{
    client_finish(&anna);
    client_finish(&ben);
    world_finish(&world);
}

START_TEST(a_new_hub_has_done_nothing)
{
    world_init(&world);
    struct inspection seen = look();

    ck_assert_uint_eq(seen.counts.links, 0);
    ck_assert_uint_eq(seen.counts.documents, 0);
    ck_assert_uint_eq(seen.counts.submitted, 0);
    ck_assert_uint_eq(seen.readers, 0);
    ck_assert_uint_eq(seen.sessions, 0);
    ck_assert(!seen.queues.batch_in_flight);
    world_finish(&world);
}
END_TEST

START_TEST(who_is_there_is_counted)
{
    begin();
    struct inspection seen = look();

    ck_assert_uint_eq(seen.counts.links, 2);
    ck_assert_uint_eq(seen.sessions, 2);
    ck_assert_uint_eq(seen.counts.documents, 1);
    ck_assert_uint_eq(seen.readers, 2);
    ck_assert_uint_eq(seen.queues.behind, 0);
    client_disconnect(&ben);
    ck_assert_uint_eq(look().readers, 1);
    end();
}
END_TEST

START_TEST(an_edit_is_seen_on_its_way)
{
    begin();
    uint64_t committed = look().counts.operations;

    world.store_stuck = true;
    client_say(&anna, "[1,1,1,[\"x\"]]");
    ck_assert_uint_eq(look().counts.submitted, 1);
    ck_assert_uint_eq(look().queues.inbox, 1);
    world_run(&world);
    ck_assert_uint_eq(look().queues.inbox, 0);
    ck_assert_uint_eq(look().queues.tentative, 1);
    ck_assert(look().queues.batch_in_flight);
    ck_assert_uint_eq(look().queues.requests, 1);
    world.store_stuck = false;
    world_run(&world);
    ck_assert_uint_eq(look().queues.tentative, 0);
    ck_assert(!look().queues.batch_in_flight);
    ck_assert_uint_eq(look().counts.operations, committed + 1);
    end();
}
END_TEST

START_TEST(an_edit_that_comes_again_is_counted_as_such)
{
    begin();
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    ck_assert_uint_eq(look().counts.repeated, 0);
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    ck_assert_uint_eq(look().counts.submitted, 2);
    ck_assert_uint_eq(look().counts.repeated, 1);
    end();
}
END_TEST

START_TEST(a_full_socket_shows)
{
    begin();
    ben.takes = 0;
    client_say(&ben, "[\"open\",\"notes/2\",{\"type\":\"text\",\"create\":true}]");
    world_run(&world);
    ck_assert_uint_gt(look().queues.output_bytes, 0);
    ben.takes = SIZE_MAX;
    client_write(&ben);
    ck_assert_uint_eq(look().queues.output_bytes, 0);
    end();
}
END_TEST

/* ---- Documents ---- */

static struct inspected_document document(const char *name)
{
    struct inspected_document seen = {0};

    ck_assert_msg(inspection_document(world.hub, span_of_string(name), &seen), "%s", name);
    return seen;
}

static void expect_text(struct span span, const char *text)
{
    ck_assert_msg(span_equal(span, span_of_string(text)), "%.*s is not %s", SPAN_PRINT(span), text);
}

START_TEST(a_document_is_seen_with_what_waits_in_it)
{
    begin();
    struct inspected_document seen = document("notes/1");

    expect_text(seen.name, "notes/1");
    expect_text(seen.type, "text");
    expect_text(seen.owner, "node");
    ck_assert_str_eq(seen.state, "owned");
    ck_assert_int_eq(seen.role, INSPECTED_OWNER);
    ck_assert_uint_eq(seen.readers, 2);
    ck_assert_uint_eq(seen.history_from, 1);
    ck_assert_uint_eq(seen.history_count, 1);
    ck_assert_uint_eq(seen.published, 1);

    world.store_stuck = true;
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    seen = document("notes/1");
    ck_assert_uint_eq(seen.head, 2);
    ck_assert_uint_eq(seen.committed, 1);
    ck_assert_uint_eq(seen.tentative, 1);
    ck_assert_uint_eq(seen.published, 1);
    world.store_stuck = false;
    world_run(&world);
    ck_assert_uint_eq(document("notes/1").committed, 2);
    ck_assert_uint_eq(document("notes/1").published, 2);
    end();
}
END_TEST

START_TEST(what_is_not_loaded_is_not_seen_and_not_loaded_by_that)
{
    struct inspected_document seen;

    begin();
    ck_assert(!inspection_document(world.hub, SPAN("notes/2"), &seen));
    ck_assert_uint_eq(look().counts.documents, 1);
    end();
}
END_TEST

START_TEST(a_document_that_is_being_loaded_belongs_to_nobody_yet)
{
    begin();
    world.store_stuck = true;
    client_say(&anna, "[\"open\",\"notes/2\"]");
    world_run(&world);
    struct inspected_document seen = document("notes/2");

    ck_assert_str_eq(seen.state, "claiming");
    ck_assert_int_eq(seen.role, INSPECTED_NEITHER);
    ck_assert(!span_present(seen.owner));
    ck_assert(!span_present(seen.type));
    world.store_stuck = false;
    world_run(&world);
    end();
}
END_TEST

START_TEST(what_a_broken_document_has_read_is_not_tentative)
{
    begin();
    filled(world.backend, "notes/2", 1); /* an edit of what nobody has made */
    client_say(&anna, "[\"open\",\"notes/2\"]");
    world_run(&world);
    struct inspected_document seen = document("notes/2");

    ck_assert_str_eq(seen.state, "broken");
    ck_assert_uint_eq(seen.head, 1);
    ck_assert_uint_eq(seen.committed, 0);
    ck_assert_uint_eq(seen.tentative, 0);
    ck_assert_uint_eq(look().queues.tentative, 0);
    end();
}
END_TEST

START_TEST(the_list_begins_with_what_changed_last)
{
    struct inspected_document list[2];
    size_t left_off;

    begin();
    world_pass(&world, 10);
    client_say(&anna, "[\"open\",\"notes/2\",{\"type\":\"text\",\"create\":true}]");
    client_say(&anna, "[\"open\",\"other/3\",{\"type\":\"text\",\"create\":true}]");
    world_run(&world);
    world_pass(&world, 10);
    client_say(&anna, "[1,1,1,[\"x\"]]");
    world_run(&world);
    ck_assert_uint_eq(inspection_documents(world.hub, SPAN(""), list, 2, &left_off), 2);
    ck_assert_uint_eq(left_off, 1);
    expect_text(list[0].name, "notes/1");
    expect_text(list[1].name, "notes/2");
    ck_assert_uint_eq(inspection_documents(world.hub, SPAN("other/"), list, 2, &left_off), 1);
    ck_assert_uint_eq(left_off, 0);
    expect_text(list[0].name, "other/3");
    ck_assert_uint_eq(inspection_documents(world.hub, SPAN("other/3/"), list, 2, &left_off), 0);
    end();
}
END_TEST

/* ---- Sessions ---- */

START_TEST(a_session_is_seen_by_its_public_id_and_its_cursor)
{
    struct inspected_session list[2];
    size_t left_off;

    begin();
    ben.takes = 0;
    client_say(&anna, "[1,1,1,[\"x\"]]");
    client_say(&anna, "[\"here\",1,1,{\"name\":\"Anna\"}]");
    world_run(&world);
    ck_assert_uint_eq(inspection_sessions(world.hub, SPAN("notes/1"), list, 2, &left_off), 2);
    ck_assert_uint_eq(left_off, 0);
    ck_assert(list[0].has_who && list[0].here && !list[1].here);
    ck_assert_str_eq(list[0].dialect, "tutti.v1");
    ck_assert_str_eq(list[0].state, "stream");
    ck_assert_uint_eq(list[0].cursor, 2);
    ck_assert_uint_eq(list[0].behind, 0);
    ck_assert_uint_eq(list[0].serial, 1);
    ck_assert_uint_eq(list[1].cursor, 1);
    ck_assert_uint_eq(list[1].behind, 1);
    ck_assert_uint_gt(list[1].output_bytes, 0);
    ck_assert_uint_eq(list[1].serial, 0);
    ck_assert_uint_eq(inspection_sessions(world.hub, SPAN("notes/1"), list, 1, &left_off), 1);
    ck_assert_uint_eq(left_off, 1);
    ck_assert_uint_eq(inspection_sessions(world.hub, SPAN("notes/2"), list, 2, &left_off), 0);
    end();
}
END_TEST

START_TEST(who_only_reads_events_has_no_id)
{
    struct inspected_session list[3];
    size_t left_off;

    begin();
    client_connect_as(&eve, &world, DIALECT_EVENTS);
    link_receive(eve.link, SPAN("[\"open\",\"notes/1\"]"), world.now_ms);
    eve.takes = 0;
    world_run(&world);
    ck_assert_uint_eq(inspection_sessions(world.hub, SPAN("notes/1"), list, 3, &left_off), 3);
    ck_assert_str_eq(list[2].dialect, "events");
    ck_assert(!list[2].has_who);
    client_finish(&eve);
    end();
}
END_TEST

TEST_MAIN("inspection", a_new_hub_has_done_nothing, who_is_there_is_counted,
          an_edit_is_seen_on_its_way, an_edit_that_comes_again_is_counted_as_such,
          a_full_socket_shows, a_document_is_seen_with_what_waits_in_it,
          what_is_not_loaded_is_not_seen_and_not_loaded_by_that,
          a_document_that_is_being_loaded_belongs_to_nobody_yet,
          what_a_broken_document_has_read_is_not_tentative, the_list_begins_with_what_changed_last,
          a_session_is_seen_by_its_public_id_and_its_cursor, who_only_reads_events_has_no_id)
