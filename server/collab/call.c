#include "server/collab/call.h"

#include "base/must.h"
#include "protocol/api.h"
#include "protocol/native.h"
#include "server/collab/hub_state.h"
#include "server/collab/past.h"
#include "server/collab/reading.h"

struct call {
    struct asker asker;
    struct caller *caller; /* NULL when it is gone */
    struct hub *hub;
    struct reading *reading; /* NULL when nothing is being read */
};

/* Tell the caller and be gone. */
static void answer(struct call *call, const struct call_answer *answer)
{
    struct caller *caller = call->caller;

    memory_free(call);
    if (caller != NULL)
        caller->answered(caller, answer);
}

/* ---- Reading ---- */

static void write_document(struct buffer *out, const struct past *past)
{
    api_write_document(out, &(struct api_document){
                                .name = past->name,
                                .type = span_of_string(past->type->name),
                                .seq = past->seq,
                                .epoch = past->epoch,
                                .time_ms = past->time_ms,
                                .data = past->content,
                            });
}

static void write_history(struct buffer *out, const struct past *past)
{
    api_history_begin(out, past->name);
    past_write_entries(past, out);
    api_history_end(out, past->next);
}

static void past_read(struct asker *asker, const struct past *past)
{
    struct call *call = container_of(asker, struct call, asker);
    struct call_answer said = {.status = past->status, .seq = past->seq, .epoch = past->epoch};
    struct buffer json = {0};

    if (past->status == STATUS_OK && past->is_log)
        write_history(&json, past);
    else if (past->status == STATUS_OK && past->type != NULL)
        write_document(&json, past);
    else if (past->status == STATUS_OK)
        said.status = past->seq > 0 ? STATUS_DELETED : STATUS_NOT_CREATED;
    said.json = buffer_span(&json);
    answer(call, &said);
    buffer_finish(&json);
}

static void read_past(struct call *call, const struct api_request *request)
{
    const struct reading_query query = {
        .name = request->name,
        .log = request->action == API_HISTORY,
        .seq = request->seq,
        .time_ms = request->time_ms,
        .from = request->from,
        .to = request->to,
    };

    call->asker.answered = past_read;
    call->reading = reading_create(call->hub, &query, &call->asker);
}

/* ---- Coming and going ---- */

struct call *call_create(struct hub *hub, const struct api_request *request, struct span user,
                         struct caller *caller, uint64_t now_ms)
{
    struct call *call = memory_zeroed(1, sizeof(*call));

    (void)user;
    hub->now_ms = now_ms;
    call->hub = hub;
    call->caller = caller;
    switch (request->action) {
    case API_READ:
    case API_HISTORY:
        read_past(call, request);
        break;
    case API_CREATE:
    case API_DELETE:
    case API_SUBMIT:
        break;
    }
    return call;
}

void call_forget(struct call *call)
{
    call->caller = NULL;
    if (call->reading != NULL) {
        reading_forget(call->reading);
        memory_free(call);
    }
}
