#include "tests/store/model.h"

#include <string.h>

#include <check.h>

#include "base/prng.h"
#include "tests/store/requests.h"

enum { NAMES = 3, ENTRIES_MAX = 4, ROWS_MAX = 2 };

/* In key order, which is that of a batch. */
static const char *const names[NAMES] = {"a/1", "a/2", "b/1"};

static const char *const texts[] = {"[\"x\"]", "[3,\"y\"]", "", "{\"type\":\"text\"}"};

struct model {
    struct backend *backends[2];
    struct prng prng;
    uint64_t seed;
    struct document_row rows[NAMES]; /* as both last told; epoch 0 = none yet */
};

/* The content of a batch's part, so that both back ends can be given the same one. */
struct part {
    struct entry entries[ENTRIES_MAX];
    struct session_row rows[ROWS_MAX];
    struct spent spent[ROWS_MAX][2];
    struct snapshot snapshot;
    struct version version;
};

static uint64_t below(struct model *model, uint64_t limit)
{
    return prng_below(&model->prng, limit);
}

static struct span any_text(struct model *model)
{
    return span_of_string(texts[below(model, sizeof(texts) / sizeof(texts[0]))]);
}

/* ---- Equal answers ---- */

bool model_entry_equal(const struct entry *entry, const struct entry *expected)
{
    bool numbers = entry->seq == expected->seq && entry->epoch == expected->epoch &&
                   entry->serial == expected->serial && entry->base == expected->base &&
                   entry->time_ms == expected->time_ms && entry->kind == expected->kind &&
                   entry->rule == expected->rule;
    bool session = memcmp(&entry->session, &expected->session, sizeof(entry->session)) == 0;
    bool present =
        span_present(entry->user) && span_present(entry->arrived) && span_present(entry->sequenced);
    bool spans = span_equal(entry->user, expected->user) &&
                 span_equal(entry->arrived, expected->arrived) &&
                 span_equal(entry->sequenced, expected->sequenced);
    bool shared = !entry_is_as_it_arrived(expected) || entry->sequenced.data == entry->arrived.data;

    return numbers && session && present && spans && shared;
}

static bool entries_equal(const struct entry *a, const struct entry *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!model_entry_equal(&a[i], &b[i]))
            return false;
    }
    return true;
}

static bool document_row_equal(const struct document_row *a, const struct document_row *b)
{
    return a->epoch == b->epoch && a->head == b->head && a->folded == b->folded &&
           strcmp(a->owner, b->owner) == 0;
}

static bool snapshot_equal(const struct snapshot *a, const struct snapshot *b)
{
    return a->seq == b->seq && a->epoch == b->epoch && a->time_ms == b->time_ms &&
           a->created == b->created && a->created == b->created && span_equal(a->type, b->type) &&
           span_equal(a->content, b->content);
}

static bool session_row_equal(const struct session_row *a, const struct session_row *b)
{
    if (memcmp(&a->session, &b->session, sizeof(a->session)) != 0 || a->serial != b->serial ||
        a->seq != b->seq || a->floor != b->floor || a->spent_count != b->spent_count)
        return false;
    for (size_t i = 0; i < a->spent_count; i++) {
        if (a->spent[i].serial != b->spent[i].serial || a->spent[i].code != b->spent[i].code)
            return false;
    }
    return true;
}

