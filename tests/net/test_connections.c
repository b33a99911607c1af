#include "server/net/connections.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/memory.h"
#include "protocol/websocket.h"
#include "server/net/clock.h"
#include "tests/net/fake_hub.h"
#include "tests/runner.h"

static struct event_base *events;
static struct hub *hub;
static struct clock now;
static struct connections *connections;
static int peer; /* the client's end of the socket that begin() made */

static int connect_one(struct span early)
{
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    connections_add_take(connections, ends[0], DIALECT_NATIVE, SPAN("hi!"), early);
    return ends[1];
}

static void begin_early(struct span early)
{
    events = event_base_new();
    hub = fake_hub_create();
    connections = connections_create(events, hub, &now);
    peer = connect_one(early);
}

static void begin(void)
{
    begin_early(SPAN(""));
}

static void end(void)
{
    close(peer);
    connections_destroy(connections);
    hub_destroy(hub);
    event_base_free(events);
}

/* One turn that does not wait. */
static void turn(void)
{
    event_base_loop(events, EVLOOP_NONBLOCK);
    connections_resume(connections);
    hub_turn(hub, 0);
    hub_deliver(hub, 0);
    connections_write(connections);
    connections_bury(connections);
}

static void turns(int count)
{
    while (count-- > 0)
        turn();
}

static void say_bytes(struct span bytes)
{
    ck_assert_int_eq(send(peer, bytes.data, bytes.size, 0), (ssize_t)bytes.size);
}

/* As much as the socket takes. */
static size_t say_some(struct span bytes)
{
    ssize_t sent = send(peer, bytes.data, bytes.size, 0);

    ck_assert_int_gt(sent, 0);
    return (size_t)sent;
}

static void say_frames(int count, enum websocket_opcode opcode, struct span payload)
{
    static const uint8_t mask[4] = {1, 2, 3, 4};
    struct buffer frames = {0};

    while (count-- > 0)
        websocket_frame_masked(&frames, opcode, payload, mask);
    say_bytes(buffer_span(&frames));
    buffer_finish(&frames);
}

static void say_frame(enum websocket_opcode opcode, struct span payload)
{
    say_frames(1, opcode, payload);
}

static void say(const char *text)
{
    say_frame(WEBSOCKET_TEXT, span_of_string(text));
}

/* Everything that has arrived at the peer, and whether its end did. */
static bool hear(struct buffer *heard)
{
    for (;;) {
        ssize_t size = recv(peer, buffer_reserve(heard, 65536), 65536, 0);

        if (size <= 0)
            return size == 0;
        buffer_grow(heard, (size_t)size);
    }
}

/* Exactly these bytes have arrived, and the end with them or not. */
static void expect_bytes(struct span bytes, bool ended)
{
    struct buffer heard = {0};

    ck_assert_int_eq(hear(&heard), ended);
    ck_assert_uint_eq(heard.size, bytes.size);
    ck_assert(span_equal(buffer_span(&heard), bytes));
    buffer_finish(&heard);
}

static void expect_greeting(void)
{
    turn();
    expect_bytes(SPAN("hi!"), false);
}

/* A close frame with `code` and then the end. */
/* Returns the reason, until the next call. */
static const char *expect_close(uint16_t code)
{
    static char reason[LIMIT_CONTROL_BYTES];
    struct buffer heard = {0};

    ck_assert(hear(&heard));
    ck_assert_uint_ge(heard.size, 4);
    ck_assert_uint_eq(heard.data[0], 0x88);
    ck_assert_int_eq(heard.data[2] << 8 | heard.data[3], code);
    ck_assert_uint_eq(heard.data[1], heard.size - 2);
    snprintf(reason, sizeof(reason), "%.*s", (int)heard.size - 4, (const char *)heard.data + 4);
    buffer_finish(&heard);
    return reason;
}

START_TEST(the_response_goes_out_first)
{
    begin();
    say("\"a\"");
    turns(2);
    expect_bytes(SPAN("hi!\x81\x03\"a\""), false);
    end();
}
END_TEST

START_TEST(what_came_behind_the_request_is_the_first_input)
{
    begin_early(SPAN("\x81\x82\x00\x00\x00\x00[]"));
    turn();
    ck_assert_uint_eq(fake_hub_received(hub), 1);
    expect_bytes(SPAN("hi!\x81\x02[]"), false);
    end();
}
END_TEST

