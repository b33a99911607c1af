#include "server/cluster/bus_capture.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "server/collab/capture.h"
#include "tests/cluster/fleet.h"
#include "tests/runner.h"
#include "tools/replay/rerun.h"

static struct fleet fleet;
static struct client clients[FLEET_NODES];
static struct client guests[FLEET_NODES]; /* in a channel of presence */
static struct capture captures[FLEET_NODES];
static struct buffer bytes[FLEET_NODES];

static void record(struct capture *capture, struct span record)
{
    buffer_append(&bytes[capture - captures], record);
}

/* Everybody writes at once, so that edits pass each other on the bus. */
static void type_letters(unsigned round)
{
    unsigned long long base = fleet_head(&fleet, "notes/1");

    for (size_t i = 0; i < FLEET_NODES; i++) {
        char edit[64];

        if (clients[i].link == NULL)
            continue;
        snprintf(edit, sizeof(edit), "[1,%u,%llu,[\"%c\"]]", round, base, (char)('A' + i));
        client_say(&clients[i], edit);
    }
    fleet_pass(&fleet, 200);
}

static void enter_room(void)
{
    for (size_t i = 0; i < FLEET_NODES; i++) {
        client_connect_as(&guests[i], &fleet.nodes[i].world, DIALECT_SHAREDB);
        client_say(&guests[i], "{\"a\":\"ps\",\"ch\":\"room\",\"seq\":1}");
        fleet_pass(&fleet, 100);
    }
}

static void show(unsigned version, const char *state)
{
    for (size_t i = 0; i < FLEET_NODES; i++) {
        char message[100];

        if (guests[i].link == NULL)
            continue;
        snprintf(message, sizeof(message),
                 "{\"a\":\"p\",\"ch\":\"room\",\"id\":\"g%zu\",\"p\":%s,\"pv\":%u}", i, state,
                 version);
        client_say(&guests[i], message);
    }
    fleet_pass(&fleet, 100);
}

/* Three nodes under load; their owner dies, and another one goes on. One message is lost. */
static void live(void)
{
    fleet_init_captured(&fleet, captures);
    for (size_t i = 0; i < FLEET_NODES; i++) {
        client_connect(&clients[i], &fleet.nodes[i].world, (char)('a' + i));
        client_say(&clients[i], "[\"open\",\"notes/1\",{\"type\":\"text\",\"create\":true}]");
        fleet_pass(&fleet, 1500);
    }
    enter_room();
    for (unsigned round = 1; round <= 5; round++) {
        type_letters(round);
        show(round, round == 3 ? "null" : "{\"x\":1}");
    }
    size_t owner = fleet_owner_index(&fleet, "notes/1");

    client_disconnect(&clients[owner]);
    client_disconnect(&guests[owner]);
    fleet_kill(&fleet, owner);
    fleet.nodes[(owner + 1) % FLEET_NODES].losing = 1;
    type_letters(6);
    fleet_pass(&fleet, LIMIT_GONE_MS + LIMIT_RESEND_MS * 3);
    ck_assert_uint_ne(fleet_owner_index(&fleet, "notes/1"), owner);
    ck_assert_uint_eq(fleet_head(&fleet, "notes/1"), 1 + 5 * FLEET_NODES + FLEET_NODES - 1);
    cluster_drain(fleet.nodes[fleet_owner_index(&fleet, "notes/1")].cluster);
    fleet_pass(&fleet, LIMIT_RESEND_MS);
    for (size_t i = 0; i < FLEET_NODES; i++) {
        client_finish(&clients[i]);
        client_finish(&guests[i]);
    }
    fleet_finish(&fleet);
}

static void begin(void)
{
    for (size_t i = 0; i < FLEET_NODES; i++)
        captures[i].write = record;
    live();
}

static void end(void)
{
    for (size_t i = 0; i < FLEET_NODES; i++) {
        capture_finish(&captures[i]);
        buffer_finish(&bytes[i]);
    }
}

START_TEST(each_node_of_a_cluster_runs_again)
{
    begin();
    for (size_t i = 0; i < FLEET_NODES; i++) {
        struct rerun rerun = {0};

        rerun_run(&rerun, buffer_span(&bytes[i]));
        ck_assert_msg(rerun.end == RERUN_WHOLE, "node %zu: %s", i, rerun.fault.text);
        ck_assert_uint_gt(rerun.said, 20);
        ck_assert_uint_eq(rerun.records, captures[i].count);
    }
    end();
}
END_TEST

START_TEST(a_node_that_ends_anywhere_runs_again_up_to_there)
{
    begin();
    for (size_t size = sizeof(CAPTURE_MAGIC) - 1; size < bytes[0].size; size += 61) {
        struct rerun rerun = {0};

        rerun_run(&rerun, span_of(bytes[0].data, size));
        ck_assert_msg(rerun.end == RERUN_CUT_OFF || rerun.end == RERUN_WHOLE, "%zu bytes: %s", size,
                      rerun.fault.text);
    }
    end();
}
END_TEST

struct changer {
    struct capture capture;
    struct buffer *out;
};

static void append_changed(struct capture *capture, struct span record)
{
    buffer_append(container_of(capture, struct changer, capture)->out, record);
}

/* A copy, whole in itself, in which one message to other nodes was another one. */
static void change_one_publish(const struct buffer *whole, struct buffer *out)
{
    size_t magic = sizeof(CAPTURE_MAGIC) - 1;
    struct span rest = span_of(whole->data + magic, whole->size - magic);
    struct changer changer = {.capture.write = append_changed, .out = out};
    struct capture_record record = {.kind = CAPTURE_BEGIN};
    uint64_t now_ms = 0;
    unsigned seen = 0;

    for (uint64_t number = 0; record.kind != CAPTURE_END; number++) {
        ck_assert_int_eq(capture_read(&rest, number, &now_ms, &record, NULL), STATUS_OK);
        if (record.kind == CAPTURE_PUBLISH && ++seen == 5)
            record.hash++;
        if (record.kind != CAPTURE_END)
            capture_write(&changer.capture, &record);
    }
    capture_finish(&changer.capture);
}

START_TEST(another_message_to_other_nodes_is_noticed)
{
    struct buffer changed = {0};
    struct rerun rerun = {0};

    begin();
    change_one_publish(&bytes[1], &changed);
    rerun_run(&rerun, buffer_span(&changed));
    ck_assert_int_eq(rerun.end, RERUN_DIFFERS);
    ck_assert_msg(strstr(rerun.fault.text, "published to") != NULL, "%s", rerun.fault.text);
    buffer_finish(&changed);
    end();
}
END_TEST

TEST_MAIN("bus_capture", each_node_of_a_cluster_runs_again,
          a_node_that_ends_anywhere_runs_again_up_to_there,
          another_message_to_other_nodes_is_noticed)
