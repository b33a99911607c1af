#include "server/cluster/bus_capture.h"

#include "base/memory.h"
#include "server/bus/bus.h"
#include "server/collab/capture.h"

struct bus_capture {
    struct bus outer; /* what the cluster uses */
    struct bus_listener listener;
    struct bus *inner;
    struct capture *capture;
};

static struct bus_capture *of_bus(struct bus *bus)
{
    return container_of(bus, struct bus_capture, outer);
}

static void record(struct bus_capture *self, enum capture_kind kind, struct span text)
{
    capture_write(self->capture, &(struct capture_record){.kind = (uint8_t)kind, .text = text});
}

/* ---- What is said ---- */

static void publish(struct bus *bus, struct span channel, struct span message)
{
    struct bus_capture *self = of_bus(bus);
    struct capture_record said = {.kind = CAPTURE_PUBLISH, .text = channel};

    said.hash = capture_hash(&message, 1, message.size);
    capture_write(self->capture, &said);
    self->inner->ops->publish(self->inner, channel, message);
}

static void subscribe(struct bus *bus, struct span channel)
{
    struct bus_capture *self = of_bus(bus);

    record(self, CAPTURE_SUBSCRIBE, channel);
    self->inner->ops->subscribe(self->inner, channel);
}

static void unsubscribe(struct bus *bus, struct span channel)
{
    struct bus_capture *self = of_bus(bus);

    record(self, CAPTURE_UNSUBSCRIBE, channel);
    self->inner->ops->unsubscribe(self->inner, channel);
}

static void beat(struct bus *bus, const struct bus_member *member)
{
    struct bus_capture *self = of_bus(bus);

    record(self, CAPTURE_BEAT, span_of_string(member->name));
    self->inner->ops->beat(self->inner, member);
}

static void leave(struct bus *bus, const struct bus_member *member)
{
    struct bus_capture *self = of_bus(bus);

    record(self, CAPTURE_LEAVE, span_of_string(member->name));
    self->inner->ops->leave(self->inner, member);
}

/* Why the bus was lost is passed on. */
static size_t poll(struct bus *bus)
{
    struct bus_capture *self = of_bus(bus);
    size_t reports = self->inner->ops->poll(self->inner);

    if (self->inner->fault.text[0] != '\0')
        self->outer.fault = self->inner->fault;
    self->inner->fault.text[0] = '\0';
    return reports;
}

static void destroy(struct bus *bus)
{
    struct bus_capture *self = of_bus(bus);

    self->inner->ops->destroy(self->inner);
    memory_free(self);
}

static const struct bus_ops ops = {.publish = publish,
                                   .subscribe = subscribe,
                                   .unsubscribe = unsubscribe,
                                   .beat = beat,
                                   .leave = leave,
                                   .poll = poll,
                                   .destroy = destroy};

/* ---- What is reported ---- */

static struct bus_capture *of_listener(struct bus_listener *listener)
{
    return container_of(listener, struct bus_capture, listener);
}

static void on_subscribed(struct bus_listener *listener, struct span channel)
{
    struct bus_capture *self = of_listener(listener);
    struct bus_listener *told = self->outer.listener;

    record(self, CAPTURE_SUBSCRIBED, channel);
    told->ops->subscribed(told, channel);
}

static void on_message(struct bus_listener *listener, struct span channel, struct span message)
{
    struct bus_capture *self = of_listener(listener);
    struct bus_listener *told = self->outer.listener;

    capture_write(self->capture, &(struct capture_record){
                                     .kind = CAPTURE_MESSAGE, .text = channel, .bytes = message});
    told->ops->message(told, channel, message);
}

static void on_members(struct bus_listener *listener, const struct bus_member *members,
                       size_t count)
{
    struct bus_capture *self = of_listener(listener);
    struct bus_listener *told = self->outer.listener;

    record(self, CAPTURE_MEMBERS, span_of(members, count * sizeof(*members)));
    told->ops->members(told, members, count);
}

static void on_lost(struct bus_listener *listener)
{
    struct bus_capture *self = of_listener(listener);
    struct bus_listener *told = self->outer.listener;

    record(self, CAPTURE_LOST, SPAN_NONE);
    told->ops->lost(told);
}

static const struct bus_listener_ops listener_ops = {
    .subscribed = on_subscribed, .message = on_message, .members = on_members, .lost = on_lost};

struct bus *bus_capture_create_take(struct bus *bus, struct capture *capture)
{
    struct bus_capture *self = memory_zeroed(1, sizeof(*self));

    self->outer.ops = &ops;
    self->listener.ops = &listener_ops;
    self->inner = bus;
    self->capture = capture;
    bus->listener = &self->listener;
    return &self->outer;
}
