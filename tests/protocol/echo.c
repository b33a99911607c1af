/* echo - our codec on a plain blocking socket, for a second opinion by another implementation.
 *
 *   echo listen          print a free port of 127.0.0.1, then serve one client after the other
 *   echo connect PORT    the client's side of the same
 *
 * Messages and pings come back, a close is answered, anything wrong is closed with its code.
 * Every read takes a random number of bytes, so that frames are cut everywhere. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/prng.h"
#include "protocol/handshake.h"
#include "protocol/websocket.h"

enum { HEAD_MAX = 8192, READ_MAX = 70000, MESSAGE_MAX = 300000 };

#define CLIENT_KEY "AAECAwQFBgcICQoLDA0ODw=="

struct peer {
    int socket;
    enum websocket_role role;
    struct prng prng;
};

static bool write_all(int socket, struct span bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(socket, bytes.data, bytes.size, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        bytes = span_of(bytes.data + sent, bytes.size - (size_t)sent);
    }
    return true;
}

static bool write_frame(struct peer *peer, enum websocket_opcode opcode, struct span payload)
{
    struct buffer out = {0};
    uint8_t mask[4];

    for (size_t i = 0; i < sizeof(mask); i++)
        mask[i] = (uint8_t)prng_next(&peer->prng);
    if (peer->role == WEBSOCKET_CLIENT)
        websocket_frame_masked(&out, opcode, payload, mask);
    else
        websocket_frame(&out, opcode, payload);
    bool sent = write_all(peer->socket, buffer_span(&out));
    buffer_finish(&out);
    return sent;
}

static void write_close(struct peer *peer, uint16_t code, const char *reason)
{
    uint8_t payload[LIMIT_CONTROL_BYTES];
    size_t size = websocket_close_payload(payload, code, reason);

    (void)write_frame(peer, WEBSOCKET_CLOSE, span_of(payload, size));
}

/* Answer one event; false when the connection ends. */
static bool answer(struct peer *peer, const struct websocket_event *event)
{
    switch (event->kind) {
    case WEBSOCKET_EVENT_MESSAGE:
        return write_frame(peer, WEBSOCKET_TEXT, event->payload);
    case WEBSOCKET_EVENT_PING:
        return write_frame(peer, WEBSOCKET_PONG, event->payload);
    case WEBSOCKET_EVENT_PONG:
    case WEBSOCKET_EVENT_OVERSIZED: /* nothing is read over here */
        return true;
    case WEBSOCKET_EVENT_CLOSE:
        break;
    }
    char reason[LIMIT_CONTROL_BYTES + 1] = "";

    memcpy(reason, event->payload.data, event->payload.size);
    write_close(peer, event->code, reason);
    return false;
}

static bool handle_read(struct peer *peer, struct websocket_decoder *decoder, uint8_t *data,
                        size_t size)
{
    enum status status = STATUS_OK;

    for (size_t at = 0; at < size && status == STATUS_OK;) {
        struct websocket_event event;
        struct fault fault;
        uint16_t code;
        size_t used;

        status = websocket_decode(decoder, data + at, size - at, &used, &event, &code, &fault);
        at += used;
        if (status == STATUS_OK && !answer(peer, &event))
            return false;
        if (status != STATUS_OK && status != STATUS_MORE) {
            write_close(peer, code, fault.text);
            return false;
        }
    }
    return true;
}

static void converse(struct peer *peer)
{
    static uint8_t data[READ_MAX];
    struct websocket_decoder decoder;
    ssize_t size;

    websocket_decoder_init(&decoder, peer->role, MESSAGE_MAX);
    do {
        size_t most = prng_below(&peer->prng, 4) == 0 ? 8 : READ_MAX;
        size = recv(peer->socket, data, 1 + (size_t)prng_below(&peer->prng, most), 0);
    } while (size > 0 && handle_read(peer, &decoder, data, (size_t)size));
    websocket_decoder_finish(&decoder);

    /* The other side closes first or hears our end; what it still sends is not read. */
    shutdown(peer->socket, SHUT_WR);
    while (recv(peer->socket, data, sizeof(data), 0) > 0)
        ;
}

/* Read up to the empty line, byte by byte: what follows it is no longer HTTP. */
static bool read_head(int socket, char head[HEAD_MAX])
{
    for (size_t size = 0; size + 1 < HEAD_MAX; size++) {
        if (recv(socket, head + size, 1, 0) != 1)
            return false;
        head[size + 1] = 0;
        if (size >= 3 && strcmp(head + size - 3, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

static struct span header(const char *head, const char *name)
{
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') {
            const char *value = line + strlen(name) + 1;
            return span_of(value, strcspn(value, "\r\n"));
        }
    }
    return SPAN_NONE;
}

static bool accept_upgrade(struct peer *peer)
{
    char head[HEAD_MAX];
    struct handshake_answer answer;
    struct buffer out = {0};

    if (!read_head(peer->socket, head))
        return false;
    struct handshake_request request = {
        .method = span_of(head, strcspn(head, " ")),
        .host = header(head, "Host"),
        .upgrade = header(head, "Upgrade"),
        .connection = header(head, "Connection"),
        .key = header(head, "Sec-WebSocket-Key"),
        .version = header(head, "Sec-WebSocket-Version"),
        .origin = header(head, "Origin"),
        .protocols = header(head, "Sec-WebSocket-Protocol"),
    };
    handshake_check(&request, &(struct origins){0}, &answer, NULL);
    if (answer.code == 101)
        handshake_response(&out, &answer);
    else
        buffer_append_format(&out, "HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n", answer.code);
    bool upgraded = write_all(peer->socket, buffer_span(&out)) && answer.code == 101;
    buffer_finish(&out);
    return upgraded;
}

static bool ask_upgrade(struct peer *peer, const char *port)
{
    char head[HEAD_MAX];
    char host[32];
    struct fault fault;
    struct buffer out = {0};

    snprintf(host, sizeof(host), "127.0.0.1:%s", port);
    handshake_write_request(&out, host, "/", SPAN(CLIENT_KEY));
    bool asked = write_all(peer->socket, buffer_span(&out));
    buffer_finish(&out);
    if (!asked || !read_head(peer->socket, head))
        return false;
    if (handshake_check_response(span_of_string(head), SPAN(CLIENT_KEY), &fault) == STATUS_OK)
        return true;
    fprintf(stderr, "%s\n", fault.text);
    return false;
}

static int serve(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    struct peer peer = {.role = WEBSOCKET_SERVER};
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return EXIT_FAILURE;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        peer.socket = accept(listener, NULL, NULL);
        if (peer.socket < 0)
            return EXIT_FAILURE;
        if (accept_upgrade(&peer))
            converse(&peer);
        close(peer.socket);
    }
}

static int visit(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct peer peer = {.role = WEBSOCKET_CLIENT};

    peer.socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer.socket, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        !ask_upgrade(&peer, port))
        return EXIT_FAILURE;
    converse(&peer);
    close(peer.socket);
    return EXIT_SUCCESS;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "listen") == 0)
        return serve();
    if (count == 3 && strcmp(arguments[1], "connect") == 0)
        return visit(arguments[2]);
    fprintf(stderr, "usage: echo listen | echo connect PORT\n");
    return EXIT_FAILURE;
}