START_TEST(frames_may_be_cut_anywhere)
{
    static const char frame[] = "\x81\x85\x01\x02\x03\x04igohn"; /* "hello" */

    begin();
    expect_greeting();
    for (size_t i = 0; i < sizeof(frame) - 1; i++) {
        ck_assert_uint_eq(fake_hub_received(hub), 0);
        say_bytes(span_of(frame + i, 1));
        turn();
    }
    ck_assert_uint_eq(fake_hub_received(hub), 1);
    ck_assert(span_equal(fake_hub_last(hub), SPAN("hello")));
    end();
}
END_TEST

START_TEST(a_message_in_pieces_is_a_sign_of_life_now_and_then)
{
    static const char frame[] = "\x81\x8A\x00\x00\x00\x00\"12345678\"";

    begin();
    expect_greeting();
    say_bytes(span_of_string("\x81\x85\x01")); /* a stranger's are none */
    turn();
    ck_assert_uint_eq(fake_hub_heard(hub), 0);
    say_bytes(span_of("\x02\x03\x04igohn", 8));
    turn();
    for (size_t i = 0; i < sizeof(frame) - 1; i++) {
        now.last_ms += LIMIT_PIECES_MS / 4 + 1;
        say_bytes(span_of(&frame[i], 1));
        turn();
    }
    ck_assert_uint_eq(fake_hub_received(hub), 2);
    ck_assert_uint_eq(fake_hub_heard(hub), 4); /* of 15 pieces that do not end it */
    end();
}
END_TEST

START_TEST(pings_are_answered_in_order)
{
    begin();
    expect_greeting();
    say_frame(WEBSOCKET_PING, SPAN("1"));
    say_frame(WEBSOCKET_PING, SPAN(""));
    say_frame(WEBSOCKET_PONG, SPAN("nobody asked"));
    say("2");
    turn();
    expect_bytes(SPAN("\x8a\x01"
                      "1\x8a\x00\x81\x01"
                      "2"),
                 false);
    end();
}
END_TEST

START_TEST(a_loud_client_gets_its_share_of_a_turn_and_loses_nothing)
{
    enum { MESSAGES = 3 * LIMIT_MESSAGES_PER_TURN };

    begin();
    expect_greeting();
    say_frames(MESSAGES, WEBSOCKET_TEXT, SPAN("[]"));
    turn();
    ck_assert_uint_eq(fake_hub_received(hub), LIMIT_MESSAGES_PER_TURN);
    ck_assert(connections_waiting(connections));
    turn();
    ck_assert_uint_eq(fake_hub_received(hub), 2 * LIMIT_MESSAGES_PER_TURN);
    turn();
    ck_assert_uint_eq(fake_hub_received(hub), MESSAGES);
    ck_assert(!connections_waiting(connections));
    turn();
    say("last");
    turn();
    ck_assert(span_equal(fake_hub_last(hub), SPAN("last")));
    end();
}
END_TEST

START_TEST(a_full_link_is_not_read_until_it_has_room)
{
    begin();
    expect_greeting();
    say("1");
    turn();
    fake_hub_hold(hub, true);
    turn();
    say("2");
    turns(3);
    ck_assert_uint_eq(fake_hub_received(hub), 1);
    fake_hub_hold(hub, false);
    turns(2);
    ck_assert_uint_eq(fake_hub_received(hub), 2);
    end();
}
END_TEST

START_TEST(a_peers_close_is_answered_with_its_code)
{
    begin();
    expect_greeting();
    say_frame(WEBSOCKET_CLOSE, SPAN("\x0f\xa0xyz")); /* 4000 */
    say("not read");
    turn();
    expect_close(4000);
    ck_assert_uint_eq(fake_hub_received(hub), 0);
    ck_assert_uint_eq(fake_hub_links(hub), 0);
    ck_assert_uint_eq(connections_count(connections), 1);
    shutdown(peer, SHUT_WR);
    turns(2);
    ck_assert_uint_eq(connections_count(connections), 0);
    end();
}
END_TEST

START_TEST(a_close_without_code_is_answered_as_normal)
{
    begin();
    expect_greeting();
    say_frame(WEBSOCKET_CLOSE, SPAN(""));
    turn();
    expect_close(1000);
    end();
}
END_TEST

