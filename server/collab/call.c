#include "server/collab/call.h"

#include "base/json_object.h"
#include "base/must.h"
#include "protocol/api.h"
#include "protocol/native.h"
#include "server/collab/hub_state.h"
#include "server/collab/naming.h"
#include "server/collab/past.h"
#include "server/collab/reading.h"
#include "server/collab/session.h"
#include "server/collab/submission.h"

struct call {
    struct asker asker;
    struct submitter submitter;
    struct namer namer;
    struct caller *caller;
    struct hub *hub;
    uint64_t number;            /* calls count from 1 */
    struct reading *reading;    /* NULL when nothing is being read */
    struct naming *naming;      /* NULL when nothing is being named */
    struct document *document;  /* it has the submission; NULL when nothing was submitted */
    struct session_key session; /* of a call that writes */
    struct buffer user;
};

static void destroy(struct call *call)
{
    buffer_finish(&call->user);
    memory_free(call);
}

/* Tell the caller and be gone. */
static void answer(struct call *call, const struct call_answer *answer)
{
    struct caller *caller = call->caller;

    capture_answer(call->hub->config.capture, call->number, answer);
    destroy(call);
    caller->answered(caller, answer);
}

/* ---- Reading ---- */

static void write_document(struct buffer *out, const struct past *past)
{
    const struct api_document document = {
        .name = past->name,
        .type = span_of_string(past->type->name),
        .seq = past->seq,
        .epoch = past->epoch,
        .time_ms = past->time_ms,
        .data = past->content,
    };

    if (past->blame == NULL) {
        api_write_document(out, &document);
        return;
    }
    api_blame_begin(out, &document);
    past_write_runs(past, out);
    api_blame_end(out);
}

static void write_history(struct buffer *out, const struct past *past)
{
    api_history_begin(out, past->name);
    past_write_entries(past, out);
    api_history_end(out, past->next);
}

static void write_version(struct buffer *out, const struct version *version)
{
    api_write_version(out, &(struct api_version){.version = version->name,
                                                 .seq = version->seq,
                                                 .time_ms = version->time_ms,
                                                 .user = version->user});
}

static void write_versions(struct buffer *out, const struct past *past)
{
    api_versions_begin(out, past->name);
    for (size_t i = 0; i < past->version_count; i++) {
        json_object_array_next(out);
        write_version(out, &past->versions[i]);
    }
    api_versions_end(out);
}

static void past_read(struct asker *asker, const struct past *past)
{
    struct call *call = container_of(asker, struct call, asker);
    struct call_answer said = {.status = past->status, .seq = past->seq, .epoch = past->epoch};
    struct buffer json = {0};

    if (past->status == STATUS_OK && past->is_log)
        write_history(&json, past);
    else if (past->status == STATUS_OK && past->is_versions)
        write_versions(&json, past);
    else if (past->status == STATUS_OK && past->type != NULL)
        write_document(&json, past);
    else if (past->status == STATUS_OK)
        said.status = past->seq > 0 ? STATUS_DELETED : STATUS_NOT_CREATED;
    said.json = buffer_span(&json);
    answer(call, &said);
    buffer_finish(&json);
}

static void past_to_restore(struct asker *asker, const struct past *past);

static void read_past(struct call *call, const struct api_request *request)
{
    const struct reading_query query = {
        .name = request->name,
        .kind = request->action == API_HISTORY    ? READING_LOG
                : request->action == API_VERSIONS ? READING_VERSIONS
                : request->action == API_BLAME    ? READING_BLAME
                                                  : READING_STATE,
        .version = request->version,
        .seq = request->seq,
        .time_ms = request->time_ms,
        .from = request->from,
        .to = request->to,
    };

    call->asker.answered = request->action == API_RESTORE ? past_to_restore : past_read;
    call->reading = reading_create(call->hub, &query, &call->asker);
}

/* ---- Writing ---- */

/* A repeat has the same answer: the number that the first copy got, or why it was refused. */
static void told(struct submitter *submitter, const struct outcome *outcome)
{
    struct call *call = container_of(submitter, struct call, submitter);
    struct call_answer said = {.status = outcome->status, .why = outcome->why};
    struct buffer json = {0};

    if (outcome->status == STATUS_OK || outcome->status == STATUS_REPEATED) {
        struct who who = who_of(&call->session);

        said.status = STATUS_OK;
        api_write_receipt(&json, document_name(call->document), outcome->seq,
                          span_of(who.text, WHO_SIZE));
        said.json = buffer_span(&json);
    }
    answer(call, &said);
    buffer_finish(&json);
}

