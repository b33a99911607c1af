/* Who called the first run: its links and its callers. */
#include "tools/replay/rerun_inner.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/memory.h"
#include "server/collab/call.h"
#include "tools/replay/record_line.h"

/* A link of the first run. */
struct rerun_link {
    uint64_t number;
    struct link *link;
    UT_hash_handle hh; /* in rerun->links */
};

/* A call of the first run that has no answer yet. */
struct rerun_call {
    struct caller caller;
    struct rerun *rerun;
    uint64_t number;
    struct call *call;
    UT_hash_handle hh; /* in rerun->calls */
};

/* ---- Calls ---- */

static void answered(struct caller *caller, const struct call_answer *answer)
{
    struct rerun_call *call = container_of(caller, struct rerun_call, caller);

    (void)answer; /* it is recorded */
    HASH_DEL(call->rerun->calls, call);
    memory_free(call);
}

void rerun_call(struct rerun *rerun, const struct capture_record *record)
{
    struct rerun_call *call = memory_zeroed(1, sizeof(*call));

    call->caller.answered = answered;
    call->rerun = rerun;
    call->number = ++rerun->calls_made;
    HASH_ADD(hh, rerun->calls, number, sizeof(call->number), call);
    call->call =
        call_create(rerun->hub, &record->request, record->text, &call->caller, record->now_ms);
}

void rerun_forget(struct rerun *rerun, uint64_t number)
{
    struct rerun_call *call = NULL;

    HASH_FIND(hh, rerun->calls, &number, sizeof(number), call);
    if (call == NULL) {
        rerun_stop(rerun, RERUN_DIFFERS, "call %" PRIu64 " does not wait in this run", number);
        return;
    }
    call_forget(call->call);
    HASH_DEL(rerun->calls, call);
    memory_free(call);
}

void rerun_forget_calls(struct rerun *rerun)
{
    while (rerun->calls != NULL)
        rerun_forget(rerun, rerun->calls->number);
}

/* ---- Links ---- */

static struct rerun_link *find_link(struct rerun *rerun, uint64_t number)
{
    struct rerun_link *link = NULL;

    HASH_FIND(hh, rerun->links, &number, sizeof(number), link);
    if (link == NULL)
        rerun_stop(rerun, RERUN_DIFFERS, "link %" PRIu64 " is not there in this run", number);
    return link;
}

void rerun_connect(struct rerun *rerun, const struct capture_record *record)
{
    struct rerun_link *link;

    if (record->number >= DIALECT_COUNT) {
        rerun_stop(rerun, RERUN_DAMAGED, "a dialect that this build does not know");
        return;
    }
    link = memory_zeroed(1, sizeof(*link));
    link->number = record->link;
    link->link = hub_connect(rerun->hub, (enum dialect_kind)record->number, record->text, link,
                             record->now_ms);
    HASH_ADD(hh, rerun->links, number, sizeof(link->number), link);
}

static void disconnect(struct rerun *rerun, struct rerun_link *link)
{
    link_disconnect(link->link);
    HASH_DEL(rerun->links, link);
    memory_free(link);
}

static void break_link(struct rerun_link *link, const struct capture_record *record)
{
    struct buffer reason = {0};

    buffer_append(&reason, record->text);
    buffer_append_byte(&reason, 0);
    link_break(link->link, (uint16_t)record->number, (const char *)reason.data);
    buffer_finish(&reason);
}

void rerun_compare_next(struct rerun *rerun, const struct capture_record *record)
{
    struct link *named = hub_next_output(rerun->hub);
    const struct rerun_link *link = named != NULL ? link_context(named) : NULL;

    if (link == NULL)
        rerun_stop(rerun, RERUN_DIFFERS, "link %" PRIu64 " had something to write, and has nothing",
                   record->link);
    else if (link->number != record->link)
        rerun_stop(rerun, RERUN_DIFFERS,
                   "link %" PRIu64 " had something to write, and it is link %" PRIu64, record->link,
                   link->number);
}

static void compare_written(struct rerun *rerun, struct rerun_link *link,
                            const struct capture_record *record)
{
    struct span spans[LIMIT_WRITE_SPANS];
    size_t count = link_output(link->link, spans, LIMIT_WRITE_SPANS);
    struct buffer shown = {0};
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += spans[i].size;
    if (record->number <= size && capture_hash(spans, count, record->number) == record->hash) {
        rerun->writes++;
        rerun->bytes += record->number;
        link_written(link->link, (size_t)record->number, record->now_ms);
        return;
    }
    for (size_t i = 0; i < count && shown.size < record->number; i++)
        buffer_append(&shown, spans[i]);
    struct buffer line = {0};

    record_line_bytes(buffer_span(&shown), &line);
    rerun_stop(rerun, RERUN_DIFFERS,
               "link %" PRIu64 " was written %" PRIu64
               " bytes that are not what this run has for it, "
               "%zu bytes: %.*s",
               record->link, record->number, size, SPAN_PRINT(buffer_span(&line)));
    buffer_finish(&line);
    buffer_finish(&shown);
}

void rerun_on_link(struct rerun *rerun, const struct capture_record *record)
{
    struct rerun_link *link = find_link(rerun, record->link);

    if (link == NULL)
        return;
    switch ((enum capture_kind)record->kind) {
    case CAPTURE_RECEIVE:
        link_receive(link->link, record->text, record->now_ms);
        break;
    case CAPTURE_OVERSIZED:
        link_receive_oversized(link->link, record->text, record->number, record->now_ms);
        break;
    case CAPTURE_HEARD:
        link_heard(link->link, record->now_ms);
        break;
    case CAPTURE_BREAK:
        break_link(link, record);
        break;
    case CAPTURE_DISCONNECT:
        disconnect(rerun, link);
        break;
    case CAPTURE_WRITTEN:
        compare_written(rerun, link, record);
        break;
    default:
        must(false);
    }
}

void rerun_free_links(struct rerun *rerun)
{
    struct rerun_link *link;
    struct rerun_link *next;

    HASH_ITER (hh, rerun->links, link, next) {
        HASH_DEL(rerun->links, link);
        memory_free(link);
    }
}
