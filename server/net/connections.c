#include "server/net/connections.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/table.h"
#include "protocol/websocket.h"
#include "server/net/clock.h"
#include "server/net/output.h"

/*
 *   GREETING --first message--> OPEN
 *      |                         |
 *      +----------+--------------+---- the hub closed it, all written --+
 *                 |                                                     |
 *          peer closed or broke                                         v
 *          the protocol --------> CLOSING --close frame written--> LINGERING
 *
 *   any -- end of input, error, time is up --> DEAD, in the graveyard until the turn ends
 *
 * CLOSING reads nothing any more. LINGERING has shut its side down and throws away what comes, so
 * that the system does not answer unread bytes with a reset, which would take the close frame from
 * the peer. */
enum connection_state {
    CONNECTION_GREETING, /* may send `hello`, which is small; the hub sees to it that it comes */
    CONNECTION_OPEN,
    CONNECTION_CLOSING,
    CONNECTION_LINGERING,
    CONNECTION_DEAD,
    CONNECTION_STATES
};

struct connection {
    struct connections *connections;
    struct link *link; /* NULL once the hub was told that it is over */
    int descriptor;
    bool one_way; /* it reads events: what it says is thrown away */
    enum connection_state state;
    bool reading;      /* `readable` is armed */
    bool blocked;      /* `writable` is armed: the socket took less than there was */
    bool in_leftovers; /* in connections->leftovers */
    bool in_writers;   /* in connections->writers */
    uint64_t turn;     /* the last one in which messages came, */
    int taken;         /* and how many these were */
    uint64_t heard_ms; /* when the hub last heard of a message in pieces */
    struct event readable;
    struct event writable;
    struct event deadline; /* of the state */
    struct websocket_decoder decoder;
    struct buffer unread; /* received, left for a later turn */
    struct output output;
    struct connection *prev, *next; /* in connections->living or ->graveyard */
    struct connection *leftovers_prev, *leftovers_next;
    struct connection *writers_prev, *writers_next;
};

struct connections {
    struct event_base *events;
    struct hub *hub;
    struct clock *clock;
    struct connection *living;
    struct connection *graveyard;
    struct connection *leftovers; /* have `unread` bytes and may go on */
    struct connection *writers;   /* have something to write that the hub does not name */
    size_t count;                 /* of living */
    struct connections_bytes bytes;
    uint64_t turn;
    uint8_t input[LIMIT_READ_BYTES];
};

/* ---- States ---- */

