/* The bus by Redis: two connections, since one that has subscribed may ask nothing else. They are
 * up or down together: a bus that hears and cannot speak is of no use to anybody. */
#include <stdio.h>

#include <event2/dns.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/must.h"
#include "base/table.h"
#include "server/bus/bus.h"
#include "server/bus/redis_link.h"
#include "server/bus/reports.h"

/* Note who beats, by Redis' clock alone; forget who has not for a while, or seems to beat in the
 * future because that clock was set back; say who is there. */
static const char beat_script[] = "local time = redis.call('TIME') "
                                  "local now = time[1] * 1000 + math.floor(time[2] / 1000) "
                                  "redis.call('ZADD', KEYS[1], now, ARGV[1]) "
                                  "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2]) "
                                  "redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. now, '+inf') "
                                  "return redis.call('ZRANGE', KEYS[1], 0, -1)";

struct subscription {
    UT_hash_handle hh; /* by channel */
    unsigned asked;    /* SUBSCRIBE commands that Redis has not confirmed */
    bool wanted;       /* else it is only kept for their confirmations */
    size_t size;
    uint8_t channel[]; /* without the prefix */
};

struct redis {
    struct bus bus;
    struct redis_url url;
    struct evdns_base *names;
    struct redis_link asking; /* publish, beat */
    struct redis_link hearing;
    struct subscription *subscriptions;
    struct reports reports;
    bool up;           /* both links are, and the listener knows of no loss */
    struct fault told; /* the reason that was told last: an outage, or what Redis refuses again and
                          again, has one line */
    struct buffer key; /* of the command that is being made */
    void (*wake)(void *context);
    void *context;
};

static struct redis *redis_of(struct bus *bus)
{
    return container_of(bus, struct redis, bus);
}

static bool is_up(const struct redis *redis)
{
    return redis->asking.state == REDIS_READY && redis->hearing.state == REDIS_READY;
}

static void report(struct redis *redis, enum report_kind kind, struct span channel,
                   struct span bytes)
{
    bool first = reports_empty(&redis->reports);

    reports_add(&redis->reports, kind, channel, bytes);
    if (first)
        redis->wake(redis->context);
}

/* The prefix and the name; borrowed until the next call. */
static struct span key_of(struct redis *redis, struct span name)
{
    buffer_clear(&redis->key);
    buffer_append_text(&redis->key, redis->url.prefix);
    buffer_append(&redis->key, name);
    return buffer_span(&redis->key);
}

/* ---- Subscriptions ---- */

static struct subscription *find(const struct redis *redis, struct span channel)
{
    struct subscription *subscription;

    HASH_FIND(hh, redis->subscriptions, channel.data, channel.size, subscription);
    return subscription;
}

static void forget(struct redis *redis, struct subscription *subscription)
{
    HASH_DEL(redis->subscriptions, subscription);
    memory_free(subscription);
}

static struct span channel_of(const struct subscription *subscription)
{
    return span_of(subscription->channel, subscription->size);
}

static void ask(struct redis *redis, struct subscription *subscription)
{
    const struct span words[] = {SPAN("SUBSCRIBE"), key_of(redis, channel_of(subscription))};

    subscription->asked++;
    redis_link_send(&redis->hearing, words, 2);
}

static void redis_subscribe(struct bus *bus, struct span channel)
{
    struct redis *redis = redis_of(bus);
    struct subscription *subscription = find(redis, channel);

    if (subscription == NULL) {
        subscription = memory_zeroed(1, sizeof(*subscription) + channel.size);
        subscription->size = channel.size;
        memcpy(subscription->channel, channel.data, channel.size);
        HASH_ADD_KEYPTR(hh, redis->subscriptions, subscription->channel, channel.size,
                        subscription);
    }
    must(!subscription->wanted);
    subscription->wanted = true;
    if (is_up(redis))
        ask(redis, subscription);
}

