#include "server/bus/redis_link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/must.h"

enum {
    TICK_MS = 1000, /* of the watch */
    SILENT_TICKS = 3,
    RETRY_MS_MIN = 50,
    RETRY_MS_MAX = 2000,
    WORDS_MAX = 8
};

static void start_timer(struct redis_link *link, uint64_t ms)
{
    const struct timeval time = {.tv_sec = (time_t)(ms / 1000),
                                 .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    must(event_add(&link->timer, &time) == 0);
}

/* ---- Losing it ---- */

static void disconnect(struct redis_link *link)
{
    uint64_t delay_ms = (uint64_t)RETRY_MS_MIN << (link->failures < 6 ? link->failures : 6);

    if (link->io != NULL)
        bufferevent_free(link->io);
    if (link->reader != NULL)
        redisReaderFree(link->reader);
    link->io = NULL;
    link->reader = NULL;
    link->state = REDIS_AWAY;
    link->failures++;
    start_timer(link, delay_ms < RETRY_MS_MAX ? delay_ms : RETRY_MS_MAX);
}

void redis_link_drop(struct redis_link *link, const char *reason)
{
    if (link->state == REDIS_AWAY)
        return;
    fault_set(&link->reason, STATUS_AWAY, "%s", reason);
    disconnect(link);
}

static void lose(struct redis_link *link, const char *reason)
{
    redis_link_drop(link, reason);
    link->ops->lost(link);
}

/* ---- Replies ---- */

/* The answer to AUTH. */
static void greeted(struct redis_link *link, const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR) {
        lose(link, reply->str);
        return;
    }
    link->state = REDIS_READY;
    link->ops->ready(link);
}

/* One reply; false when the link was lost over it. */
static bool take_reply(struct redis_link *link, redisReply *reply)
{
    if (link->state == REDIS_GREETING)
        greeted(link, reply);
    else
        link->ops->reply(link, reply);
    freeReplyObject(reply);
    return link->reader != NULL;
}

static void on_read(struct bufferevent *io, void *context)
{
    struct redis_link *link = context;
    struct evbuffer *input = bufferevent_get_input(io);
    size_t size = evbuffer_get_length(input);
    void *reply = NULL;

    link->silent = 0;
    if (redisReaderFeed(link->reader, (const char *)evbuffer_pullup(input, -1), size) != REDIS_OK) {
        lose(link, link->reader->errstr);
        return;
    }
    evbuffer_drain(input, size);
    for (;;) {
        if (redisReaderGetReply(link->reader, &reply) != REDIS_OK) {
            lose(link, link->reader->errstr);
            return;
        }
        if (reply == NULL || !take_reply(link, reply))
            return;
    }
}

/* ---- Connecting ---- */

/* What one turn has to say is one write already: it need not wait for the answers to the last one.
 */
static void send_at_once(struct bufferevent *io)
{
    const int on = 1;

    (void)setsockopt(bufferevent_getfd(io), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void greet(struct redis_link *link)
{
    const struct redis_url *url = link->url;
    const struct span words[] = {SPAN("AUTH"),
                                 span_of_string(url->user != NULL ? url->user : "default"),
                                 span_of_string(url->password)};

    link->failures = 0;
    send_at_once(link->io);
    if (url->password != NULL) {
        link->state = REDIS_GREETING;
        redis_link_send(link, words, 3);
        return;
    }
    link->state = REDIS_READY;
    link->ops->ready(link);
}

static void on_event(struct bufferevent *io, short what, void *context)
{
    struct redis_link *link = context;
    int error = bufferevent_socket_get_dns_error(io);

    if (what & BEV_EVENT_CONNECTED)
        greet(link);
    else if (error != 0)
        lose(link, evutil_gai_strerror(error));
    else if (what & BEV_EVENT_EOF)
        lose(link, "Redis has closed the connection");
    else
        lose(link, evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
}

static void connect_now(struct redis_link *link)
{
    link->reader = redisReaderCreate();
    must(link->reader != NULL);
    link->io = bufferevent_socket_new(link->events, -1, BEV_OPT_CLOSE_ON_FREE);
    must(link->io != NULL);
    bufferevent_setcb(link->io, on_read, NULL, on_event, link);
    must(bufferevent_enable(link->io, EV_READ | EV_WRITE) == 0);
    link->state = REDIS_CONNECTING;
    link->silent = 0;
    start_timer(link, TICK_MS);
    if (bufferevent_socket_connect_hostname(link->io, link->names, AF_UNSPEC, link->url->host,
                                            link->url->port) != 0 &&
        link->state == REDIS_CONNECTING) /* else on_event was told already */
        lose(link, "Redis cannot be reached");
}

/* A connection that a partition has cut says nothing: ask, and believe silence. */
static void watch(struct redis_link *link)
{
    const struct span ping = SPAN("PING");

    if (++link->silent > SILENT_TICKS) {
        lose(link, "Redis does not answer");
        return;
    }
    if (link->state == REDIS_READY)
        redis_link_send(link, &ping, 1);
    start_timer(link, TICK_MS);
}

static void on_timer(evutil_socket_t descriptor, short what, void *context)
{
    struct redis_link *link = context;

    (void)descriptor;
    (void)what;
    if (link->state == REDIS_AWAY)
        connect_now(link);
    else
        watch(link);
}

void redis_link_init(struct redis_link *link, const struct redis_link_config *config)
{
    *link = (struct redis_link){
        .ops = config->ops, .events = config->events, .names = config->names, .url = config->url};
    evtimer_assign(&link->timer, config->events, on_timer, link);
    start_timer(link, 0);
}

void redis_link_finish(struct redis_link *link)
{
    if (link->io != NULL)
        bufferevent_free(link->io);
    if (link->reader != NULL)
        redisReaderFree(link->reader);
    event_del(&link->timer);
}

void redis_link_send(struct redis_link *link, const struct span *words, size_t count)
{
    const char *texts[WORDS_MAX];
    size_t sizes[WORDS_MAX];
    char *command = NULL;

    must(link->state >= REDIS_GREETING && count <= WORDS_MAX);
    if (evbuffer_get_length(bufferevent_get_output(link->io)) > LIMIT_BUS_BYTES)
        return;
    for (size_t i = 0; i < count; i++) {
        texts[i] = (const char *)words[i].data;
        sizes[i] = words[i].size;
    }
    int size = redisFormatCommandArgv(&command, (int)count, texts, sizes);
    must(size > 0);
    must(bufferevent_write(link->io, command, (size_t)size) == 0);
    redisFreeCommand(command);
}
