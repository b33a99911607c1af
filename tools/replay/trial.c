#include "tools/replay/trial.h"

#include "base/memory.h"
#include "base/table.h"
#include "ot/peer.h"
#include "server/collab/rebase.h"

/* One author of the schedule. */
struct author {
    struct session_key session;
    struct who who;
    struct peer *peer;
    UT_hash_handle hh; /* by session */
};

struct run {
    struct trial *trial;
    const struct schedule *schedule;
    struct author *authors; /* none when only the server's half is wanted */
};

static struct span who_span(const struct who *who)
{
    return span_of(who->text, WHO_SIZE);
}

/* ---- The server ---- */

/* Sequence one arrival; one that is taken out, or cannot be (false), becomes an empty entry. */
static bool sequence(struct trial *trial, const struct schedule *schedule,
                     const struct arrival *arrival, const struct operation *written)
{
    const struct type *type = schedule->type;
    struct rebase rebase = {
        .history = &trial->history,
        .type = type,
        .rule = arrival->rule,
        .session = &arrival->session,
        .base = arrival->base,
        .to = trial->history.head,
    };
    struct entry entry = {.seq = trial->history.head + 1, .session = arrival->session};
    struct operation *operation = NULL;
    struct buffer json = {0};

    entry.kind = ENTRY_CREATE; /* stepped over, unless it turns out to be an edit */
    if (written != NULL) {
        type->write(written, &json);
        must(type->decode(buffer_span(&json), &operation, NULL) == STATUS_OK);
        if (rebase_run(&rebase, &operation) == STATUS_OK &&
            type->apply(trial->content, operation, NULL) == STATUS_OK) {
            buffer_clear(&json);
            type->write(operation, &json);
            entry.kind = ENTRY_EDIT;
            entry.arrived = entry.sequenced = buffer_span(&json);
        } else {
            operation_discard(operation);
            operation = NULL;
        }
    }
    history_append_take(&trial->history, record_create_take(&entry, 0, operation));
    buffer_finish(&json);
    return written == NULL || entry.kind == ENTRY_EDIT;
}

static void begin(struct trial *trial, const struct schedule *schedule)
{
    *trial = (struct trial){.content = schedule->type->copy(schedule->start)};
    history_init(&trial->history, schedule->start_seq);
}

void trial_sequence(struct trial *trial, const struct schedule *schedule)
{
    begin(trial, schedule);
    for (size_t i = 0; i < schedule->count; i++)
        sequence(trial, schedule, &schedule->arrivals[i], schedule->arrivals[i].operation);
}

void trial_finish(struct trial *trial)
{
    history_finish(&trial->history);
    content_destroy(trial->content);
    buffer_finish(&trial->found);
}

/* ---- The authors ---- */

static void differ(struct run *run, const struct author *author, struct span found)
{
    run->trial->differs = true;
    run->trial->who = author->who;
    buffer_append(&run->trial->found, found);
}

static struct author *author_of(struct run *run, const struct session_key *session)
{
    const struct schedule *schedule = run->schedule;
    struct buffer snapshot = {0};
    struct author *author = NULL;

    HASH_FIND(hh, run->authors, session, sizeof(*session), author);
    if (author != NULL)
        return author;
    author = memory_zeroed(1, sizeof(*author));
    author->session = *session;
    author->who = who_of(session);
    author->peer = peer_create(schedule->type);
    peer_set_who(author->peer, who_span(&author->who));
    schedule->type->encode(schedule->start, &snapshot);
    struct peer_opened opened = {
        .type = schedule->type, .snapshot = buffer_span(&snapshot), .seq = schedule->start_seq};
    must(peer_opened(author->peer, &opened, NULL) == STATUS_OK);
    buffer_finish(&snapshot);
    HASH_ADD(hh, run->authors, session, sizeof(author->session), author);
    return author;
}

/* Everything up to `seq` comes by. */
static void catch_up(struct run *run, struct author *author, uint64_t seq)
{
    const struct history *history = &run->trial->history;

    while (!run->trial->differs && peer_seq(author->peer) < seq) {
        const struct entry *entry = &history_at(history, peer_seq(author->peer) + 1)->entry;
        struct who who = who_of(&entry->session);
        enum peer_event event = PEER_FOREIGN;
        struct fault fault = {""};
        enum status status;

        if (entry->kind == ENTRY_EDIT)
            status = peer_operation(author->peer, entry->seq, who_span(&who), entry->sequenced,
                                    &event, &fault);
        else
            status = peer_made(author->peer, entry->seq, NULL, SPAN_NONE, &fault);
        if (status != STATUS_OK)
            differ(run, author, span_of_string(fault.text));
        else if (event == PEER_DIVERGED)
            differ(run, author, SPAN("its own operation came back as another one"));
    }
}

/* The author makes the edit on its base. False when it cannot: it is taken out. */
static bool make(struct run *run, struct author *author, const struct arrival *arrival,
                 uint64_t *serial)
{
    struct operation *operation = NULL;
    struct buffer json = {0};
    uint64_t base;

    catch_up(run, author, arrival->base);
    if (run->trial->differs || peer_seq(author->peer) != arrival->base || !peer_idle(author->peer))
        return false;
    arrival->operation->type->write(arrival->operation, &json);
    must(arrival->operation->type->decode(buffer_span(&json), &operation, NULL) == STATUS_OK);
    bool made = peer_edit_take(author->peer, operation, NULL) == STATUS_OK;

    buffer_clear(&json);
    made = made && peer_next(author->peer, serial, &base, &json);
    buffer_finish(&json);
    return made;
}

static void compare(struct run *run, const struct author *author)
{
    const struct type *type = run->schedule->type;
    struct buffer found = {0};

    if (content_equal(peer_view(author->peer), run->trial->content))
        return;
    type->encode(peer_view(author->peer), &found);
    differ(run, author, buffer_span(&found));
    buffer_finish(&found);
}

static void step(struct run *run, const struct arrival *arrival)
{
    struct author *author = author_of(run, &arrival->session);
    const struct operation *written = arrival->operation;
    uint64_t serial = 0;

    if (written != NULL && !make(run, author, arrival, &serial))
        written = NULL;
    if (!sequence(run->trial, run->schedule, arrival, written) &&
        peer_refused(author->peer, serial, STATUS_NOT_APPLICABLE, 0, NULL) != STATUS_OK)
        differ(run, author, SPAN("a refused operation could not be taken out"));
    catch_up(run, author, run->trial->history.head);
}

void trial_run(struct trial *trial, const struct schedule *schedule)
{
    struct run run = {.trial = trial, .schedule = schedule};
    struct author *author;
    struct author *next;

    begin(trial, schedule);
    for (size_t i = 0; i < schedule->count && !trial->differs; i++)
        step(&run, &schedule->arrivals[i]);
    HASH_ITER (hh, run.authors, author, next) {
        catch_up(&run, author, trial->history.head);
        if (!trial->differs)
            compare(&run, author);
        HASH_DEL(run.authors, author);
        peer_destroy(author->peer);
        memory_free(author);
    }
}
