#include "tests/sim/sim_editor.h"

#include "base/memory.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_edits.h"

enum { PAUSE_MS = 30, TEXT_MAX = 128 };

static const struct sim *sim_of(const struct sim_editor *editor)
{
    return editor->client->sim;
}

_Noreturn static void wrong(const struct sim_editor *editor, uint64_t seq, const char *what)
{
    sim_fail(sim_of(editor), "%s in %s at %llu, operation %llu: %s", editor->client->name,
             editor->log->name, (unsigned long long)peer_seq(editor->peer), (unsigned long long)seq,
             what);
}

static void expect_ok(const struct sim_editor *editor, uint64_t seq, enum status status,
                      const struct fault *fault)
{
    if (status != STATUS_OK)
        wrong(editor, seq, fault->text[0] != '\0' ? fault->text : status_text(status));
}

static void pause_over(struct sim_timer *timer);

void sim_editor_init(struct sim_editor *editor, struct sim_client *client, struct sim_log *log)
{
    *editor = (struct sim_editor){.client = client, .log = log, .pause.fire = pause_over};
    editor->peer = peer_create(log->type);
    sim_presence_init(editor);
}

void sim_editor_finish(struct sim_editor *editor)
{
    sim_timer_stop(&editor->client->sim->clock, &editor->pause);
    sim_presence_finish(editor);
    peer_destroy(editor->peer);
    editor->peer = NULL;
}

/* ---- What it says ---- */

void sim_editor_open(struct sim_editor *editor)
{
    struct peer_resume resume = peer_resume(editor->peer);
    struct message_open open = {
        .name = span_of_string(editor->log->name),
        .type = span_of_string(editor->log->type->name),
        .create = true,
        .data = buffer_span(&editor->log->start),
        .from = resume.from,
        .epoch = resume.epoch,
        .pending = resume.pending,
        .diverged = resume.diverged,
    };
    struct buffer out = {0};

    peer_set_who(editor->peer, span_of(editor->client->who.text, WHO_SIZE));
    native_open(&out, &open);
    sim_client_say(editor->client, &out);
    buffer_finish(&out);
}

/* An edit keeps its name while it is in flight, however often and in whatever form it is sent. */
static void note_form(struct sim_editor *editor, uint64_t serial, uint64_t base,
                      struct span operation)
{
    struct sim_form form = {
        .who = editor->client->who,
        .edit = editor->edit,
        .serial = serial,
        .base = base,
    };

    sim_log_sent(editor->log, &form, operation);
}

/* Make of it what no node takes: most can be read as messages, each third is not even kept. */
static void spoil(struct buffer *operation, uint64_t serial)
{
    buffer_clear(operation);
    if (serial % 3 != 0) {
        buffer_append_text(operation, "{\"no\":\"operation\"}");
        return;
    }
    memset(buffer_reserve(operation, SIM_MESSAGE_BYTES), '0', SIM_MESSAGE_BYTES);
    buffer_grow(operation, SIM_MESSAGE_BYTES);
}

static void send(struct sim_editor *editor)
{
    struct sim *sim = editor->client->sim;
    struct buffer operation = {0};
    struct buffer out = {0};
    uint64_t serial = 0;
    uint64_t base = 0;
    bool fresh = !peer_in_flight(editor->peer, &serial);

    if (editor->channel == 0 || (fresh && editor->client->renews) || editor->pause.place != 0 ||
        !peer_next(editor->peer, &serial, &base, &operation)) {
        buffer_finish(&operation);
        return;
    }
    if (fresh)
        editor->edit = ++sim->edits;
    sim_stray_sends(editor, fresh);
    sim_tally(fresh ? SIM_TALLY_SENT : SIM_TALLY_SENT_AGAIN);
    note_form(editor, serial, base, buffer_span(&operation));
    if (sim_strikes(sim, SIM_SPOIL, &editor->client->prng, 8))
        spoil(&operation, serial);
    native_edit(&out, editor->channel, serial, base, buffer_span(&operation));
    sim_client_say(editor->client, &out);
    buffer_finish(&operation);
    buffer_finish(&out);
}

static void pause_over(struct sim_timer *timer)
{
    struct sim_editor *editor = container_of(timer, struct sim_editor, pause);

    if (editor->channel != 0)
        send(editor);
    else if (editor->client->welcomed)
        sim_editor_open(editor);
}

static void pause_for(struct sim_editor *editor, uint64_t ms)
{
    sim_timer_set(&editor->client->sim->clock, &editor->pause, ms > 0 ? ms : PAUSE_MS);
}