#define SAME(condition)                                                                            \
    ck_assert_msg(condition, "seed %llu: %s", (unsigned long long)model->seed, #condition)

/* ---- Steps ---- */

static void claim(struct model *model, size_t which)
{
    uint64_t seen = below(model, 4) == 0 ? below(model, 3000) : model->rows[which].epoch;

    if (below(model, 4) == 0)
        seen = UINT64_MAX;
    struct store_claim a = request_claim(model->backends[0], names[which], seen);
    struct store_claim b = request_claim(model->backends[1], names[which], seen);
    SAME(a.request.status == b.request.status);
    SAME(document_row_equal(&a.row, &b.row));
    model->rows[which] = a.row;
}

static void load(struct model *model, size_t which)
{
    uint64_t seq_max = below(model, 3) == 0 ? UINT64_MAX : below(model, 40);
    uint64_t time_ms_max = below(model, 2) == 0 ? UINT64_MAX : 4990 + below(model, 60);
    struct store_load a = request_load_at(model->backends[0], names[which], seq_max, time_ms_max);
    struct store_load b = request_load_at(model->backends[1], names[which], seq_max, time_ms_max);

    SAME(a.request.status == b.request.status);
    if (a.request.status != STATUS_OK)
        return;
    SAME(document_row_equal(&a.row, &b.row));
    SAME(snapshot_equal(&a.snapshot, &b.snapshot));
    SAME(a.count == b.count && entries_equal(a.entries, b.entries, a.count));
    store_arena_destroy(a.arena);
    store_arena_destroy(b.arena);
}

static void since(struct model *model, size_t which)
{
    uint64_t from = below(model, 40);
    uint64_t to = below(model, 40);
    struct store_since a = request_since(model->backends[0], names[which], from, to);
    struct store_since b = request_since(model->backends[1], names[which], from, to);

    SAME(a.request.status == b.request.status);
    if (a.request.status != STATUS_OK)
        return;
    SAME(document_row_equal(&a.row, &b.row));
    SAME(a.count == b.count && entries_equal(a.entries, b.entries, a.count));
    store_arena_destroy(a.arena);
    store_arena_destroy(b.arena);
}

static bool version_equal(const struct version *a, const struct version *b)
{
    return span_equal(a->name, b->name) && a->seq == b->seq && a->time_ms == b->time_ms &&
           span_equal(a->user, b->user);
}

static void versions(struct model *model, size_t which)
{
    struct store_versions a = request_versions(model->backends[0], names[which]);
    struct store_versions b = request_versions(model->backends[1], names[which]);

    SAME(a.request.status == b.request.status);
    if (a.request.status != STATUS_OK)
        return;
    SAME(a.count == b.count);
    for (size_t i = 0; i < a.count; i++)
        SAME(version_equal(&a.versions[i], &b.versions[i]));
    store_arena_destroy(a.arena);
    store_arena_destroy(b.arena);
}

static void session(struct model *model, size_t which)
{
    uint8_t key = (uint8_t)below(model, 4);
    struct store_session a = request_session(model->backends[0], names[which], key);
    struct store_session b = request_session(model->backends[1], names[which], key);

    SAME(a.request.status == b.request.status);
    if (a.request.status != STATUS_OK)
        return;
    SAME(session_row_equal(&a.row, &b.row));
    store_arena_destroy(a.arena);
    store_arena_destroy(b.arena);
}

/* ---- Batches ---- */

static void fill_rows(struct model *model, struct part *part, struct batch_document *document)
{
    document->rows = part->rows;
    document->row_count = below(model, ROWS_MAX + 1);
    for (size_t i = 0; i < document->row_count; i++) {
        size_t spent_count = below(model, 3);

        for (size_t at = 0; at < spent_count; at++)
            part->spent[i][at] = (struct spent){below(model, 50), (int)below(model, 500)};
        part->rows[i] = (struct session_row){
            .session = session_key_of((uint8_t)below(model, 4)),
            .serial = below(model, 50),
            .seq = below(model, document->head + document->count + 1),
            .floor = below(model, 50),
            .spent = part->spent[i],
            .spent_count = spent_count,
        };
    }
}

static void fill_part(struct model *model, size_t which, struct part *part,
                      struct batch_document *document)
{
    const struct document_row *row = &model->rows[which];

    *document = (struct batch_document){
        .name = span_of_string(names[which]),
        .epoch = row->epoch + (below(model, 8) == 0 || row->epoch == 0),
        .head = row->head + (below(model, 8) == 0),
        .entries = part->entries,
        .count = below(model, ENTRIES_MAX + 1),
        .release = below(model, 16) == 0,
    };
    for (size_t i = 0; i < document->count; i++) {
        struct entry *entry = &part->entries[i];

        *entry = edit_of(document->head + 1 + i, document->epoch, "");
        entry->time_ms = 5000 + entry->seq / 2;
        entry->session = session_key_of((uint8_t)below(model, 4));
        entry->kind = (uint8_t)below(model, 3);
        entry->rule = (uint8_t)below(model, 2);
        entry->arrived = any_text(model);
        entry->sequenced = any_text(model);
    }
    fill_rows(model, part, document);
    if (below(model, 4) == 0 && document->head + document->count > 0) {
        part->snapshot = (struct snapshot){
            .seq = 1 + below(model, document->head + document->count),
            .epoch = document->epoch,
            .time_ms = 4990 + below(model, 60),
            .type = any_text(model),
            .content = any_text(model),
        };
        part->snapshot.created = below(model, part->snapshot.seq + 1);
        document->snapshot = &part->snapshot;
    }
    if (below(model, 4) == 0) {
        part->version = (struct version){
            .name = span_of_string(names[below(model, NAMES)]),
            .seq = below(model, document->head + document->count + 1),
            .time_ms = below(model, 9000),
            .user = any_text(model),
        };
        document->versions = &part->version;
        document->version_count = 1;
    }
    if (below(model, 8) == 0)
        document->fold = below(model, document->head + document->count + 1);
}

static void commit(struct model *model)
{
    enum status statuses[2];
    struct part parts[NAMES];
    struct batch_document a[NAMES];
    struct batch_document b[NAMES];
    size_t places[NAMES];
    size_t count = 0;

    for (size_t which = 0; which < NAMES; which++) {
        if (below(model, 2) == 0)
            continue;
        fill_part(model, which, &parts[count], &a[count]);
        b[count] = a[count];
        places[count++] = which;
    }
    statuses[0] = request_commit(model->backends[0], a, count);
    statuses[1] = request_commit(model->backends[1], b, count);
    SAME(statuses[0] == statuses[1]);
    for (size_t i = 0; i < count; i++) {
        SAME(a[i].outcome == b[i].outcome);
        if (a[i].outcome == STATUS_OK)
            model->rows[places[i]].head += a[i].count;
    }
}

void model_compare(struct backend *a, struct backend *b, uint64_t seed, size_t steps)
{
    static void (*const reads[])(struct model *, size_t) = {claim, load, since, session, versions};
    struct model model = {.backends = {a, b}, .seed = seed};

    prng_init(&model.prng, seed);
    for (size_t step = 0; step < steps; step++) {
        size_t what = below(&model, 10);

        if (what < sizeof(reads) / sizeof(reads[0]))
            reads[what](&model, below(&model, NAMES));
        else
            commit(&model);
    }
    for (size_t which = 0; which < NAMES; which++) {
        load(&model, which);
        since(&model, which);
        session(&model, which);
        versions(&model, which);
    }
}
