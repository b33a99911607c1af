#include "tests/sim/sim_log.h"

#include <stdio.h>

#include "base/memory.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_edits.h"

/* Salts of sim_plan_prng(): clients and nodes have lower ones. */
enum { SALT_LOG = 1000 };

struct sim_log *sim_log_create(struct sim *sim, unsigned index)
{
    struct sim_log *log = memory_zeroed(1, sizeof(*log));
    struct prng prng = sim_plan_prng(&sim->plan, SALT_LOG + index);

    log->sim = sim;
    snprintf(log->name, sizeof(log->name), "notes/%u", index);
    log->type = sim_edits_type(&prng);
    sim_edits_start(&prng, log->type, &log->start);
    log->arena = store_arena_create();
    return log;
}

void sim_log_destroy(struct sim_log *log)
{
    if (log == NULL)
        return;
    state_finish(&log->state);
    store_arena_destroy(log->arena);
    buffer_finish(&log->start);
    buffer_finish(&log->sent);
    memory_free(log->landed);
    memory_free(log->forms);
    memory_free(log->spent);
    memory_free(log);
}

void sim_log_sent(struct sim_log *log, const struct sim_form *form, struct span operation)
{
    log->forms = memory_resize(log->forms, (log->form_count + 1) * sizeof(*log->forms));
    log->forms[log->form_count] = *form;
    log->forms[log->form_count].at = log->sent.size;
    log->forms[log->form_count++].size = operation.size;
    buffer_append(&log->sent, operation);
}

void sim_log_spend(struct sim_log *log, struct who who, uint64_t serial)
{
    if (sim_log_find(log, who, serial) != NULL)
        sim_fail(log->sim, "%s: serial %llu of %.*s was refused for good, and is durable",
                 log->name, (unsigned long long)serial, WHO_SIZE, who.text);
    log->spent = memory_resize(log->spent, (log->spent_count + 1) * sizeof(*log->spent));
    log->spent[log->spent_count++] = (struct sim_form){.who = who, .serial = serial};
}

const struct sim_landed *sim_log_at(const struct sim_log *log, uint64_t seq)
{
    if (seq == 0 || seq > log->head)
        sim_fail(log->sim, "%s: operation %llu was seen, but %llu are durable", log->name,
                 (unsigned long long)seq, (unsigned long long)log->head);
    return &log->landed[seq - 1];
}

static bool is_by(const struct sim_landed *landed, struct who who)
{
    struct who other = who_of(&landed->entry.session);

    return memcmp(&other, &who, sizeof(who)) == 0;
}

const struct sim_landed *sim_log_find(const struct sim_log *log, struct who who, uint64_t serial)
{
    for (uint64_t seq = log->head; seq > 0; seq--) {
        const struct sim_landed *landed = &log->landed[seq - 1];

        if (landed->entry.serial == serial && is_by(landed, who))
            return landed;
    }
    return NULL;
}

/* ---- A new entry ---- */

_Noreturn static void wrong(const struct sim_log *log, const struct entry *entry, const char *what)
{
    sim_fail(log->sim, "%s: entry %llu (serial %llu on %llu, epoch %llu): %s", log->name,
             (unsigned long long)entry->seq, (unsigned long long)entry->serial,
             (unsigned long long)entry->base, (unsigned long long)entry->epoch, what);
}

/* Against the entries before it. */
static void check_order(const struct sim_log *log, const struct entry *entry)
{
    struct who who = who_of(&entry->session);

    if (entry->seq != log->head + 1)
        wrong(log, entry, "a seq was left out or came twice");
    if (entry->base >= entry->seq)
        wrong(log, entry, "its base is not before it");
    if (log->head > 0 && entry->epoch < log->landed[log->head - 1].entry.epoch)
        wrong(log, entry, "the epoch falls");
    if (log->head > 0 && entry->time_ms < log->landed[log->head - 1].entry.time_ms)
        wrong(log, entry, "the time falls");
    for (uint64_t seq = log->head; seq > 0 && entry->kind != ENTRY_CREATE; seq--) {
        const struct sim_landed *before = &log->landed[seq - 1];

        if (!is_by(before, who) || before->edit == 0)
            continue;
        if (before->entry.serial == entry->serial)
            wrong(log, entry, "the serial is there already");
        if (before->entry.serial > entry->serial)
            wrong(log, entry, "the serials of its session fall");
        return;
    }
}

/* Which edit it is: one that its author has sent in this form, and that is not there yet. */
static uint64_t identify(const struct sim_log *log, const struct entry *entry)
{
    struct who who = who_of(&entry->session);
    uint64_t edit = 0;

    for (size_t i = log->form_count; i > 0 && edit == 0; i--) {
        const struct sim_form *form = &log->forms[i - 1];

        if (memcmp(&form->who, &who, sizeof(who)) == 0 && form->serial == entry->serial &&
            form->base == entry->base &&
            span_equal(span_of(log->sent.data + form->at, form->size), entry->arrived))
            edit = form->edit;
    }
    if (edit == 0)
        wrong(log, entry, "nobody has sent this");
    for (uint64_t seq = log->head; seq > 0; seq--)
        if (log->landed[seq - 1].edit == edit)
            wrong(log, entry, "this edit is there already");
    return edit;
}

static void check_unspent(const struct sim_log *log, const struct entry *entry)
{
    struct who who = who_of(&entry->session);

    for (size_t i = 0; i < log->spent_count; i++)
        if (log->spent[i].serial == entry->serial &&
            memcmp(&log->spent[i].who, &who, sizeof(who)) == 0)
            wrong(log, entry, "its author was told that it is refused for good");
}

static struct span encode(struct sim_log *log)
{
    struct buffer out = {0};