static void submit(struct call *call, struct span name, struct submission *submission)
{
    call->submitter.told = told;
    call->document = document_get(call->hub, name);
    submission->submitter = &call->submitter;
    submission->session = call->session;
    submission->serial = 1;
    submission->user = buffer_span(&call->user);
    document_take_in(call->document, submission_create(submission));
}

static void submit_edit(struct call *call, const struct api_request *request)
{
    struct submission submission = {
        .kind = ENTRY_EDIT,
        .base = request->base,
        .at_head = request->at_head,
        .operation = request->operation,
        .creates = request->create,
        .type = span_present(request->type) ? type_find(request->type) : NULL,
    };

    if (span_present(request->type) && submission.type == NULL)
        submission.refusal = STATUS_TYPE_UNKNOWN;
    submit(call, request->name, &submission);
}

static void submit_creation(struct call *call, const struct api_request *request)
{
    const struct type *type = type_find(request->type);
    struct submission submission = {.kind = ENTRY_CREATE, .at_head = true};
    struct buffer creation = {0};

    if (type == NULL)
        submission.refusal = STATUS_TYPE_UNKNOWN;
    else
        state_write_creation(&creation, type, request->data);
    submission.operation = buffer_span(&creation);
    submit(call, request->name, &submission);
    buffer_finish(&creation);
}

static void submit_deletion(struct call *call, const struct api_request *request)
{
    struct submission submission = {.kind = ENTRY_DELETE, .at_head = true};

    submit(call, request->name, &submission);
}

/* What it was has been read: it becomes that again, by a new operation. */
static void past_to_restore(struct asker *asker, const struct past *past)
{
    struct call *call = container_of(asker, struct call, asker);
    struct submission submission = {.kind = ENTRY_EDIT,
                                    .at_head = true,
                                    .restores = true,
                                    .type = past->type,
                                    .operation = past->content};

    call->reading = NULL;
    if (past->status != STATUS_OK)
        answer(call, &(struct call_answer){.status = past->status});
    else if (past->type == NULL) /* there was none to go back to */
        answer(call, &(struct call_answer){.status = STATUS_NOT_CREATED});
    else
        submit(call, past->name, &submission);
}

/* ---- Naming ---- */

static void named(struct namer *namer, enum status status, const struct version *version)
{
    struct call *call = container_of(namer, struct call, namer);
    struct buffer json = {0};

    call->naming = NULL;
    write_version(&json, version);
    answer(call, &(struct call_answer){.status = status, .json = buffer_span(&json)});
    buffer_finish(&json);
}

static void name_version(struct call *call, const struct api_request *request)
{
    const struct version version = {
        .name = request->version, .seq = request->seq, .user = buffer_span(&call->user)};

    call->namer.named = named;
    call->naming = naming_create(call->hub, request->name, &version, &call->namer);
}

/* ---- Coming and going ---- */

struct call *call_create(struct hub *hub, const struct api_request *request, struct span user,
                         struct caller *caller, uint64_t now_ms)
{
    struct call *call = memory_zeroed(1, sizeof(*call));

    call->number = ++hub->called;
    hub_enter(hub, now_ms,
              (struct capture_record){.kind = CAPTURE_CALL, .text = user, .request = *request});
    call->hub = hub;
    call->caller = caller;
    buffer_append(&call->user, user);
    if (span_present(request->key))
        call->session = session_of_request(hub->config.secret, user, request->key);
    switch (request->action) {
    case API_READ:
    case API_HISTORY:
    case API_VERSIONS:
    case API_BLAME:
    case API_RESTORE:
        read_past(call, request);
        break;
    case API_NAME:
        name_version(call, request);
        break;
    case API_EVENTS: /* those are followed, not called for */
        must(false);
        break;
    case API_SUBMIT:
        submit_edit(call, request);
        break;
    case API_CREATE:
        submit_creation(call, request);
        break;
    case API_DELETE:
        submit_deletion(call, request);
        break;
    }
    return call;
}

void call_forget(struct call *call)
{
    hub_enter(call->hub, call->hub->now_ms,
              (struct capture_record){.kind = CAPTURE_FORGET, .number = call->number});
    if (call->reading != NULL)
        reading_forget(call->reading);
    if (call->naming != NULL)
        naming_forget(call->naming);
    if (call->document != NULL) {
        submission_forget(call->document->inbox, &call->submitter);
        submission_forget(call->document->decided, &call->submitter);
    }
    destroy(call);
}