static void forget_channel(struct sim_editor *editor)
{
    editor->channel = 0;
    sim_timer_stop(&editor->client->sim->clock, &editor->pause);
    peer_disconnected(editor->peer);
}

void sim_editor_lost(struct sim_editor *editor)
{
    forget_channel(editor);
    editor->left = 0;
}

void sim_editor_open_anew(struct sim_editor *editor)
{
    struct buffer out = {0};

    sim_trace(sim_of(editor), "%s gets %s anew", editor->client->name, editor->log->name);
    native_close(&out, editor->channel);
    sim_client_say(editor->client, &out);
    buffer_finish(&out);
    editor->left = editor->channel;
    peer_diverged(editor->peer);
    forget_channel(editor);
    sim_editor_open(editor);
}

bool sim_editor_type(struct sim_editor *editor, struct prng *prng)
{
    const struct content *view = peer_view(editor->peer);
    struct fault fault = {0};

    if (view == NULL)
        return false;
    if (!sim_stray_may_type(editor))
        return false;
    /* Earlier edits may have become too large together: the person is told at once. */
    if (peer_edit_take(editor->peer, sim_edits_make(prng, view), &fault) == STATUS_OK)
        send(editor);
    return true;
}

/* ---- What it hears ---- */

/* The edit in flight has met its fate, or is another one from now on. */
static void fated(struct sim_editor *editor)
{
    editor->edit = 0;
    sim_client_fated(editor->client);
}

/* The session is not ours any more: what was in flight waits for another. */
static void renew(struct sim_editor *editor)
{
    fated(editor);
    sim_client_renew(editor->client);
}

/* Whoever came for this deletes the document, once. */
static void may_delete(struct sim_editor *editor)
{
    struct sim_client *client = editor->client;
    uint64_t base = peer_seq(editor->peer);
    struct buffer out = {0};

    if (client->deletes == 0 || editor != &client->editors[client->deletes - 1])
        return;
    client->deletes = SIM_DOCUMENTS_MAX + 1;
    editor->edit = ++client->sim->edits;
    note_form(editor, 1, base, SPAN_NONE);
    native_delete(&out, editor->channel, 1, base);
    sim_client_say(client, &out);
    buffer_finish(&out);
}

static void expect_answer(const struct sim_editor *editor, const struct native_event *event)
{
    const struct sim_landed *landed = sim_log_at(editor->log, event->seq);

    if (span_equal(event->reload, SPAN("restored")) && editor->log->set_backs == 0)
        wrong(editor, event->seq, "nobody has restored the store");
    if (span_present(event->data) && !span_equal(event->data, landed->content))
        wrong(editor, event->seq, "the snapshot is another document");
    if (event->epoch != landed->entry.epoch)
        wrong(editor, event->seq, "the answer has another epoch");
}

static void count_answer(const struct sim_editor *editor, const struct native_event *event)
{
    if (peer_confirmed(editor->peer) != NULL)
        sim_tally(span_present(event->data) ? SIM_TALLY_RELOADED : SIM_TALLY_CAUGHT_UP);
    if (span_equal(event->reload, SPAN("restored")))
        sim_tally(SIM_TALLY_TOLD_RESTORED);
}

/* What the answer has made of the edit that was in flight with this serial. */
static void judge_in_flight(struct sim_editor *editor, const struct native_event *event,
                            uint64_t before)
{
    bool deleted = span_equal(event->reload, SPAN("deleted"));
    uint64_t after = 0;

    if (peer_dropped(editor->peer) > 0)
        sim_tally(SIM_TALLY_DROPPED);
    if (peer_needs_session(editor->peer)) {
        if (editor->log->set_backs == 0 && !deleted && editor->client->deletes == 0 &&
            !editor->client->renews)
            wrong(editor, event->seq, "it needs a new session");
        renew(editor);
    } else if (before != 0 && !peer_in_flight(editor->peer, &after)) {
        if (before > event->serial && !deleted)
            wrong(editor, event->seq, "an edit in flight was dropped");
        fated(editor);
    }
}