    if (log->state.type == NULL)
        return SPAN_NONE;
    log->state.type->encode(log->state.content, &out);
    struct span copy = store_arena_copy(log->arena, buffer_span(&out));
    buffer_finish(&out);
    return copy;
}

static void note_size(struct sim_log *log, size_t size)
{
    if (log->largest < size)
        log->largest = size;
}

static void take(struct sim_log *log, const struct entry *entry)
{
    struct sim_landed landed = {.entry = store_arena_copy_entry(log->arena, entry)};
    struct fault fault = {0};

    check_order(log, entry);
    if (entry->kind != ENTRY_CREATE) {
        check_unspent(log, entry);
        landed.edit = identify(log, entry);
    }
    if (state_apply(&log->state, entry, &fault) != STATUS_OK)
        wrong(log, entry, fault.text);
    landed.content = encode(log);
    note_size(log, landed.content.size);
    note_size(log, entry->sequenced.size);
    log->landed = memory_resize(log->landed, (log->head + 1) * sizeof(*log->landed));
    log->landed[log->head++] = landed;
    sim_tally(entry->kind == ENTRY_DELETE ? SIM_TALLY_DELETED : SIM_TALLY_ENTRY);
    sim_trace(log->sim, "%s: %llu is durable: %.*s", log->name, (unsigned long long)log->head,
              SPAN_PRINT(entry->sequenced));
}

void sim_log_follow(struct sim_log *log, struct backend *backend)
{
    struct store_since since = {
        .name = span_of_string(log->name),
        .from = log->head,
        .to = UINT64_MAX,
        .count_max = SIZE_MAX,
    };

    if (backend->ops->since(backend, &since) != STATUS_OK)
        sim_fail(log->sim, "%s: its log cannot be read", log->name);
    for (size_t i = 0; i < since.count; i++)
        take(log, &since.entries[i]);
    store_arena_destroy(since.arena);
}

static uint64_t stored_head(const struct sim_log *log, struct backend *backend)
{
    struct store_load load = {
        .name = span_of_string(log->name), .seq_max = UINT64_MAX, .time_ms_max = UINT64_MAX};

    if (backend->ops->load(backend, &load) != STATUS_OK)
        return 0;
    store_arena_destroy(load.arena);
    return load.row.head;
}

void sim_log_set_back(struct sim_log *log, struct backend *backend)
{
    uint64_t head = stored_head(log, backend);

    log->set_backs++;
    if (head == log->head)
        return;
    must(head < log->head);
    sim_tally(SIM_TALLY_SET_BACK);
    sim_trace(log->sim, "%s ends at %llu again, not %llu", log->name, (unsigned long long)head,
              (unsigned long long)log->head);
    log->head = head;
    state_finish(&log->state);
    for (uint64_t at = 0; at < head; at++)
        must(state_apply(&log->state, &log->landed[at].entry, NULL) == STATUS_OK);
}

/* ---- Against it ---- */

void sim_log_expect(const struct sim_log *log, uint64_t seq, const struct content *content,
                    const char *whose)
{
    struct span expected = sim_log_at(log, seq)->content;
    struct buffer out = {0};

    content->type->encode(content, &out);
    if (!span_equal(buffer_span(&out), expected))
        sim_fail(log->sim, "%s differs at %llu of %s:\n  has      %.*s\n  not      %.*s", whose,
                 (unsigned long long)seq, log->name, SPAN_PRINT(buffer_span(&out)),
                 SPAN_PRINT(expected));
    buffer_finish(&out);
}

static bool same_entry(const struct entry *a, const struct entry *b)
{
    return a->seq == b->seq && a->epoch == b->epoch && a->serial == b->serial &&
           a->base == b->base && a->time_ms == b->time_ms && a->kind == b->kind &&
           a->rule == b->rule && memcmp(&a->session, &b->session, sizeof(a->session)) == 0 &&
           span_equal(a->arrived, b->arrived) && span_equal(a->sequenced, b->sequenced);
}

/* The log from its first entry on that was not folded. */
static void check_entries(struct sim_log *log, struct backend *backend, uint64_t folded)
{
    struct store_since since = {
        .name = span_of_string(log->name),
        .from = folded,
        .to = UINT64_MAX,
        .count_max = SIZE_MAX,
    };

    must(backend->ops->since(backend, &since) == STATUS_OK);
    if (folded + since.count != log->head)
        sim_fail(log->sim, "%s: the store has %zu entries behind %llu, not %llu", log->name,
                 since.count, (unsigned long long)folded, (unsigned long long)log->head);
    for (size_t i = 0; i < since.count; i++)
        if (!same_entry(&since.entries[i], &log->landed[folded + i].entry))
            wrong(log, &since.entries[i], "it is not what it was when it landed");
    store_arena_destroy(since.arena);
}

void sim_log_check_store(struct sim_log *log, struct backend *backend)
{
    struct store_load load = {
        .name = span_of_string(log->name),
        .seq_max = UINT64_MAX,
        .time_ms_max = UINT64_MAX,
    };
    struct state state = {0};
    struct fault fault = {0};

    if (log->head == 0)
        return;
    must(backend->ops->load(backend, &load) == STATUS_OK);
    check_entries(log, backend, load.row.folded);
    enum status status = state_from_snapshot(&state, &load.snapshot, &fault);

    for (size_t i = 0; status == STATUS_OK && i < load.count; i++)
        status = state_apply(&state, &load.entries[i], &fault);
    if (status != STATUS_OK)
        sim_fail(log->sim, "%s: the store's replay: %s", log->name, fault.text);
    sim_log_expect(log, log->head, state.content, "the store's replay");
    state_finish(&state);
    store_arena_destroy(load.arena);
}