static struct timeval time_of_ms(int ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

/* The only door between states. */
static void enter(struct connection *connection, enum connection_state state)
{
    static const bool allowed[CONNECTION_STATES][CONNECTION_STATES] = {
        [CONNECTION_GREETING] = {[CONNECTION_OPEN] = true,
                                 [CONNECTION_CLOSING] = true,
                                 [CONNECTION_LINGERING] = true,
                                 [CONNECTION_DEAD] = true},
        [CONNECTION_OPEN] =
            {[CONNECTION_CLOSING] = true, [CONNECTION_LINGERING] = true, [CONNECTION_DEAD] = true},
        [CONNECTION_CLOSING] = {[CONNECTION_LINGERING] = true, [CONNECTION_DEAD] = true},
        [CONNECTION_LINGERING] = {[CONNECTION_DEAD] = true},
    };
    static const int deadline_ms[CONNECTION_STATES] = {
        [CONNECTION_CLOSING] = LIMIT_CLOSE_MS, [CONNECTION_LINGERING] = LIMIT_CLOSE_MS};

    must(allowed[connection->state][state]);
    connection->state = state;
    if (deadline_ms[state] > 0) {
        struct timeval time = time_of_ms(deadline_ms[state]);
        must(event_add(&connection->deadline, &time) == 0);
    } else {
        event_del(&connection->deadline);
    }
}

static bool is_talking(const struct connection *connection)
{
    return connection->state == CONNECTION_GREETING || connection->state == CONNECTION_OPEN;
}

static bool wants_input(const struct connection *connection)
{
    return is_talking(connection) && link_wants_input(connection->link) &&
           connection->output.own.size <= LIMIT_PONG_BYTES;
}

static void set_reading(struct connection *connection, bool reading)
{
    if (connection->reading == reading)
        return;
    connection->reading = reading;
    must((reading ? event_add(&connection->readable, NULL) : event_del(&connection->readable)) ==
         0);
}

static void set_in_leftovers(struct connection *connection, bool in)
{
    struct connections *connections = connection->connections;

    if (connection->in_leftovers == in)
        return;
    connection->in_leftovers = in;
    if (in)
        DL_APPEND2(connections->leftovers, connection, leftovers_prev, leftovers_next);
    else
        DL_DELETE2(connections->leftovers, connection, leftovers_prev, leftovers_next);
}

static void set_in_writers(struct connection *connection, bool in)
{
    struct connections *connections = connection->connections;

    if (connection->in_writers == in)
        return;
    connection->in_writers = in;
    if (in)
        DL_APPEND2(connections->writers, connection, writers_prev, writers_next);
    else
        DL_DELETE2(connections->writers, connection, writers_prev, writers_next);
}

/* Where the next input comes from, if any is wanted: what was left over goes before the socket. */
static void arrange_input(struct connection *connection)
{
    bool wanted = wants_input(connection);
    bool left_over = connection->unread.size > 0;

    set_in_leftovers(connection, wanted && left_over);
    set_reading(connection, connection->state == CONNECTION_LINGERING || (wanted && !left_over));
}

static void leave_hub(struct connection *connection)
{
    if (connection->link != NULL)
        link_disconnect(connection->link);
    connection->link = NULL;
}

static void die(struct connection *connection)
{
    struct connections *connections = connection->connections;

    enter(connection, CONNECTION_DEAD);
    leave_hub(connection);
    arrange_input(connection);
    set_in_writers(connection, false);
    event_del(&connection->writable);
    DL_DELETE(connections->living, connection);
    DL_APPEND(connections->graveyard, connection);
    connections->count--;
}

/* The hub says the last word, a close frame with `code`; it comes out as its output. */
static void start_closing(struct connection *connection, uint16_t code, const char *reason)
{
    link_break(connection->link, code, reason);
    enter(connection, CONNECTION_CLOSING);
    arrange_input(connection);
}

static void linger(struct connection *connection)
{
    leave_hub(connection);
    enter(connection, CONNECTION_LINGERING);
    shutdown(connection->descriptor, SHUT_WR);
    arrange_input(connection);
}

/* ---- Input ---- */

static void receive(struct connection *connection, struct span message)
{
    if (connection->state == CONNECTION_GREETING) {
        enter(connection, CONNECTION_OPEN);
        connection->decoder.message_max = LIMIT_MESSAGE_BYTES;
        connection->decoder.oversized_max = LIMIT_OVERSIZED_BYTES;
    }
    link_receive(connection->link, message, clock_now_ms(connection->connections->clock));
}

static void handle(struct connection *connection, const struct websocket_event *event)
{
    switch (event->kind) {
    case WEBSOCKET_EVENT_MESSAGE:
        receive(connection, event->payload);
        break;
    case WEBSOCKET_EVENT_OVERSIZED:
        link_receive_oversized(connection->link, event->payload, event->size,
                               clock_now_ms(connection->connections->clock));
        break;
    case WEBSOCKET_EVENT_PING:
        websocket_frame(&connection->output.own, WEBSOCKET_PONG, event->payload);
        set_in_writers(connection, true);
        break;
    case WEBSOCKET_EVENT_PONG:
        link_heard(connection->link, clock_now_ms(connection->connections->clock));
        break;
    case WEBSOCKET_EVENT_CLOSE:
        start_closing(connection,
                      event->code == WEBSOCKET_CLOSE_NO_CODE ? WEBSOCKET_CLOSE_NORMAL : event->code,
                      "");
        break;
    }
}

/* May it hand in another message in this turn? Counts it. */
static bool take_share(struct connection *connection)
{
    if (connection->turn != connection->connections->turn) {
        connection->turn = connection->connections->turn;
        connection->taken = 0;
    }
    return connection->taken++ < LIMIT_MESSAGES_PER_TURN;
}

/* A message has come in part: what is large may take a slow line longer than any silence may be. */
static void hear_piece(struct connection *connection)
{
    uint64_t now_ms = clock_now_ms(connection->connections->clock);

    if (connection->state != CONNECTION_OPEN || now_ms - connection->heard_ms < LIMIT_PIECES_MS)
        return;
    connection->heard_ms = now_ms;
    link_heard(connection->link, now_ms);
}

/* Decode and handle `data` as far as this turn's share goes; returns how far it was read. */
static size_t take_in(struct connection *connection, uint8_t *data, size_t size)
{
    size_t at = 0;

    while (at < size && wants_input(connection) && take_share(connection)) {
        struct websocket_event event;
        struct fault fault;
        uint16_t code;
        size_t used = 0;
        enum status status = websocket_decode(&connection->decoder, data + at, size - at, &used,
                                              &event, &code, &fault);

        if (status == STATUS_MORE) {
            hear_piece(connection);
            return size;
        }
        if (status == STATUS_OK)
            handle(connection, &event);
        else
            start_closing(connection, code, fault.text);
        at += used;
    }
    return at;
}

static void on_readable(evutil_socket_t descriptor, short what, void *context)
{
    struct connection *connection = context;
    uint8_t *input = connection->connections->input;
    ssize_t size = recv(descriptor, input, LIMIT_READ_BYTES, 0);

    (void)what;
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        die(connection);
        return;
    }
    connection->connections->bytes.in += (size_t)size;
    if (connection->state == CONNECTION_LINGERING || connection->one_way)
        return;
    size_t at = take_in(connection, input, (size_t)size);
    if (is_talking(connection))
        buffer_append(&connection->unread, span_of(input + at, (size_t)size - at));
    arrange_input(connection);
}

static void resume(struct connection *connection)
{
    struct buffer *unread = &connection->unread;

    buffer_consume(unread, take_in(connection, unread->data, unread->size));
    if (unread->size == 0 || !is_talking(connection))
        buffer_finish(unread);
    arrange_input(connection);
}

/* ---- Output ---- */

