#include "tests/sim/sim_socket.h"

#include "base/memory.h"
#include "base/table.h"
#include "tests/sim/sim.h"

enum {
    USUAL_MS = 8,
    SLOW_MS = 400,
    ROOM = 64 << 10,
    SLOW_ROOM = 300,
    PIECES_MAX = 4,
    SALT_SOCKET = 3000
};

/* ---- On its way ---- */

static uint64_t travel_ms(struct sim_socket *socket, bool down)
{
    struct prng *prng = &socket->prng;
    bool slow = down && socket->room < ROOM;

    if (sim_strikes(socket->sim, SIM_DELAY, prng, 6))
        return prng_below(prng, 2500);
    return sim_delay(prng, slow && !socket->sim->healed ? SLOW_MS : USUAL_MS);
}

/* In a few pieces, cut anywhere. */
static void send(struct sim_socket *socket, struct sim_pipe *pipe, struct span bytes)
{
    bool down = pipe == &socket->down;

    if (sim_strikes(socket->sim, SIM_CUT, &socket->prng, 60)) {
        sim_pipe_send(pipe, bytes, travel_ms(socket, down));
        sim_socket_break(socket);
        return;
    }
    while (bytes.size > 0) {
        size_t size = bytes.size;

        if (prng_below(&socket->prng, PIECES_MAX) == 0)
            size = 1 + (size_t)prng_below(&socket->prng, size);
        sim_pipe_send(pipe, span_of(bytes.data, size), travel_ms(socket, down));
        bytes = span_of(bytes.data + size, bytes.size - size);
    }
}

void sim_socket_break(struct sim_socket *socket)
{
    struct sim_pipe *pipes[] = {&socket->up, &socket->down};

    sim_trace(socket->sim, "%s: the connection breaks",
              socket->client != NULL ? sim_client_name(socket->client) : "nobody");
    sim_tally(SIM_TALLY_BREAK);
    for (int i = 0; i < 2; i++) {
        if (pipes[i]->broken)
            continue;
        sim_pipe_break(pipes[i], (size_t)prng_below(&socket->prng, sim_pipe_size(pipes[i]) + 1));
        if (sim_strikes(socket->sim, SIM_HALF_OPEN, &socket->prng, 2))
            sim_tally(SIM_TALLY_UNTOLD);
        else
            sim_pipe_end(pipes[i], travel_ms(socket, false));
    }
}

void sim_socket_cut_all(struct sim *sim)
{
    struct sim_socket *socket;

    DL_FOREACH (sim->sockets, socket) {
        sim_pipe_break(&socket->up, 0);
        sim_pipe_break(&socket->down, 0);
        sim_pipe_end(&socket->down, travel_ms(socket, false));
    }
}

/* ---- The client's end ---- */

static void arrives_down(struct sim_pipe *pipe, struct span bytes)
{
    struct sim_socket *socket = container_of(pipe, struct sim_socket, down);
    size_t at = 0;

    if (socket->node != NULL && socket->blocked)
        sim_node_wake(socket->node); /* there is room again */
    if (socket->client == NULL)
        return;
    if (!span_present(bytes)) {
        if (socket->from_node.in_frame || socket->from_node.header_size > 0)
            sim_tally(SIM_TALLY_CUT_FRAME);
        sim_client_lost(socket->client);
        return;
    }
    uint8_t *data = memory_copy(bytes.data, bytes.size);
    while (at < bytes.size && socket->client != NULL) {
        struct websocket_event event;
        struct fault fault = {0};
        uint16_t code = 0;
        size_t used = 0;
        enum status status = websocket_decode(&socket->from_node, data + at, bytes.size - at, &used,
                                              &event, &code, &fault);

        at += used;
        if (status != STATUS_OK && status != STATUS_MORE)
            sim_fail(socket->sim, "the node sent what is no frame: %s", fault.text);
        if (status == STATUS_OK && event.kind == WEBSOCKET_EVENT_MESSAGE)
            sim_client_hear(socket->client, event.payload);
        else if (status == STATUS_OK && event.kind == WEBSOCKET_EVENT_CLOSE)
            sim_client_closed(socket->client, event.code, event.payload);
    }
    memory_free(data);
}

void sim_socket_say(struct sim_socket *socket, struct span message)
{
    uint64_t drawn = prng_next(&socket->prng);
    struct buffer frame = {0};
    uint8_t mask[4];

    memcpy(mask, &drawn, sizeof(mask));
    websocket_frame_masked(&frame, WEBSOCKET_TEXT, message, mask);
    send(socket, &socket->up, buffer_span(&frame));
    buffer_finish(&frame);
}

void sim_socket_leave_client(struct sim_socket *socket)
{
    socket->client = NULL;
    if (!socket->up.broken)
        sim_pipe_end(&socket->up, travel_ms(socket, false));
    sim_pipe_break(&socket->down, 0);
}

/* ---- The node's end ---- */