START_TEST(each_broken_rule_has_its_code)
{
    static const struct {
        const char *bytes;
        size_t size;
        uint16_t code;
    } rows[] = {
        {"\x81\x02[]", 4, 1002},                       /* not masked */
        {"\xc1\x80\x00\x00\x00\x00", 6, 1002},         /* reserved bit */
        {"\x83\x80\x00\x00\x00\x00", 6, 1002},         /* reserved opcode */
        {"\x80\x80\x00\x00\x00\x00", 6, 1002},         /* nothing to continue */
        {"\x09\x80\x00\x00\x00\x00", 6, 1002},         /* a ping in pieces */
        {"\x89\xfe\x00\x7e\x00\x00\x00\x00", 8, 1002}, /* a ping of 126 bytes */
        {"\x82\x80\x00\x00\x00\x00", 6, 1003},         /* binary */
        {"\x81\x81\x00\x00\x00\x00\xff", 7, 1007},     /* not UTF-8 */
        {"\x88\x82\x00\x00\x00\x00\x03\xed", 8, 1002}, /* close with 1005 */
        {"\x81\xff\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00", 14, 1009}, /* 1 MiB */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        expect_greeting();
        say_bytes(span_of(rows[i].bytes, rows[i].size));
        turn();
        expect_close(rows[i].code);
        end();
    }
}
END_TEST

START_TEST(a_stranger_may_say_less_than_a_guest)
{
    char *text = memory_allocate(LIMIT_HELLO_BYTES + 2);

    memset(text, 'x', LIMIT_HELLO_BYTES + 1);
    text[LIMIT_HELLO_BYTES + 1] = '\0';
    begin();
    expect_greeting();
    say("hello");
    say(text);
    turn();
    ck_assert_uint_eq(fake_hub_received(hub), 2);
    end();
    begin();
    expect_greeting();
    say(text);
    turn();
    ck_assert_str_eq(expect_close(1009),
                     "a message of at least 8193 bytes is above the limit of 8192");
    end();
    memory_free(text);
}
END_TEST

/* It is read over as it comes; what lies behind it is read again. */
START_TEST(a_guest_that_says_too_much_goes_on)
{
    char *text = memory_allocate(LIMIT_MESSAGE_BYTES + 1);
    static const uint8_t mask[4] = {1, 2, 3, 4};
    struct buffer frame = {0};

    memset(text, 'x', LIMIT_MESSAGE_BYTES + 1);
    websocket_frame_masked(&frame, WEBSOCKET_TEXT, span_of(text, LIMIT_MESSAGE_BYTES + 1), mask);
    begin();
    expect_greeting();
    say("hello");
    for (size_t at = 0, sent; at < frame.size; at += sent, turn())
        sent = say_some(span_of(frame.data + at, frame.size - at));
    say("behind");
    turns(2);
    expect_bytes(SPAN("\x81\x05hello\x81\x15"
                      "4096 of 1048577 bytes\x81\x06"
                      "behind"),
                 false);
    ck_assert_uint_eq(fake_hub_links(hub), 1);

    say_bytes(SPAN("\x81\xff\x00\x00\x00\x00\x04\x00\x00\x01\x00\x00\x00\x00")); /* 64 MiB + 1 */
    turn();
    ck_assert_str_eq(expect_close(1009),
                     "a message of at least 67108865 bytes is above the limit of 1048576");
    end();
    buffer_finish(&frame);
    memory_free(text);
}
END_TEST

START_TEST(the_hub_can_end_it)
{
    begin();
    expect_greeting();
    say("\"bye\"");
    say("still received by the hub, which ignores it");
    turn();
    expect_close(1000);
    end();
}
END_TEST

START_TEST(a_peer_that_goes_away_is_noticed)
{
    begin();
    expect_greeting();
    say("last words");
    close(peer);
    turns(2);
    ck_assert_uint_eq(fake_hub_received(hub), 1);
    ck_assert_uint_eq(fake_hub_links(hub), 0);
    ck_assert_uint_eq(connections_count(connections), 0);
    end();
}
END_TEST

/* A stream of numbered frames of 1,000 bytes, with pongs and echoes in between, read by a peer that
 * is slow: all frames arrive whole and in order. */
