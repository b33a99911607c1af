#include "server/collab/company.h"

#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"
#include "server/collab/hub_state.h"
#include "server/collab/peers.h"
#include "server/collab/reader.h"

struct signal {
    struct signal *prev, *next;
    struct session_key author;
    struct span event;
    uint8_t bytes[];
};

/* ---- Lists ---- */

void company_touch(struct document *document)
{
    struct company *company = &document->company;

    if (company->is_telling)
        return;
    company->is_telling = true;
    DL_APPEND2(document->hub->telling, document, company.telling_prev, company.telling_next);
}

static void untouch(struct document *document)
{
    struct company *company = &document->company;

    if (!company->is_telling)
        return;
    company->is_telling = false;
    DL_DELETE2(document->hub->telling, document, company.telling_prev, company.telling_next);
}

/* Not every dialect can tell of it. */
static bool has_words(const struct dialect *dialect)
{
    return dialect->here != NULL;
}

/* ---- What a client says ---- */

/* The number of the document, in messages, at its committed head: a deletion that is not durable
 * yet has given it another one. */
static uint64_t committed_channel(const struct document *document)
{
    if (document->history.head > document->committed)
        return history_at(&document->history, document->committed + 1)->channel;
    return document->channel;
}

/* The document that it has open is deleted. */
static bool has_ended(const struct reader *reader)
{
    return reader->link->dialect->ends_at_deletion &&
           reader->channel != committed_channel(reader->document);
}

static struct presence_track track_of(const struct document *document)
{
    return (struct presence_track){
        .history = &document->history,
        .type = document_is_live(document) ? document->now.type : NULL,
        .created = document->now.created,
        .head = document->committed,
    };
}

/* To the other nodes. */
static void pass_on(const struct document *document, const struct aside *aside)
{
    struct hub *hub = document->hub;

    if (hub->peers != NULL)
        hub->peers->ops->tell(hub->peers, document_name(document), aside, NULL);
}

/* At this node or at another. */
static void show(struct document *document, uint64_t node, const struct aside *aside)
{
    struct presence *presence = &document->company.presence;
    struct presence_track track = track_of(document);
    const struct presence_news news = {
        .session = aside->session,
        .node = node,
        .seq = aside->seq,
        .state = aside->json,
        .now_ms = document->hub->now_ms,
    };

    if (span_present(aside->json))
        presence_put(presence, &news, &track);
    else
        presence_clear(presence, &news.session, node);
    company_touch(document);
}

static void show_here(struct reader *reader, uint64_t seq, struct span state)
{
    const struct aside aside = {
        .kind = ASIDE_HERE, .session = reader->link->session, .seq = seq, .json = state};

    reader->is_shown = span_present(state);
    show(reader->document, reader->document->hub->config.start, &aside);
    pass_on(reader->document, &aside);
}

void company_here(struct reader *reader, const struct message_here *here)
{
    if (!has_ended(reader))
        show_here(reader, here->seq, here->state);
}

static struct reader *find_reader(const struct document *document, struct span who)
{
    struct reader *reader;

    DL_FOREACH (document->readers, reader)
        if (reader_is_live(reader) && has_words(reader->link->dialect) &&
            span_equal(span_of(reader->link->who.text, WHO_SIZE), who))
            return reader;
    return NULL;
}

/* To one session: a frame of its own, unless it reads too slowly. */
static void say_to(struct reader *reader, const struct aside *aside)
{
    size_t mark;

    if (link_private_size(reader->link) >= LIMIT_FRAME_BYTES)
        return;
    struct told told = {
        .name = document_name(reader->document),
        .channel = reader->channel,
        .who = who_of(&aside->session),
        .event = aside->json,
    };

    reader->link->dialect->said(&told, link_begin(reader->link, &mark));
    link_end(reader->link, mark);
}

static void say_to_all(struct document *document, const struct aside *aside)
{
    struct company *company = &document->company;
    struct span event = aside->json;

    if (company->signals_size + event.size > LIMIT_SIGNALS_BYTES)
        return;
    struct signal *signal = memory_allocate(sizeof(*signal) + event.size);

    memcpy(signal->bytes, event.data, event.size);
    signal->event = span_of(signal->bytes, event.size);
    signal->author = aside->session;
    company->signals_size += event.size;
    DL_APPEND(company->signals, signal);
    company_touch(document);
}

