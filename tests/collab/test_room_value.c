#include "server/collab/room_value.h"

#include "server/collab/hub_state.h"
#include "tests/collab/sharedb_script.h"

static struct world world;
static struct client anna;
static char id[SOURCE_LETTERS + 1];

#define RICH "'c':'pets','d':'fido'"

static void setup(void)
{
    world_init(&world);
    script_join(&anna, &world, id);
    script_tell(&anna, "{'a':'op'," RICH ",'v':0,'seq':1,'x':{},'create':"
                       "{'type':'rich-text','data':[{'insert':'hello'}]}}");
}

static void teardown(void)
{
    client_finish(&anna);
    world_finish(&world);
}

static struct room_value *create(const char *state, uint64_t seq, struct span document)
{
    const struct aside show = {.kind = ASIDE_SHOW,
                               .session = {"a session"},
                               .seq = seq,
                               .json = span_of_string(state),
                               .id = SPAN("a"),
                               .version = 7,
                               .document = document};

    return room_value_create(&show);
}

/* Move it; its state and seq after that. */
static void expect_moved(struct room_value *value, const char *state, uint64_t seq)
{
    room_value_move(value, world.hub);
    ck_assert_msg(span_equal(buffer_span(&value->state), span_of_string(state)), "%.*s",
                  (int)value->state.size, (const char *)value->state.data);
    ck_assert_uint_eq(value->seq, seq);
    room_value_destroy(value);
}

static struct room_value *in_fido(const char *state, uint64_t seq)
{
    return create(state, seq, SPAN("pets/fido"));
}

START_TEST(it_says_what_it_was_made_of)
{
    struct room_value *value = in_fido("{\"index\":1}", 3);
    const struct aside show = room_value_aside(value);
    struct room_value *again = room_value_create(&show);
    struct buffer words = {0};

    ck_assert_mem_eq(&again->session, &value->session, sizeof(value->session));
    room_value_write(again, SPAN("room"), &words);
    ck_assert(span_equal(
        buffer_span(&words),
        SPAN("{\"a\":\"p\",\"ch\":\"room\",\"src\":\"YSBzZXNzaW9uAAAAAAAAAA\",\"id\":\"a\",\"p\":{"
             "\"index\":1},\"pv\":7,\"c\":\"pets\",\"d\":\"fido\",\"v\":3,\"t\":"
             "\"http://sharejs.org/types/rich-text/v1\"}")));
    buffer_finish(&words);
    room_value_destroy(value);
    room_value_destroy(again);
}
END_TEST

START_TEST(values_are_told_apart_by_session_and_id)
{
    const struct session_key anna_key = {"anna"};
    const struct session_key ben_key = {"ben"};
    const struct room_key keys[] = {room_key_of(&anna_key, SPAN("a")),
                                    room_key_of(&anna_key, SPAN("ab")),
                                    room_key_of(&ben_key, SPAN("a"))};

    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            ck_assert_int_eq(i == j, span_equal(span_of(keys[i].bytes, keys[i].size),
                                                span_of(keys[j].bytes, keys[j].size)));
}
END_TEST

START_TEST(a_range_goes_along_its_document)
{
    setup();
    script_tell(&anna, "{'a':'op'," RICH ",'v':1,'seq':2,'x':{},'op':[{'insert':'12'}]}");
    expect_moved(in_fido("{\"n\":0,\"index\":1,\"length\":3,\"m\":[1]}", 1),
                 "{\"n\":0,\"index\":3,\"length\":3,\"m\":[1]}", 2);
    expect_moved(in_fido("{\"index\":0,\"length\":3}", 2), "{\"index\":0,\"length\":3}", 2);

    /* No range, and one that cannot be moved. */
    expect_moved(in_fido("{\"index\":-1,\"length\":3}", 1), "{\"index\":-1,\"length\":3}", 2);
    expect_moved(in_fido("\"index\"", 1), "\"index\"", 2);

    /* Of another document, of none, and of what has not come yet. */
    expect_moved(create("{\"index\":1,\"length\":3}", 1, SPAN("pets/rex")),
                 "{\"index\":1,\"length\":3}", 1);
    expect_moved(create("{\"index\":1,\"length\":3}", 1, SPAN_NONE), "{\"index\":1,\"length\":3}",
                 1);
    expect_moved(in_fido("{\"index\":1,\"length\":3}", 9), "{\"index\":1,\"length\":3}", 9);
    expect_moved(in_fido("{\"index\":1,\"length\":3}", UINT64_MAX), "{\"index\":1,\"length\":3}",
                 UINT64_MAX);
    teardown();
}
END_TEST

START_TEST(nothing_is_left_of_it_when_its_document_has_ended)
{
    setup();
    script_tell(&anna, "{'a':'op'," RICH ",'v':1,'seq':2,'x':{},'del':true}");
    script_tell(&anna, "{'a':'op'," RICH ",'v':2,'seq':3,'x':{},'create':{'type':'rich-text'}}");
    expect_moved(in_fido("{\"index\":1,\"length\":3}", 1), "", 3);
    teardown();
}
END_TEST

TEST_MAIN("room_value", it_says_what_it_was_made_of, values_are_told_apart_by_session_and_id,
          a_range_goes_along_its_document, nothing_is_left_of_it_when_its_document_has_ended)