static void redis_unsubscribe(struct bus *bus, struct span channel)
{
    struct redis *redis = redis_of(bus);
    struct subscription *subscription = find(redis, channel);
    const struct span words[] = {SPAN("UNSUBSCRIBE"), key_of(redis, channel)};

    must(subscription != NULL && subscription->wanted);
    if (is_up(redis))
        redis_link_send(&redis->hearing, words, 2);
    subscription->wanted = false;
    if (subscription->asked == 0)
        forget(redis, subscription);
}

/* Only the last confirmation counts: an UNSUBSCRIBE may lie between two. */
static void confirmed(struct redis *redis, struct span channel)
{
    struct subscription *subscription = find(redis, channel);

    if (subscription == NULL || subscription->asked == 0 || --subscription->asked > 0)
        return;
    if (subscription->wanted)
        report(redis, REPORT_SUBSCRIBED, channel, SPAN_NONE);
    else
        forget(redis, subscription);
}

/* ---- What Redis says ---- */

static struct redis *redis_of_hearing(struct redis_link *link)
{
    return container_of(link, struct redis, hearing);
}

static struct redis *redis_of_asking(struct redis_link *link)
{
    return container_of(link, struct redis, asking);
}

static void tell_reason(struct redis *redis, const struct fault *reason)
{
    if (strcmp(redis->told.text, reason->text) != 0)
        redis->bus.fault = redis->told = *reason;
}

static void note_error(struct redis *redis, const redisReply *reply)
{
    struct fault reason;

    if (reply->type != REDIS_REPLY_ERROR)
        return;
    (void)fault_set(&reason, STATUS_FAILED, "Redis: %s", reply->str);
    tell_reason(redis, &reason);
}

/* The string at a place of an array, absent when there is none. */
static struct span string_at(const redisReply *reply, size_t place)
{
    if (reply->type != REDIS_REPLY_ARRAY || place >= reply->elements ||
        reply->element[place]->type != REDIS_REPLY_STRING)
        return SPAN_NONE;
    return span_of(reply->element[place]->str, reply->element[place]->len);
}

/* [message, channel, bytes], [subscribe, channel, count], and what does not matter. */
static void on_heard(struct redis_link *link, const redisReply *reply)
{
    struct redis *redis = redis_of_hearing(link);
    size_t prefix = strlen(redis->url.prefix);
    struct span kind = string_at(reply, 0);
    struct span channel = string_at(reply, 1);

    note_error(redis, reply);
    if (channel.size < prefix || !span_present(channel))
        return;
    channel = span_of(channel.data + prefix, channel.size - prefix);
    if (span_equal(kind, SPAN("message")) && span_present(string_at(reply, 2)))
        report(redis, REPORT_MESSAGE, channel, string_at(reply, 2));
    else if (span_equal(kind, SPAN("subscribe")))
        confirmed(redis, channel);
}

/* Only the beat is answered by an array: the members. What is no member's name is skipped. */
static void on_answer(struct redis_link *link, const redisReply *reply)
{
    struct redis *redis = redis_of_asking(link);

    note_error(redis, reply);
    if (reply->type != REDIS_REPLY_ARRAY)
        return;
    struct bus_member *members = memory_zeroed(reply->elements, sizeof(*members));
    size_t count = 0;

    for (size_t i = 0; i < reply->elements; i++)
        if (bus_member_read(string_at(reply, i), &members[count]))
            count++;
    report(redis, REPORT_MEMBERS, SPAN_NONE, span_of(members, count * sizeof(*members)));
    memory_free(members);
}

/* ---- Up and down ---- */

static void come_up(struct redis *redis)
{
    struct subscription *subscription;
    struct subscription *next;

    if (!is_up(redis))
        return;
    redis->up = true;
    redis->told.text[0] = '\0';
    HASH_ITER (hh, redis->subscriptions, subscription, next)
        ask(redis, subscription);
}

static void go_down(struct redis *redis, const struct redis_link *lost, struct redis_link *other)
{
    struct subscription *subscription;
    struct subscription *next;

    tell_reason(redis, &lost->reason);
    redis_link_drop(other, "the other connection was lost");
    if (!redis->up)
        return;
    redis->up = false;
    HASH_ITER (hh, redis->subscriptions, subscription, next) {
        subscription->asked = 0;
        if (!subscription->wanted)
            forget(redis, subscription);
    }
    report(redis, REPORT_LOST, SPAN_NONE, SPAN_NONE);
}

