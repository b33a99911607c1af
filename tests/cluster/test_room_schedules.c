/* Channels of presence while messages are lost, late and come twice, nodes stop, are cut off and
 * die, and people move from node to node. When the trouble is over, everybody sees all others as
 * they are, and nobody else. A seed makes a schedule. */
#include "base/json_scan.h"
#include "base/limits.h"
#include "base/prng.h"
#include "tests/cluster/fleet.h"
#include "tests/collab/sharedb_script.h"

enum { SEEDS = 50, PEOPLE = 5, STEPS = 120 };

/* What somebody believes of another one, as ShareDB's client does. */
struct belief {
    unsigned value; /* 0: it shows nothing */
    unsigned version;
};

struct person {
    struct client clients[2]; /* one may be what it left behind when it moved */
    size_t current;
    size_t node;
    char id[SOURCE_LETTERS + 1]; /* "" before the first connection */
    unsigned version;
    unsigned value; /* what it shows; 0: nothing */
    struct belief beliefs[PEOPLE];
};

static struct fleet fleet;
static struct prng prng;
static struct person people[PEOPLE];

static size_t below(size_t count)
{
    return (size_t)prng_below(&prng, count);
}

static bool is_alive(size_t node)
{
    return fleet.nodes[node].world.hub != NULL;
}

static struct client *client_of(struct person *person)
{
    return &person->clients[person->current];
}

/* ---- Believing ---- */

static unsigned read_number(struct span message, const char *name)
{
    uint64_t number = 0;

    (void)json_read_unsigned(json_member(message, name), &number); /* null counts as 0 */
    return (unsigned)number;
}

static void believe(struct person *person, struct span message)
{
    if (!span_equal(json_member(message, "a"), SPAN("\"p\"")))
        return;
    struct belief told = {.version = read_number(message, "pv"),
                          .value = read_number(message, "p")};
    struct belief *belief = &person->beliefs[json_member(message, "id").data[2] - '0'];

    if (belief->value == 0 || told.version >= belief->version)
        *belief = told;
}

static void read_all(struct person *person)
{
    const char *message;

    while ((message = client_hears(client_of(person))) != NULL)
        believe(person, span_of_string(message));
}

/* ---- Time ---- */

static void keep_awake(struct client *client)
{
    if (client->link != NULL)
        link_heard(client->link, fleet.now_ms);
}

static void pass(uint64_t ms)
{
    for (; ms > 0; ms -= ms < 10000 ? ms : 10000) {
        for (size_t i = 0; i < PEOPLE; i++) {
            keep_awake(&people[i].clients[0]);
            keep_awake(&people[i].clients[1]);
        }
        fleet_pass(&fleet, ms < 10000 ? ms : 10000);
    }
    for (size_t i = 0; i < PEOPLE; i++)
        read_all(&people[i]);
}

/* ---- What people do ---- */

static void listen(struct person *person)
{
    memset(person->beliefs, 0, sizeof(person->beliefs));
    script_say(client_of(person), "{'a':'ps','ch':'room','seq':1}");
}

static void learn_id(struct person *person)
{
    fleet_pass(&fleet, 50);
    snprintf(person->id, sizeof(person->id), "%s",
             strstr(client_hears(client_of(person)), "\"id\":\"") + 6);
}

static void say_hello(struct person *person)
{
    char hello[100];

    script_quote(hello, "{'a':'hs','id':'@','protocol':1,'protocolMinor':2}", person->id);
    client_say(client_of(person), hello);
}

/* Its node does not notice that it has gone. */
static void move(struct person *person, size_t node)
{
    person->current = 1 - person->current;
    client_disconnect(client_of(person));
    client_of(person)->read = client_of(person)->heard_count;
    client_connect_as(client_of(person), &fleet.nodes[node].world, DIALECT_SHAREDB);
    person->node = node;
    person->value = 0;
    if (person->id[0] == '\0')
        learn_id(person);
    else
        say_hello(person);
    listen(person);
}

static size_t draw_living(void)
{
    size_t node = below(FLEET_NODES);

    while (!is_alive(node))
        node = (node + 1) % FLEET_NODES;
    return node;
}