static void hear_opened(struct sim_editor *editor, const struct native_event *event)
{
    struct peer_opened opened = {
        .type = type_find(event->type),
        .snapshot = event->data,
        .seq = event->seq,
        .serial = event->serial,
        .epoch = event->epoch,
        .check_every = event->check_every,
        .reload = event->reload,
    };
    struct fault fault = {0};
    uint64_t before = 0;

    if (!peer_in_flight(editor->peer, &before))
        before = 0;
    expect_answer(editor, event);
    count_answer(editor, event);
    editor->channel = event->channel;
    editor->left = 0;
    if (span_present(event->data))
        editor->stray.is_astray = false;
    expect_ok(editor, event->seq, peer_opened(editor->peer, &opened, &fault), &fault);
    sim_presence_opened(editor);
    judge_in_flight(editor, event, before);
    may_delete(editor);
}

/* The edit in flight is acknowledged as that entry. */
static void acknowledge(struct sim_editor *editor, const struct sim_landed *landed)
{
    if (landed->edit == 0 || landed->edit != editor->edit)
        wrong(editor, landed->entry.seq, "it was acknowledged as another edit");
    fated(editor);
}

/* Its confirmed state has to be that of the durable entries, unless it was led astray: then it may
 * not even be able to follow, which it notices by itself. What is pending may become too large when
 * it is moved. */
static void followed(struct sim_editor *editor, enum status status, const struct fault *fault)
{
    if (status == STATUS_TOO_LARGE) {
        sim_editor_open_anew(editor);
    } else if (!editor->stray.is_astray) {
        expect_ok(editor, peer_seq(editor->peer) + 1, status, fault);
        sim_log_expect(editor->log, peer_seq(editor->peer), peer_confirmed(editor->peer),
                       editor->client->name);
    } else if (status != STATUS_OK) {
        sim_editor_open_anew(editor);
    } else {
        sim_stray_look(editor);
    }
}

static void tell_check(struct sim_editor *editor)
{
    struct buffer out = {0};
    uint64_t seq;
    uint64_t hash;

    if (!peer_check(editor->peer, &seq, &hash))
        return;
    sim_stray_tells(editor, seq);
    native_check(&out, editor->channel, seq, hash);
    sim_client_say(editor->client, &out);
    buffer_finish(&out);
}

static void hear_operation(struct sim_editor *editor, uint64_t seq, struct span who,
                           struct span operation)
{
    const struct sim_landed *landed = sim_log_at(editor->log, seq);
    struct who author = who_of(&landed->entry.session);
    enum peer_event meaning = PEER_SKIPPED;
    struct fault fault = {0};

    if (!span_equal(operation, landed->entry.sequenced))
        wrong(editor, seq, "it has other bytes than the durable one");
    if (!span_equal(who, span_of(author.text, WHO_SIZE)))
        wrong(editor, seq, "it has another author than the durable one");
    enum status status = sim_stray_strikes(editor, seq, who)
                             ? sim_stray_take(editor, seq, who, &fault)
                             : peer_operation(editor->peer, seq, who, operation, &meaning, &fault);
    if (meaning == PEER_DIVERGED && !editor->stray.misled)
        wrong(editor, seq, "our own edit came back as another");
    if (meaning == PEER_DIVERGED)
        renew(editor);
    if (meaning == PEER_OWN) {
        sim_tally(SIM_TALLY_OWN);
        acknowledge(editor, landed);
    }
    tell_check(editor);
    followed(editor, status, &fault);
}

static void hear_operations(struct sim_editor *editor, const struct native_event *event)
{
    struct native_operations_walk walk;
    struct span operation;
    struct span who;
    uint64_t seq;

    native_operations_walk_init(&walk, event);
    while (editor->channel != 0 && native_operations_walk_next(&walk, &seq, &who, &operation))
        hear_operation(editor, seq, who, operation);
}

/* One operation for all up to a seq: it has to make the same document as they do. */
static void hear_composed(struct sim_editor *editor, const struct native_event *event)
{
    struct fault fault = {0};

    if (event->epoch != sim_log_at(editor->log, event->seq)->entry.epoch)
        wrong(editor, event->seq, "the range ends in another epoch");
    sim_tally(SIM_TALLY_COMPOSED);
    followed(editor, peer_composed(editor->peer, event->seq, event->data, event->epoch, &fault),
             &fault);
}

static void hear_here(struct sim_editor *editor, const struct native_event *event)
{
    sim_presence_hear(editor, event);
    if (span_present(event->who))
        peer_here(editor->peer, event->who, event->data);
    else
        peer_here_nobody(editor->peer);
}

static void hear_diverged(struct sim_editor *editor, const struct native_event *event)
{
    if (event->seq > editor->stray.told)
        wrong(editor, event->seq, "its state was right, and it was told that it was not");
    sim_tally(SIM_TALLY_TOLD_DIVERGED);
    sim_editor_open_anew(editor);
}