/* False when the one that it is for is not at this node. */
static bool signal_here(struct document *document, const struct aside *aside)
{
    struct reader *reader = NULL;

    if (!span_present(aside->to)) {
        say_to_all(document, aside);
        return false;
    }
    reader = find_reader(document, aside->to);
    if (reader != NULL)
        say_to(reader, aside);
    return reader != NULL;
}

void company_say(struct reader *reader, const struct message_say *say)
{
    const struct aside aside = {
        .kind = ASIDE_SAY, .session = reader->link->session, .json = say->event, .to = say->to};

    if (!span_present(say->to) && has_ended(reader))
        return;
    if (!signal_here(reader->document, &aside))
        pass_on(reader->document, &aside);
}

static void forget_signals(struct company *company)
{
    struct signal *signal;
    struct signal *next;

    DL_FOREACH_SAFE (company->signals, signal, next)
        memory_free(signal);
    company->signals = NULL;
    company->signals_size = 0;
}

/* ---- With peers ---- */

void company_hear(struct document *document, uint64_t node, const struct aside *aside)
{
    must(aside->kind == ASIDE_HERE || aside->kind == ASIDE_SAY);
    if (aside->kind == ASIDE_HERE)
        show(document, node, aside);
    else
        (void)!signal_here(document, aside);
}

void company_share(const struct document *document, const char *node)
{
    const struct presence_session *session = document->company.presence.sessions;
    struct hub *hub = document->hub;

    for (; session != NULL; session = session->hh.next) {
        const struct presence_value *value = presence_value_of(session, hub->config.start);
        struct buffer state = {0};

        if (value == NULL)
            continue;
        caret_write(&value->caret, &state);
        const struct aside aside = {.kind = ASIDE_HERE,
                                    .session = session->key,
                                    .seq = value->seq,
                                    .json = buffer_span(&state)};

        hub->peers->ops->tell(hub->peers, document_name(document), &aside, node);
        buffer_finish(&state);
    }
}

void company_doubt(struct document *document)
{
    presence_doubt(&document->company.presence, document->hub->config.start,
                   presence_doubtful_ms(document->hub->now_ms));
}

void company_lose(struct document *document, uint64_t node)
{
    struct presence *presence = &document->company.presence;

    presence_drop_node(presence, node);
    if (presence->changed != NULL)
        company_touch(document);
}

/* ---- What becomes of a reader ---- */

void company_join(struct reader *reader)
{
    bool nobody = reader->document->company.presence.sessions == NULL && !reader->was_told;

    if (has_words(reader->link->dialect))
        audience_join(reader, nobody);
}

void company_leave(struct reader *reader)
{
    if (reader->is_shown)
        show_here(reader, 0, SPAN_NONE);
    audience_leave(reader);
}

/* ---- What becomes of a document ---- */

/* Whoever shows itself from now on does so in another document: this one was deleted, or the store
 * was set back. */
static bool has_begun_anew(const struct document *document)
{
    const struct history *history = &document->history;
    uint64_t seq = document->company.seq + 1;

    if (document->committed < document->company.seq)
        return true;
    for (seq = seq < history->first ? history->first : seq; seq <= document->committed; seq++)
        if (history_at(history, seq)->entry.kind == ENTRY_DELETE)
            return true;
    return false;
}

static void begin_anew(struct document *document)
{
    struct reader *reader;

    presence_finish(&document->company.presence);
    forget_signals(&document->company);
    DL_FOREACH (document->readers, reader)
        reader->is_shown = false;
}

void company_advance(struct document *document)
{
    struct company *company = &document->company;
    struct presence_track track = track_of(document);

    if (has_begun_anew(document))
        begin_anew(document);
    presence_move(&company->presence, &track);
    company->seq = document->committed;
    for (size_t kind = 0; kind < DIALECT_COUNT && !mutant_is_on(MUTANT_PRESENCE_LATE); kind++)
        audience_restart(&company->audiences[kind]);
    if (company->presence.changed != NULL)
        company_touch(document);
}