static void show(struct person *person, unsigned value)
{
    char message[100];
    char state[20] = "null";

    if (value > 0)
        snprintf(state, sizeof(state), "%u", value);
    snprintf(message, sizeof(message), "{'a':'p','ch':'room','id':'p%d','p':%s,'pv':%u}",
             (int)(person - people), state, person->version++);
    person->value = value;
    script_say(client_of(person), message);
}

static void hide_and_listen_again(struct person *person)
{
    script_say(client_of(person), "{'a':'pu','ch':'room','seq':1}");
    person->value = 0;
    fleet_pass(&fleet, 100);
    read_all(person);
    listen(person);
}

static void act(unsigned step)
{
    struct person *person = &people[below(PEOPLE)];
    size_t node = draw_living();

    if (fleet.nodes[person->node].stopped || fleet.nodes[node].stopped)
        return;
    switch (below(8)) {
    case 0:
        show(person, 0);
        break;
    case 1:
        move(person, node);
        break;
    case 2:
        client_disconnect(&person->clients[1 - person->current]);
        break;
    case 3:
        hide_and_listen_again(person);
        break;
    default:
        show(person, step);
        break;
    }
}

/* ---- What happens to nodes ---- */

static void kill_node(size_t node)
{
    for (size_t i = 0; i < PEOPLE; i++)
        for (size_t c = 0; c < 2; c++)
            if (people[i].clients[c].world == &fleet.nodes[node].world)
                people[i].clients[c].link = NULL;
    fleet_kill(&fleet, node);
    for (size_t i = 0; i < PEOPLE; i++)
        if (people[i].node == node)
            move(&people[i], draw_living());
}

static void trouble(struct fleet_node *node)
{
    switch (below(8)) {
    case 0:
        node->cut_off = !node->cut_off;
        break;
    case 1:
        node->stopped = !node->stopped;
        break;
    case 2:
        node->late++;
        break;
    case 3:
        node->twice++;
        break;
    default:
        node->losing++;
        break;
    }
}

static void settle(void)
{
    for (size_t i = 0; i < FLEET_NODES; i++) {
        struct fleet_node *node = &fleet.nodes[i];

        node->losing = node->late = node->twice = 0;
        node->stopped = false;
        node->cut_off = !is_alive(i);
    }
    for (size_t i = 0; i < PEOPLE; i++)
        client_disconnect(&people[i].clients[1 - people[i].current]);
    pass(LIMIT_PRESENCE_MS + LIMIT_PRESENCE_RENEW_MS + 5000);
}

static void check(uint64_t seed)
{
    for (size_t i = 0; i < PEOPLE; i++)
        for (size_t j = 0; j < PEOPLE; j++) {
            const struct belief *belief = &people[i].beliefs[j];

            if (i != j)
                ck_assert_msg(belief->value == people[j].value,
                              "seed %llu: p%zu at node %zu sees p%zu of node %zu show %u, not %u",
                              (unsigned long long)seed, i, people[i].node, j, people[j].node,
                              belief->value, people[j].value);
        }
}

static void run(uint64_t seed)
{
    memset(people, 0, sizeof(people));
    prng_init(&prng, seed);
    fleet_init(&fleet);
    unsigned death = (unsigned)below(2 * STEPS);

    for (size_t i = 0; i < PEOPLE; i++)
        move(&people[i], i % FLEET_NODES);
    for (unsigned step = 1; step <= STEPS; step++) {
        act(step);
        if (below(3) == 0)
            trouble(&fleet.nodes[draw_living()]);
        if (step == death)
            kill_node(below(FLEET_NODES));
        pass(50 + 50 * below(30));
    }
    settle();
    check(seed);
    for (size_t i = 0; i < PEOPLE; i++) {
        client_finish(&people[i].clients[0]);
        client_finish(&people[i].clients[1]);
    }
    fleet_finish(&fleet);
}

START_TEST(in_the_end_everybody_sees_the_others_as_they_are)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run(seed);
}
END_TEST

TEST_MAIN("room_schedules", in_the_end_everybody_sees_the_others_as_they_are)