static void hear_made(struct sim_editor *editor, const struct native_event *event)
{
    struct fault fault = {0};

    if (sim_log_at(editor->log, event->seq)->entry.kind != ENTRY_CREATE)
        wrong(editor, event->seq, "the durable one is no creation");
    expect_ok(editor, event->seq,
              peer_made(editor->peer, event->seq, type_find(event->type), event->data, &fault),
              &fault);
}

/* Its fate is sealed: it may not become durable any more. */
static void spend(struct sim_editor *editor, uint64_t serial)
{
    sim_tally(SIM_TALLY_FOR_GOOD);
    sim_log_spend(editor->log, editor->client->who, serial);
    fated(editor);
}

static void hear_refused(struct sim_editor *editor, const struct native_event *event)
{
    enum status reason = status_of_code(event->code);
    uint64_t serial = 0;
    bool ours = peer_in_flight(editor->peer, &serial) && serial == event->serial;
    struct fault fault = {0};

    must(reason != STATUS_COUNT);
    expect_ok(editor, event->seq,
              peer_refused(editor->peer, event->serial, reason, event->seq, &fault), &fault);
    if (status_class(reason) == STATUS_RETRY) {
        sim_tally(SIM_TALLY_FOR_NOW);
        pause_for(editor, event->after_ms);
    } else if (ours && reason != STATUS_REPEATED) {
        spend(editor, event->serial);
    } else if (ours && !peer_in_flight(editor->peer, &serial)) {
        acknowledge(editor, sim_log_at(editor->log, event->seq));
    }
}

static void hear_closed(struct sim_editor *editor, const struct native_event *event)
{
    enum status reason = status_of_code(event->code);

    if (reason == STATUS_COUNT ||
        (status_class(reason) != STATUS_RETRY && reason != STATUS_DELETED))
        sim_fail(sim_of(editor), "%s: %s was closed: %d %.*s", editor->client->name,
                 editor->log->name, event->code, SPAN_PRINT(event->text));
    if (reason != STATUS_DELETED)
        sim_tally(SIM_TALLY_BEHIND);
    forget_channel(editor);
    pause_for(editor, 0);
}

/* What it would say in `open` is true, whenever the connection ends. */
static void expect_place(const struct sim_editor *editor)
{
    struct peer_resume resume = peer_resume(editor->peer);

    if (resume.from > 0 && resume.epoch != sim_log_at(editor->log, resume.from)->entry.epoch)
        wrong(editor, resume.from, "its author takes it for one of another epoch");
}

void sim_editor_hear(struct sim_editor *editor, const struct native_event *event)
{
    if (editor->left != 0 && event->channel == editor->left && event->kind != NATIVE_OPENED)
        return; /* of what it has closed */
    switch (event->kind) {
    case NATIVE_OPENED:
        hear_opened(editor, event);
        break;
    case NATIVE_OPERATIONS:
        hear_operations(editor, event);
        break;
    case NATIVE_COMPOSED:
        hear_composed(editor, event);
        break;
    case NATIVE_MADE:
        hear_made(editor, event);
        break;
    case NATIVE_EPOCH:
        peer_epoch(editor->peer, event->epoch);
        break;
    case NATIVE_REFUSED:
        hear_refused(editor, event);
        break;
    case NATIVE_CLOSED:
        hear_closed(editor, event);
        return;
    case NATIVE_HERE:
        hear_here(editor, event);
        break;
    case NATIVE_DIVERGED:
        hear_diverged(editor, event);
        return;
    default:
        break;
    }
    expect_place(editor);
    send(editor);
}

/* ---- To look at ---- */

bool sim_editor_is_settled(const struct sim_editor *editor)
{
    return editor->finished && !editor->stray.is_astray && editor->channel != 0 &&
           peer_idle(editor->peer) && peer_seq(editor->peer) == editor->log->head;
}

void sim_editor_describe(const struct sim_editor *editor, struct buffer *out)
{
    uint64_t serial = 0;
    bool in_flight = peer_in_flight(editor->peer, &serial);

    buffer_append_format(out, "\n  %s in %s: %s, at %llu of %llu", editor->client->name,
                         editor->log->name, editor->channel != 0 ? "open" : "not open",
                         (unsigned long long)peer_seq(editor->peer),
                         (unsigned long long)editor->log->head);
    if (in_flight)
        buffer_append_format(out, ", serial %llu in flight", (unsigned long long)serial);
    else if (!peer_idle(editor->peer))
        buffer_append_text(out, ", edits wait");
}