static void hearing_ready(struct redis_link *link)
{
    come_up(redis_of_hearing(link));
}

static void asking_ready(struct redis_link *link)
{
    come_up(redis_of_asking(link));
}

static void hearing_lost(struct redis_link *link)
{
    go_down(redis_of_hearing(link), link, &redis_of_hearing(link)->asking);
}

static void asking_lost(struct redis_link *link)
{
    go_down(redis_of_asking(link), link, &redis_of_asking(link)->hearing);
}

static const struct redis_link_ops hearing_ops = {
    .ready = hearing_ready, .reply = on_heard, .lost = hearing_lost};
static const struct redis_link_ops asking_ops = {
    .ready = asking_ready, .reply = on_answer, .lost = asking_lost};

/* ---- The table ---- */

static void redis_publish(struct bus *bus, struct span channel, struct span message)
{
    struct redis *redis = redis_of(bus);
    const struct span words[] = {SPAN("PUBLISH"), key_of(redis, channel), message};

    if (is_up(redis))
        redis_link_send(&redis->asking, words, 3);
}

static void redis_beat(struct bus *bus, const struct bus_member *self)
{
    struct redis *redis = redis_of(bus);
    char member[BUS_MEMBER_SIZE];
    char expiry[16];

    if (!is_up(redis))
        return;
    bus_member_write(self, member);
    snprintf(expiry, sizeof(expiry), "%d", LIMIT_MEMBER_MS);
    const struct span words[] = {
        SPAN("EVAL"),           SPAN(beat_script),     SPAN("1"), key_of(redis, SPAN("members")),
        span_of_string(member), span_of_string(expiry)};
    redis_link_send(&redis->asking, words, 6);
}

static void redis_leave(struct bus *bus, const struct bus_member *self)
{
    struct redis *redis = redis_of(bus);
    char member[BUS_MEMBER_SIZE];

    if (!is_up(redis))
        return;
    bus_member_write(self, member);
    const struct span words[] = {SPAN("ZREM"), key_of(redis, SPAN("members")),
                                 span_of_string(member)};
    redis_link_send(&redis->asking, words, 3);
}

static size_t redis_poll(struct bus *bus)
{
    return reports_tell(&redis_of(bus)->reports, bus->listener);
}

static void redis_destroy(struct bus *bus)
{
    struct redis *redis = redis_of(bus);
    struct subscription *subscription;
    struct subscription *next;

    redis_link_finish(&redis->asking);
    redis_link_finish(&redis->hearing);
    evdns_base_free(redis->names, 0);
    HASH_ITER (hh, redis->subscriptions, subscription, next)
        forget(redis, subscription);
    reports_finish(&redis->reports);
    buffer_finish(&redis->key);
    redis_url_finish(&redis->url);
    memory_free(redis);
}

static const struct bus_ops redis_ops = {
    .publish = redis_publish,
    .subscribe = redis_subscribe,
    .unsubscribe = redis_unsubscribe,
    .beat = redis_beat,
    .leave = redis_leave,
    .poll = redis_poll,
    .destroy = redis_destroy,
};

enum status bus_redis_create(const struct bus_redis_config *config, struct bus **bus,
                             struct fault *fault)
{
    struct redis_url url;
    enum status status = redis_url_read(&url, config->url, fault);

    if (status != STATUS_OK)
        return status;
    struct redis *redis = memory_zeroed(1, sizeof(*redis));

    redis->bus.ops = &redis_ops;
    redis->url = url;
    redis->wake = config->wake;
    redis->context = config->context;
    redis->names = evdns_base_new(config->events, EVDNS_BASE_INITIALIZE_NAMESERVERS |
                                                      EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    must(redis->names != NULL);
    struct redis_link_config link = {
        .ops = &asking_ops, .events = config->events, .names = redis->names, .url = &redis->url};
    redis_link_init(&redis->asking, &link);
    link.ops = &hearing_ops;
    redis_link_init(&redis->hearing, &link);
    *bus = &redis->bus;
    return STATUS_OK;
}