static void wait_for_room(struct connection *connection)
{
    struct timeval patience = time_of_ms(LIMIT_STALLED_MS + LIMIT_CLOSE_MS); /* the hub's first */

    connection->blocked = true;
    must(event_add(&connection->writable, &patience) == 0);
}

static void write_out(struct connection *connection)
{
    struct connections *connections = connection->connections;

    set_in_writers(connection, false);
    if (connection->blocked)
        return; /* on_writable() comes back to it */
    switch (output_write(&connection->output, connection->link, connection->descriptor,
                         connections->clock, &connections->bytes.out)) {
    case OUTPUT_BROKEN:
        die(connection);
        return;
    case OUTPUT_FULL:
        wait_for_room(connection);
        break;
    case OUTPUT_DONE:
        if (!link_closing(connection->link))
            break;
        linger(connection);
        return;
    }
    arrange_input(connection); /* its output has more room than before */
}

static void on_writable(evutil_socket_t descriptor, short what, void *context)
{
    struct connection *connection = context;

    (void)descriptor;
    connection->blocked = false;
    if (what & EV_TIMEOUT)
        die(connection);
    else
        set_in_writers(connection, true);
}

static void on_deadline(evutil_socket_t descriptor, short what, void *context)
{
    struct connection *connection = context;

    (void)descriptor;
    (void)what;
    die(connection);
}

/* ---- All of them ---- */

struct connections *connections_create(struct event_base *events, struct hub *hub,
                                       struct clock *clock)
{
    struct connections *connections = memory_zeroed(1, sizeof(*connections));

    connections->events = events;
    connections->hub = hub;
    connections->clock = clock;
    return connections;
}

void connections_destroy(struct connections *connections)
{
    if (connections == NULL)
        return;
    while (connections->living != NULL)
        die(connections->living);
    connections_bury(connections);
    memory_free(connections);
}

static struct connection *add_take(struct connections *connections, int descriptor,
                                   enum dialect_kind dialect, struct span response)
{
    struct connection *connection = memory_zeroed(1, sizeof(*connection));
    struct event_base *events = connections->events;
    int on = 1;
    int unsent = LIMIT_UNSENT_BYTES;

    /* Each write is a turn's whole output already; waiting for more only adds latency. Both
     * fail on sockets that are not TCP (tests), which do not wait. */
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
    connection->connections = connections;
    connection->descriptor = descriptor;
    connection->state = CONNECTION_GREETING;
    event_assign(&connection->readable, events, descriptor, EV_READ | EV_PERSIST, on_readable,
                 connection);
    event_assign(&connection->writable, events, descriptor, EV_WRITE, on_writable, connection);
    evtimer_assign(&connection->deadline, events, on_deadline, connection);
    websocket_decoder_init(&connection->decoder, WEBSOCKET_SERVER, LIMIT_HELLO_BYTES);
    buffer_append(&connection->output.own, response);
    DL_APPEND(connections->living, connection);
    connections->count++;
    connection->link = hub_connect(connections->hub, dialect, SPAN(""), connection,
                                   clock_now_ms(connections->clock));
    set_in_writers(connection, true);
    return connection;
}

void connections_add_take(struct connections *connections, int descriptor,
                          enum dialect_kind dialect, struct span response, struct span early)
{
    struct connection *connection = add_take(connections, descriptor, dialect, response);

    buffer_append(&connection->unread, early);
    arrange_input(connection);
}

void connections_add_events_take(struct connections *connections, int descriptor,
                                 struct span response, struct span open)
{
    struct connection *connection = add_take(connections, descriptor, DIALECT_EVENTS, response);

    connection->one_way = true;
    receive(connection, open);
    arrange_input(connection);
}

bool connections_waiting(const struct connections *connections)
{
    return connections->leftovers != NULL;
}

void connections_resume(struct connections *connections)
{
    struct connection *connection = connections->leftovers;
    struct connection *last = connection ? connection->leftovers_prev : NULL;

    /* Who has still more goes to the end of the list, behind `last`: that is for the next turn. */
    while (connection != NULL) {
        struct connection *next = connection == last ? NULL : connection->leftovers_next;

        set_in_leftovers(connection, false);
        resume(connection);
        connection = next;
    }
}

void connections_write(struct connections *connections)
{
    struct connection *connection;
    struct connection *next;

    for (struct link *link; (link = hub_next_output(connections->hub)) != NULL;)
        write_out(link_context(link));
    DL_FOREACH_SAFE2 (connections->writers, connection, next, writers_next)
        write_out(connection);
}

void connections_bury(struct connections *connections)
{
    struct connection *connection;
    struct connection *next;

    DL_FOREACH_SAFE (connections->graveyard, connection, next) {
        DL_DELETE(connections->graveyard, connection);
        close(connection->descriptor);
        websocket_decoder_finish(&connection->decoder);
        buffer_finish(&connection->unread);
        output_finish(&connection->output);
        memory_free(connection);
    }
    connections->turn++;
}

struct connections_bytes connections_bytes(const struct connections *connections)
{
    return connections->bytes;
}

size_t connections_count(const struct connections *connections)
{
    return connections->count;
}
