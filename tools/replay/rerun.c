#include "tools/replay/rerun.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/memory.h"
#include "server/cluster/cluster.h"
#include "tools/replay/record_line.h"
#include "tools/replay/rerun_inner.h"

/* ---- The end ---- */

void rerun_stop(struct rerun *rerun, enum rerun_end end, const char *format, ...)
{
    struct buffer text = {0};
    va_list values;

    if (rerun->end != RERUN_WHOLE)
        return;
    va_start(values, format);
    buffer_append_values(&text, format, values);
    va_end(values);
    rerun->end = end;
    fault_set(&rerun->fault, STATUS_CORRUPT, "record %" PRIu64 ": %.*s", rerun->records,
              SPAN_PRINT(buffer_span(&text)));
    buffer_finish(&text);
}

/* ---- The first capture ---- */

static struct span rest_from(const struct rerun *rerun, size_t at)
{
    return span_of(rerun->capture.data + at, rerun->capture.size - at);
}

/* The record that comes next; NULL at the end, whichever it is. */
static const struct capture_record *peek(struct rerun *rerun)
{
    struct span rest = rest_from(rerun, rerun->read);
    enum status status;

    if (rerun->has_next)
        return &rerun->next;
    if (rerun->end != RERUN_WHOLE)
        return NULL;
    status = capture_read(&rest, rerun->records, &rerun->now_ms, &rerun->next, &rerun->fault);
    if (status != STATUS_OK)
        rerun->end = status == STATUS_MORE ? RERUN_CUT_OFF : RERUN_DAMAGED;
    if (status != STATUS_OK || rerun->next.kind == CAPTURE_END)
        return NULL;
    rerun->begin = rerun->read;
    rerun->read = rerun->capture.size - rest.size;
    rerun->has_next = true;
    if (rerun->tell != NULL)
        rerun->tell(rerun, &rerun->next);
    return &rerun->next;
}

const struct capture_record *rerun_peek(struct rerun *rerun)
{
    while (peek(rerun) != NULL && rerun->begin < rerun->made) {
        rerun->said += rerun->next.kind >= CAPTURE_SAID;
        rerun->has_next = false;
        rerun->records++;
    }
    return peek(rerun);
}

/* ---- The second capture ---- */

static void tell_difference(struct rerun *rerun, const struct capture_record *first,
                            struct span second)
{
    struct capture_record made;
    struct buffer line = {0};
    uint64_t now_ms = 0;

    record_line(first, &line);
    buffer_append_text(&line, " – and in this run: ");
    if (capture_read(&second, rerun->second.count, &now_ms, &made, NULL) == STATUS_OK)
        record_line(&made, &line);
    rerun_stop(rerun, RERUN_DIFFERS, "then record %" PRIu64 ": %.*s", rerun->second.count,
               SPAN_PRINT(buffer_span(&line)));
    buffer_finish(&line);
}

/* Bytes of the second one: they are what the first one has there, or that is the difference. Where
 * the first one ends, this run may go on for a moment. */
static void compare(struct capture *second, struct span bytes)
{
    struct rerun *rerun = container_of(second, struct rerun, second);
    struct span rest = rest_from(rerun, rerun->made);
    struct capture_record first;
    uint64_t now_ms = 0;

    if (rerun->end != RERUN_WHOLE)
        return;
    if (rest.size >= bytes.size && memcmp(rest.data, bytes.data, bytes.size) == 0) {
        rerun->made += bytes.size;
        return;
    }
    if (capture_read(&rest, second->count, &now_ms, &first, NULL) == STATUS_OK &&
        first.kind != CAPTURE_END)
        tell_difference(rerun, &first, bytes);
}

/* ---- Records ---- */

static void begin(struct rerun *rerun, const struct capture_record *record)
{
    struct hub_config config = record->config;

    if (rerun->hub != NULL) {
        rerun_stop(rerun, RERUN_DAMAGED, "a second beginning");
        return;
    }
    rerun->node = memory_zeroed(record->text.size + 1, 1);
    if (record->text.size > 0)
        memcpy(rerun->node, record->text.data, record->text.size);
    config.node = rerun->node;
    config.capture = &rerun->second;
    if (record->number != 0)
        config.peers = rerun_join(rerun, &config);
    rerun->hub = hub_create(&config, &rerun->store);
    if (rerun->cluster != NULL)
        cluster_attach(rerun->cluster, rerun->hub);
}