static void arrives_up(struct sim_pipe *pipe, struct span bytes)
{
    struct sim_socket *socket = container_of(pipe, struct sim_socket, up);

    if (socket->node == NULL)
        return;
    buffer_append(&socket->input, bytes);
    socket->ended |= !span_present(bytes);
    sim_node_wake(socket->node);
}

bool sim_socket_read(struct sim_socket *socket, unsigned messages_max)
{
    struct buffer *input = &socket->input;

    while (messages_max > 0 && input->size > 0 && link_wants_input(socket->link)) {
        struct websocket_event event;
        struct fault fault = {0};
        uint16_t code = 0;
        size_t used = 0;
        enum status status = websocket_decode(&socket->from_client, input->data, input->size, &used,
                                              &event, &code, &fault);

        if (status != STATUS_OK && status != STATUS_MORE)
            sim_fail(socket->sim, "the client sent what is no frame: %s", fault.text);
        if (status == STATUS_OK && event.kind == WEBSOCKET_EVENT_MESSAGE) {
            link_receive(socket->link, event.payload, sim_node_now(socket->node));
            messages_max--;
        } else if (status == STATUS_OK && event.kind == WEBSOCKET_EVENT_OVERSIZED) {
            link_receive_oversized(socket->link, event.payload, event.size,
                                   sim_node_now(socket->node));
            sim_tally(SIM_TALLY_OVERSIZED);
            messages_max--;
        }
        buffer_consume(input, used);
    }
    if (socket->ended && input->size == 0)
        sim_socket_leave_node(socket);
    return socket->node != NULL && link_wants_input(socket->link) && input->size > 0;
}

void sim_socket_write(struct sim_socket *socket)
{
    struct span spans[LIMIT_WRITE_SPANS];
    size_t count = link_output(socket->link, spans, LIMIT_WRITE_SPANS);
    size_t taken = sim_pipe_size(&socket->down);
    size_t room = socket->room > taken ? socket->room - taken : 0;
    struct buffer out = {0};
    size_t offered = 0;

    for (size_t i = 0; i < count; i++) {
        struct span piece = spans[i];

        offered += piece.size;
        if (piece.size > room - out.size)
            piece.size = room - out.size;
        buffer_append(&out, piece);
    }
    socket->blocked = out.size < offered;
    if (socket->blocked)
        sim_tally(SIM_TALLY_FULL);
    link_written(socket->link, out.size, sim_node_now(socket->node));
    send(socket, &socket->down, buffer_span(&out));
    buffer_finish(&out);
    if (link_closing(socket->link))
        sim_socket_leave_node(socket);
}

void sim_socket_leave_node(struct sim_socket *socket)
{
    link_disconnect(socket->link);
    socket->link = NULL;
    socket->node = NULL;
    if (!socket->down.broken)
        sim_pipe_end(&socket->down, travel_ms(socket, true));
    sim_pipe_break(&socket->up, 0);
}

/* ---- Beginning and end ---- */

struct sim_socket *sim_socket_open(struct sim_client *client, struct sim_node *node)
{
    struct sim_socket *socket = memory_zeroed(1, sizeof(*socket));
    struct sim *sim = client->sim;

    socket->sim = sim;
    socket->prng = sim_plan_prng(&sim->plan, SALT_SOCKET + prng_next(&client->prng));
    socket->room = ROOM;
    if (sim_strikes(sim, SIM_SLOW, &socket->prng, 2))
        socket->room = 1 + (size_t)prng_below(&socket->prng, SLOW_ROOM);
    socket->client = client;
    socket->node = node;
    websocket_decoder_init(&socket->from_node, WEBSOCKET_CLIENT, SIZE_MAX);
    websocket_decoder_init(&socket->from_client, WEBSOCKET_SERVER, SIM_MESSAGE_BYTES);
    socket->from_client.oversized_max = 2 * SIM_MESSAGE_BYTES;
    sim_pipe_init(&socket->up, &sim->clock, arrives_up);
    sim_pipe_init(&socket->down, &sim->clock, arrives_down);
    socket->link = hub_connect(node->hub, DIALECT_NATIVE, SPAN("user"), socket, sim_node_now(node));
    DL_APPEND(sim->sockets, socket);
    return socket;
}

static void destroy(struct sim_socket *socket)
{
    websocket_decoder_finish(&socket->from_node);
    websocket_decoder_finish(&socket->from_client);
    sim_pipe_finish(&socket->up);
    sim_pipe_finish(&socket->down);
    buffer_finish(&socket->input);
    memory_free(socket);
}

void sim_socket_bury(struct sim *sim)
{
    struct sim_socket *socket;
    struct sim_socket *next;

    DL_FOREACH_SAFE (sim->sockets, socket, next)
        if (socket->client == NULL && socket->node == NULL) {
            DL_DELETE(sim->sockets, socket);
            destroy(socket);
        }
}