void company_sweep(struct document *document)
{
    struct presence *presence = &document->company.presence;
    uint64_t now_ms = document->hub->now_ms;

    if (now_ms > LIMIT_PRESENCE_MS && !mutant_is_on(MUTANT_PRESENCE_STAYS))
        presence_expire(presence, now_ms - LIMIT_PRESENCE_MS);
    if (presence->changed != NULL)
        company_touch(document);
}

void company_finish(struct document *document)
{
    struct company *company = &document->company;

    untouch(document);
    presence_finish(&company->presence);
    forget_signals(company);
    for (size_t kind = 0; kind < DIALECT_COUNT; kind++)
        audience_finish(&company->audiences[kind]);
}

/* ---- Telling ---- */

/* What is told in one turn, in one dialect. */
struct telling {
    const struct document *document;
    const struct dialect *dialect;
    struct ephemeral *ephemeral;
};

/* A value of a seq that is not committed yet waits. */
static bool is_due(const struct document *document, const struct presence_session *session)
{
    return session->values == NULL || session->values->seq <= document->committed;
}

static bool has_changes(const struct document *document)
{
    const struct company *company = &document->company;
    const struct presence_session *session;

    if (company->signals != NULL)
        return true;
    DL_FOREACH2 (company->presence.changed, session, changed_next)
        if (is_due(document, session))
            return true;
    return false;
}

/* A frame by `author`, spelled by the dialect. */
static void tell(const struct telling *telling, const struct session_key *author,
                 void (*spell)(const struct told *told, struct buffer *out), struct told told)
{
    const struct document *document = telling->document;
    size_t mark;

    told.name = document_name(document);
    told.channel = committed_channel(document);
    told.seq = document->committed;
    told.who = who_of(author);
    spell(&told, ephemeral_begin_frame(telling->ephemeral, &mark));
    ephemeral_end_frame(telling->ephemeral, mark, author);
}

static void tell_session(const struct telling *telling, const struct presence_session *session)
{
    struct buffer state = {0};
    struct told told = {0};

    if (session->values != NULL) {
        caret_write(&session->values->caret, &state);
        told.state = buffer_span(&state);
    }
    tell(telling, &session->key, telling->dialect->here, told);
    buffer_finish(&state);
}

/* Everybody who is here and is not among the changes. */
static void tell_whole(const struct telling *telling)
{
    static const struct session_key nobody;
    const struct presence_session *session = telling->document->company.presence.sessions;

    tell(telling, &nobody, telling->dialect->nobody, (struct told){0});
    for (; session != NULL; session = session->hh.next)
        if (!session->changed)
            tell_session(telling, session);
}

static void tell_changes(const struct telling *telling)
{
    const struct company *company = &telling->document->company;
    const struct presence_session *session;
    const struct signal *signal;

    DL_FOREACH2 (company->presence.changed, session, changed_next)
        if (is_due(telling->document, session))
            tell_session(telling, session);
    DL_FOREACH (company->signals, signal)
        tell(telling, &signal->author, telling->dialect->said,
             (struct told){.event = signal->event});
}

static void tell_dialect(struct document *document, enum dialect_kind kind, bool changes)
{
    struct audience *audience = &document->company.audiences[kind];
    struct telling telling = {
        .document = document, .dialect = dialect_of(kind), .ephemeral = &audience->ephemeral};
    bool whole = audience_asks(audience);

    if (!whole && !changes)
        return;
    audience_restart(audience);
    if (whole)
        tell_whole(&telling);
    ephemeral_begin_changes(telling.ephemeral);
    tell_changes(&telling);
    audience_tell(audience);
}

/* All dialects have been told. */
static void settle(struct document *document)
{
    struct presence *presence = &document->company.presence;
    struct presence_session *session;
    struct presence_session *next;

    DL_FOREACH_SAFE2 (presence->changed, session, next, changed_next)
        if (is_due(document, session))
            presence_told(presence, session);
    forget_signals(&document->company);
}

void company_tell(struct document *document)
{
    bool changes = has_changes(document);

    untouch(document);
    for (size_t kind = 0; kind < DIALECT_COUNT; kind++)
        if (document->streams[kind].cursor_count > 0 &&
            has_words(dialect_of((enum dialect_kind)kind)))
            tell_dialect(document, (enum dialect_kind)kind, changes);
    settle(document);
}
