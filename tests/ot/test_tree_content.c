/* The law of a type whose transform is the identity: what a client shows is what was confirmed,
 * then its own pending operations again. Three clients, every order in which their operations can
 * be sequenced and arrive. */
#include "tests/ot/expect.h"
#include "tests/ot/random_tree.h"

enum { CLIENTS = 3 };

/* One client: the confirmed state, and its operation until it comes by in the stream. */
struct client {
    struct content *confirmed;
    struct content *view;
    const struct operation *pending; /* NULL: none, or acknowledged */
    size_t seen;                     /* operations of the stream */
};

static struct operation *operations[CLIENTS];
static size_t stream[CLIENTS]; /* the authors in the order of the server */

/* Make the view anew: what a client does for each foreign operation. */
static void replay(struct client *client)
{
    content_destroy(client->view);
    client->view = type_tree.copy(client->confirmed);
    if (client->pending != NULL)
        ck_assert_int_eq(type_tree.apply(client->view, client->pending, NULL), STATUS_OK);
    ck_assert(random_tree_is_sound(client->view));
}

static void deliver(struct client *client)
{
    size_t author = stream[client->seen++];

    if (operations[author] == client->pending)
        client->pending = NULL;
    ck_assert_int_eq(type_tree.apply(client->confirmed, operations[author], NULL), STATUS_OK);
    replay(client);
}

/* The operations in this order, each client shown one after the other: all agree in the end, with
 * each other and with the store. */
static void run_order(const struct content *start)
{
    struct content *store = type_tree.copy(start);

    for (size_t i = 0; i < CLIENTS; i++)
        ck_assert_int_eq(type_tree.apply(store, operations[stream[i]], NULL), STATUS_OK);
    ck_assert(random_tree_is_sound(store));
    ck_assert(law_loads_again(store));
    for (size_t i = 0; i < CLIENTS; i++) {
        struct client client = {.confirmed = type_tree.copy(start), .pending = operations[i]};

        replay(&client);
        while (client.seen < CLIENTS)
            deliver(&client);
        ck_assert_ptr_null(client.pending);
        ck_assert(content_equal(client.view, store));
        ck_assert(content_equal(client.confirmed, store));
        content_destroy(client.confirmed);
        content_destroy(client.view);
    }
    content_destroy(store);
}

static void run_all_orders(const struct content *start)
{
    static const size_t orders[6][CLIENTS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    for (size_t i = 0; i < 6; i++) {
        memcpy(stream, orders[i], sizeof(stream));
        run_order(start);
    }
}

/* ---- Every choice of three operations on a chain, a fork and two trees of four objects ---- */

enum { OBJECTS = 4, EVERY_MAX = 64 };

static struct operation *every[EVERY_MAX];
static size_t every_count;

static void add_every_take(struct buffer json)
{
    buffer_append_byte(&json, 0);
    ck_assert_uint_lt(every_count, EVERY_MAX);
    every[every_count++] = law_operation(&type_tree, (const char *)json.data);
    buffer_finish(&json);
}

/* Each move, deletion and change of each object, and creations of one more. */
static void enumerate(void)
{
    static const char *const parents[] = {"null", "\"o0\"", "\"o1\"", "\"o2\"", "\"o3\""};

    every_count = 0;
    for (int object = 0; object < OBJECTS; object++) {
        struct buffer json = {0};

        buffer_append_format(&json, "[{\"delete\":\"o%d\"}]", object);
        add_every_take(json);
        json = (struct buffer){0};
        buffer_append_format(&json, "[{\"set\":\"o%d\",\"properties\":{\"x\":1}}]", object);
        add_every_take(json);
        for (int parent = 0; parent <= OBJECTS; parent++) {
            json = (struct buffer){0};
            buffer_append_format(&json, "[{\"move\":\"o%d\",\"place\":[%s,\"a1\"]}]", object,
                                 parents[parent]);
            add_every_take(json);
        }
    }
    for (int parent = 3; parent <= OBJECTS; parent++) {
        struct buffer json = {0};

        buffer_append_format(
            &json, "[{\"create\":\"o4\",\"place\":[%s,\"a0\"],\"properties\":{\"x\":%d}}]",
            parents[parent], parent);
        add_every_take(json);
    }
}

static const char *const starts[] = {
    "{\"o0\":{\"place\":[null,\"a0\"],\"properties\":{}},"
    "\"o1\":{\"place\":[\"o0\",\"a0\"],\"properties\":{}},"
    "\"o2\":{\"place\":[\"o1\",\"a0\"],\"properties\":{}},"
    "\"o3\":{\"place\":[\"o2\",\"a0\"],\"properties\":{}}}",
    "{\"o0\":{\"place\":[null,\"a0\"],\"properties\":{}},"
    "\"o1\":{\"place\":[\"o0\",\"a0\"],\"properties\":{}},"
    "\"o2\":{\"place\":[null,\"a1\"],\"properties\":{}},"
    "\"o3\":{\"place\":[\"o2\",\"a0\"],\"properties\":{}}}",
};

START_TEST(every_three_operations_on_four_objects_converge)
{
    enumerate();
    for (size_t start = 0; start < sizeof(starts) / sizeof(starts[0]); start++) {
        struct content *content = law_content(&type_tree, starts[start]);

        for (size_t a = 0; a < every_count; a++)
            for (size_t b = 0; b < every_count; b++)
                for (size_t c = 0; c < every_count; c++) {
                    operations[0] = every[a];
                    operations[1] = every[b];
                    operations[2] = every[c];
                    memcpy(stream, (size_t[]){0, 1, 2}, sizeof(stream));
                    run_order(content);
                }
        content_destroy(content);
    }
    for (size_t i = 0; i < every_count; i++)
        operation_discard(every[i]);
}
END_TEST

START_TEST(random_operations_of_three_clients_converge_in_every_order)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct prng prng;
        struct content *content = law_content(&type_tree, starts[seed % 2]);

        prng_init(&prng, seed);
        for (size_t i = 0; i < CLIENTS; i++)
            operations[i] = random_tree_operation_of(&prng, OBJECTS + 1, 1 + prng_below(&prng, 3));
        run_all_orders(content);
        for (size_t i = 0; i < CLIENTS; i++)
            operation_discard(operations[i]);
        content_destroy(content);
    }
}
END_TEST

START_TEST(a_document_with_a_cycle_or_an_orphan_is_refused)
{
    expect_document_malformed(&type_tree,
                              "{\"a\":{\"place\":[\"b\",\"a0\"],\"properties\":{}},"
                              "\"b\":{\"place\":[\"a\",\"a0\"],\"properties\":{}}}",
                              "objects are below themselves");
    expect_document_malformed(&type_tree, "{\"a\":{\"place\":[\"b\",\"a0\"],\"properties\":{}}}",
                              "the parent of \"a\" is not there");
    expect_document_malformed(&type_tree, "{\"a\":{\"place\":[null,\"a0\"]}}",
                              "\"a\": an object has place and properties");
    expect_document_malformed(&type_tree,
                              "{\"a\":{\"place\":[null,\"a0\"],\"properties\":{\"x\":null}}}",
                              "\"a\": a property that is null has to be left out");
}
END_TEST

TEST_MAIN("tree_content", every_three_operations_on_four_objects_converge,
          random_operations_of_three_clients_converge_in_every_order,
          a_document_with_a_cycle_or_an_orphan_is_refused)
