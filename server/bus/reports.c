#include "server/bus/reports.h"

#include "base/must.h"
#include "base/table.h"

struct report {
    struct report *prev, *next;
    enum report_kind kind;
    size_t channel_size;
    size_t size;                                /* of the bytes */
    _Alignas(struct bus_member) uint8_t data[]; /* the bytes, then the channel */
};

void reports_add(struct reports *reports, enum report_kind kind, struct span channel,
                 struct span bytes)
{
    struct report *report = memory_allocate(sizeof(*report) + bytes.size + channel.size);

    *report = (struct report){.kind = kind, .channel_size = channel.size, .size = bytes.size};
    if (bytes.size > 0)
        memcpy(report->data, bytes.data, bytes.size);
    if (channel.size > 0)
        memcpy(report->data + bytes.size, channel.data, channel.size);
    DL_APPEND(reports->list, report);
}

static void tell(const struct report *report, struct bus_listener *listener)
{
    struct span channel = span_of(report->data + report->size, report->channel_size);
    const void *bytes = report->data;

    switch (report->kind) {
    case REPORT_SUBSCRIBED:
        listener->ops->subscribed(listener, channel);
        break;
    case REPORT_MESSAGE:
        listener->ops->message(listener, channel, span_of(bytes, report->size));
        break;
    case REPORT_MEMBERS:
        listener->ops->members(listener, bytes, report->size / sizeof(struct bus_member));
        break;
    case REPORT_LOST:
        listener->ops->lost(listener);
        break;
    }
}

size_t reports_tell(struct reports *reports, struct bus_listener *listener)
{
    struct reports due = *reports;
    struct report *report;
    struct report *next;
    size_t count = 0;

    reports->list = NULL;
    DL_FOREACH_SAFE (due.list, report, next) {
        tell(report, listener);
        memory_free(report);
        count++;
    }
    return count;
}

bool reports_empty(const struct reports *reports)
{
    return reports->list == NULL;
}

void reports_finish(struct reports *reports)
{
    struct report *report;
    struct report *next;

    DL_FOREACH_SAFE (reports->list, report, next)
        memory_free(report);
    reports->list = NULL;
}