static void destroy(struct rerun *rerun)
{
    if (rerun->pending != NULL || rerun->calls != NULL) {
        rerun_stop(rerun, RERUN_DIFFERS, "nothing was waited for any more, and is in this run");
        return;
    }
    hub_destroy(rerun->hub);
    rerun->hub = NULL;
}

static void run_hub(struct rerun *rerun, const struct capture_record *record)
{
    switch ((enum capture_kind)record->kind) {
    case CAPTURE_CONNECT:
        rerun_connect(rerun, record);
        break;
    case CAPTURE_NEXT:
        rerun_compare_next(rerun, record);
        break;
    case CAPTURE_CALL:
        rerun_call(rerun, record);
        break;
    case CAPTURE_FORGET:
        rerun_forget(rerun, record->number);
        break;
    case CAPTURE_TURN:
        hub_turn(rerun->hub, record->now_ms);
        break;
    case CAPTURE_DELIVER:
        hub_deliver(rerun->hub, record->now_ms);
        break;
    case CAPTURE_RETURNED:
        rerun_give_back(rerun, record);
        break;
    case CAPTURE_SEND_AWAY:
        hub_send_away(rerun->hub, record->number, record->now_ms);
        break;
    case CAPTURE_SHUTDOWN:
        hub_shutdown(rerun->hub, record->now_ms);
        break;
    case CAPTURE_GOODBYE:
        hub_say_goodbye(rerun->hub, record->now_ms);
        break;
    case CAPTURE_DESTROY:
        destroy(rerun);
        break;
    default:
        rerun_on_link(rerun, record);
        break;
    }
}

static void run_one(struct rerun *rerun, struct capture_record record)
{
    size_t made = rerun->made;

    if ((rerun->hub == NULL) != (record.kind == CAPTURE_BEGIN))
        rerun_stop(rerun, RERUN_DAMAGED, "a capture begins with its beginning, and has one");
    else if (record.kind == CAPTURE_BEGIN)
        begin(rerun, &record);
    else if (record.kind >= CAPTURE_SAID)
        rerun_stop(rerun, RERUN_DIFFERS, "this was said, and is not in this run");
    else if (record.kind >= CAPTURE_MEET)
        rerun_on_cluster(rerun, &record);
    else
        run_hub(rerun, &record);
    if (rerun->made == made)
        rerun_stop(rerun, RERUN_DIFFERS, "this was taken in, and is not in this run");
}

/* Nobody asks for what comes now: the hub only has to let go of what is in flight. */
static void finish(struct rerun *rerun)
{
    while (rerun->pending != NULL) {
        struct store_request *request = rerun->pending;

        rerun->pending = request->next;
        request->status = STATUS_AWAY;
        request->done(request);
    }
    rerun_forget_calls(rerun);
    hub_destroy(rerun->hub);
    cluster_destroy(rerun->cluster);
    if (rerun->bus_record != NULL)
        rerun->bus_record->ops->destroy(rerun->bus_record);
    rerun_free_links(rerun);
    memory_free(rerun->node);
    capture_finish(&rerun->second);
}

void rerun_run(struct rerun *rerun, struct span capture)
{
    const struct capture_record *record;
    struct span magic = SPAN(CAPTURE_MAGIC);

    rerun->store.ops = &rerun_store_ops;
    rerun->second.write = compare;
    rerun->capture = capture;
    if (capture.size < magic.size || !span_equal(span_of(capture.data, magic.size), magic)) {
        rerun->end = RERUN_DAMAGED;
        fault_set(&rerun->fault, STATUS_CORRUPT, "this is not a capture of this version");
        return;
    }
    rerun->read = magic.size;
    while ((record = rerun_peek(rerun)) != NULL && rerun->end == RERUN_WHOLE)
        run_one(rerun, *record);
    finish(rerun);
}