START_TEST(a_slow_reader_gets_whole_frames)
{
    enum { FRAMES = 4000, PAYLOAD = 1000 };
    struct websocket_decoder decoder;
    struct buffer heard = {0};
    struct buffer frame = {0};
    uint8_t payload[PAYLOAD];
    size_t frames = 0, pings = 0, pongs = 0, echoes = 0, at = 0;

    begin();
    expect_greeting();
    memset(payload, 'a', sizeof(payload));
    for (size_t i = 0; i < FRAMES; i++) {
        payload[0] = (uint8_t)('0' + i % 10);
        buffer_clear(&frame);
        websocket_frame(&frame, WEBSOCKET_TEXT, span_of(payload, PAYLOAD));
        fake_hub_stream(hub, buffer_span(&frame));
        turn();
    }
    for (; heard.size < FRAMES * (PAYLOAD + 4); pings++) {
        say_frame(WEBSOCKET_PING, SPAN("!"));
        say("echo");
        hear(&heard);
        turn();
    }
    turn();
    hear(&heard);
    websocket_decoder_init(&decoder, WEBSOCKET_CLIENT, PAYLOAD);
    while (at < heard.size) {
        struct websocket_event event;
        struct fault fault;
        uint16_t code;
        size_t used;

        ck_assert_int_eq(websocket_decode(&decoder, heard.data + at, heard.size - at, &used, &event,
                                          &code, &fault),
                         STATUS_OK);
        at += used;
        if (event.kind == WEBSOCKET_EVENT_PONG)
            pongs++;
        else if (event.payload.size == 4)
            echoes++;
        else
            ck_assert_uint_eq(event.payload.data[0], '0' + frames++ % 10);
    }
    ck_assert_uint_eq(frames, FRAMES);
    ck_assert_uint_gt(pings, 1);
    ck_assert_uint_eq(pongs, pings);
    ck_assert_uint_eq(echoes, pings);
    websocket_decoder_finish(&decoder);
    buffer_finish(&heard);
    buffer_finish(&frame);
    end();
}
END_TEST

/* It sends pings and never reads: at some point it is not read any more either. */
START_TEST(a_flood_of_pings_is_bounded)
{
    struct buffer frame = {0};
    char payload[125];
    size_t sent = 0;
    static const uint8_t mask[4];

    memset(payload, 'p', sizeof(payload));
    websocket_frame_masked(&frame, WEBSOCKET_PING, span_of(payload, sizeof(payload)), mask);
    begin();
    expect_greeting();
    for (int stuck = 0; stuck < 100; stuck++) {
        ssize_t size = send(peer, frame.data, frame.size, 0);

        turn();
        if (size == (ssize_t)frame.size) {
            sent += frame.size;
            stuck = 0;
        } else {
            ck_assert(size < 0 && errno == EAGAIN);
        }
        ck_assert_uint_lt(sent, 64 << 20);
    }
    ck_assert_uint_eq(connections_count(connections), 1);
    buffer_finish(&frame);
    end();
}
END_TEST

START_TEST(many_come_and_go)
{
    enum { PEERS = 200 };
    int peers[PEERS];

    begin();
    for (int i = 0; i < PEERS; i++)
        peers[i] = connect_one(SPAN(""));
    turn();
    for (int i = 0; i < PEERS; i += 2)
        close(peers[i]);
    turns(8);
    ck_assert_uint_eq(connections_count(connections), PEERS / 2 + 1);
    for (int i = 1; i < PEERS; i += 2)
        close(peers[i]);
    end();
}
END_TEST

TEST_MAIN("connections", the_response_goes_out_first,
          what_came_behind_the_request_is_the_first_input, frames_may_be_cut_anywhere,
          a_message_in_pieces_is_a_sign_of_life_now_and_then, pings_are_answered_in_order,
          a_loud_client_gets_its_share_of_a_turn_and_loses_nothing,
          a_full_link_is_not_read_until_it_has_room, a_peers_close_is_answered_with_its_code,
          a_close_without_code_is_answered_as_normal, each_broken_rule_has_its_code,
          a_stranger_may_say_less_than_a_guest, a_guest_that_says_too_much_goes_on,
          the_hub_can_end_it, a_peer_that_goes_away_is_noticed, a_slow_reader_gets_whole_frames,
          a_flood_of_pings_is_bounded, many_come_and_go)
