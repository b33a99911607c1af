/* What a power cut, a failed fsync and a full disk leave of the SQLite store.
 *
 * The first argument may be the seeds, as 1-200; without it they are as many as the quick suite has
 * time for. */
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "base/prng.h"
#include "server/store/sqlite_inner.h"
#include "server/store/survey.h"
#include "tests/runner.h"
#include "tests/store/folder.h"
#include "tests/store/powercut_vfs.h"
#include "tests/store/requests.h"

static unsigned long long first_seed = 1;
static unsigned long long last_seed = 20;

static uint64_t test_clock(void)
{
    return 1000;
}

/* ---- The folder: only its lock is on a real disk ---- */

static char folder[FOLDER_PATH_SIZE];

/* ---- Batches that can be told apart ---- */

enum { DOCUMENTS = 3, ENTRIES_MAX = 3, TEXT_MAX = 24 << 10, ROUNDS = 3 };

static const char *const names[DOCUMENTS] = {"a/1", "a/2", "b/1"};

struct crash {
    uint64_t seed;
    bool synchronous;
    struct prng prng;
    struct backend *backend;
    uint64_t epochs[DOCUMENTS];
    uint64_t heads[DOCUMENTS];     /* acknowledged */
    uint64_t attempted[DOCUMENTS]; /* with the batch that had no answer, or a bad one */
    bool may_be_there;             /* that batch: its outcome was unknown */
    const char *wrong;             /* the first broken promise */
};

static void complain(struct crash *crash, bool condition, const char *wrong)
{
    if (!condition && crash->wrong == NULL)
        crash->wrong = wrong;
}

/* Entry `seq` of a document is this, so that it can be known again. */
static struct span text_of(size_t document, uint64_t seq)
{
    static char text[TEXT_MAX];
    size_t size = 8 + (seq * 7919 + document * 104729) % 97 * (seq % 16 == 0 ? 240 : 1);

    memset(text, (int)('a' + (seq + document) % 26), size);
    return span_of(text, size);
}

static struct entry entry_of(struct store_arena *arena, size_t document, uint64_t seq,
                             uint64_t epoch)
{
    struct entry entry = edit_of(seq, epoch, "");

    entry.arrived = entry.sequenced = store_arena_copy(arena, text_of(document, seq));
    return entry;
}

/* A batch over some of the documents. The row's serial and the snapshot go with the head. */
struct batch {
    struct batch_document documents[DOCUMENTS];
    struct entry entries[DOCUMENTS][ENTRIES_MAX];
    struct session_row rows[DOCUMENTS];
    struct snapshot snapshots[DOCUMENTS];
    size_t places[DOCUMENTS];
    size_t count;
};

static void fill(struct crash *crash, struct batch *batch, size_t document,
                 struct store_arena *arena)
{
    size_t at = batch->count++;
    size_t count = 1 + prng_below(&crash->prng, ENTRIES_MAX);
    uint64_t head = crash->heads[document];

    batch->places[at] = document;
    batch->rows[at] = (struct session_row){
        .session = session_key_of(1), .serial = head + count, .seq = head + count};
    batch->snapshots[at] = (struct snapshot){
        .seq = head + count,
        .epoch = crash->epochs[document],
        .type = SPAN("text"),
        .content = store_arena_copy(arena, text_of(document, head + count)),
    };
    batch->documents[at] = (struct batch_document){
        .name = span_of_string(names[document]),
        .epoch = crash->epochs[document],
        .head = head,
        .entries = batch->entries[at],
        .count = count,
        .rows = &batch->rows[at],
        .row_count = 1,
        .snapshot = &batch->snapshots[at],
    };
    for (size_t i = 0; i < count; i++)
        batch->entries[at][i] = entry_of(arena, document, head + 1 + i, crash->epochs[document]);
    crash->attempted[document] = head + count;
}

/* Commit one; true while the disk has power. */
static bool commit_one(struct crash *crash)
{
    struct batch batch = {.count = 0};
    struct store_arena *arena = store_arena_create();

    memcpy(crash->attempted, crash->heads, sizeof(crash->heads));
    for (size_t document = 0; document < DOCUMENTS; document++) {
        if (prng_below(&crash->prng, 2) == 0)
            fill(crash, &batch, document, arena);
    }
    enum status status = request_commit(crash->backend, batch.documents, batch.count);
    enum status outcome = status != STATUS_OK ? STATUS_FAILED
                          : batch.count > 0   ? batch.documents[0].outcome
                                              : STATUS_OK;
    store_arena_destroy(arena);
    for (size_t i = 0; i < batch.count; i++)
        complain(crash, batch.documents[i].outcome == outcome, "a batch has two outcomes");
    if (outcome == STATUS_OK)
        memcpy(crash->heads, crash->attempted, sizeof(crash->heads));
    crash->may_be_there = outcome == STATUS_UNKNOWN;
    return outcome == STATUS_OK;
}

/* ---- What is there afterwards ---- */

static void check_document(struct crash *crash, size_t document, uint64_t head)
{
    struct store_since since = request_since(crash->backend, names[document], 0, UINT64_MAX);
    struct store_load load = request_load(crash->backend, names[document], UINT64_MAX);
    struct store_session session = request_session(crash->backend, names[document], 1);
    uint64_t serial = session.request.status == STATUS_OK ? session.row.serial : 0;
    uint64_t snapshot = load.request.status == STATUS_OK ? load.snapshot.seq : 0;

    complain(crash, head == 0 || since.request.status == STATUS_OK, "a history cannot be read");
    complain(crash, head == 0 || load.request.status == STATUS_OK, "a document cannot be read");
    complain(crash, since.count == head, "a history has another length than its head");
    complain(crash, serial == head, "a session's row is of another batch");
    complain(crash, snapshot == head, "a snapshot is of another batch");
    for (size_t i = 0; i < since.count; i++)
        complain(crash, span_equal(since.entries[i].arrived, text_of(document, i + 1)),
                 "an entry has other bytes");
    store_arena_destroy(since.arena);
    store_arena_destroy(load.arena);
    store_arena_destroy(session.arena);
}

static bool heads_are(const uint64_t found[DOCUMENTS], const uint64_t expected[DOCUMENTS])
{
    return memcmp(found, expected, DOCUMENTS * sizeof(found[0])) == 0;
}

/* The acknowledged batches and nothing else, or, if its outcome was unknown, the last one as well,
 * in all of its documents. */
static void check(struct crash *crash)
{
    uint64_t found[DOCUMENTS] = {0};
    struct fault fault = {""};

    for (size_t i = 0; i < DOCUMENTS; i++) {
        struct store_load load = request_load(crash->backend, names[i], 0);

        found[i] = load.request.status == STATUS_OK ? load.row.head : 0;
        store_arena_destroy(load.arena);
        complain(crash, found[i] >= crash->heads[i], "an acknowledged batch is lost");
    }
    if (!heads_are(found, crash->heads))
        complain(crash, crash->may_be_there && heads_are(found, crash->attempted),
                 "a batch is there in part, or although it failed");
    memcpy(crash->heads, found, sizeof(found));
    for (size_t i = 0; i < DOCUMENTS; i++)
        check_document(crash, i, found[i]);
    complain(crash, crash->backend->survey->verify(crash->backend, &fault) == STATUS_OK,
             "the database is damaged");
}

/* ---- A life with power cuts ---- */

static bool open_store(struct crash *crash)
{
    enum status status = backend_sqlite_open(folder, test_clock, &crash->backend, NULL);

    if (status == STATUS_OK && !crash->synchronous)
        sqlite3_exec(sqlite_of(crash->backend)->database, "PRAGMA synchronous = OFF", NULL, NULL,
                     NULL);
    return status == STATUS_OK;
}

static bool claim_all(struct crash *crash)
{
    for (size_t i = 0; i < DOCUMENTS; i++) {
        struct store_claim claim = request_claim(crash->backend, names[i], UINT64_MAX);

        if (claim.request.status != STATUS_OK)
            return false;
        complain(crash, claim.row.epoch > crash->epochs[i], "an epoch has come back");
        crash->epochs[i] = claim.row.epoch;
    }
    return true;
}

/* One in four cuts comes early, while the store is being opened. */
static void plan_cut(struct crash *crash)
{
    uint64_t range = prng_below(&crash->prng, 4) == 0 ? 60 : 3000;

    powercut_plan.cut_at = powercut_plan.calls + 1 + prng_below(&crash->prng, range);
}

static void live_until_the_cut(struct crash *crash)
{
    crash->may_be_there = false;
    plan_cut(crash);
    if (!open_store(crash))
        return;
    if (claim_all(crash)) {
        while (commit_one(crash))
            continue;
    }
    crash->backend->ops->destroy(crash->backend);
}

/* Returns the first broken promise, or NULL. */
static const char *survive(uint64_t seed, bool synchronous)
{
    struct crash crash = {.seed = seed, .synchronous = synchronous};

    folder_new(folder);
    powercut_start(seed);
    prng_init(&crash.prng, seed);
    for (int round = 0; round < ROUNDS && crash.wrong == NULL; round++) {
        live_until_the_cut(&crash);
        powercut_restore();
        if (open_store(&crash)) {
            check(&crash);
            crash.backend->ops->destroy(crash.backend);
        } else {
            complain(&crash, false, "the store cannot be opened");
        }
    }
    powercut_stop();
    folder_remove(folder);
    return crash.wrong;
}

START_TEST(every_acknowledged_batch_is_whole_after_a_power_cut_and_no_other_is_in_part)
{
    for (unsigned long long seed = first_seed; seed <= last_seed; seed++) {
        const char *wrong = survive(seed, true);

        ck_assert_msg(wrong == NULL, "seed %llu: %s", seed, wrong);
    }
}
END_TEST

/* The test above can fail: it does when nothing is synced. */
START_TEST(without_syncs_a_power_cut_breaks_the_promise)
{
    size_t broken = 0;

    for (uint64_t seed = 1; seed <= 20; seed++)
        broken += survive(seed, false) != NULL;
    ck_assert_uint_gt(broken, 10);
}
END_TEST

/* ---- Disks that fail otherwise ---- */

static struct backend *open_on_a_new_disk(void)
{
    struct backend *backend = NULL;

    folder_new(folder);
    powercut_start(1);
    ck_assert_int_eq(backend_sqlite_open(folder, test_clock, &backend, NULL), STATUS_OK);
    return backend;
}

static struct backend *reopen(struct backend *backend)
{
    backend->ops->destroy(backend);
    ck_assert_int_eq(backend_sqlite_open(folder, test_clock, &backend, NULL), STATUS_OK);
    return backend;
}

static void close_disk(struct backend *backend)
{
    backend->ops->destroy(backend);
    powercut_stop();
    folder_remove(folder);
}

static void expect_away(struct backend *backend, uint64_t epoch)
{
    struct batch_document document = {.name = SPAN("n"), .epoch = epoch};

    ck_assert_int_eq(request_commit(backend, &document, 1), STATUS_AWAY);
    ck_assert_int_eq(request_claim(backend, "n", UINT64_MAX).request.status, STATUS_AWAY);
    ck_assert_int_eq(request_load(backend, "n", UINT64_MAX).request.status, STATUS_AWAY);
    ck_assert_int_eq(request_since(backend, "n", 0, 9).request.status, STATUS_AWAY);
    ck_assert_int_eq(request_session(backend, "n", 1).request.status, STATUS_AWAY);
    ck_assert_int_eq(request_versions(backend, "n").request.status, STATUS_AWAY);
}

START_TEST(after_a_failed_fsync_the_outcome_is_unknown_and_the_store_away)
{
    struct backend *backend = open_on_a_new_disk();
    uint64_t epoch = filled(backend, "n", 3);

    powercut_plan.sync_fail = powercut_plan.syncs + 1;
    ck_assert_int_eq(append_edit(backend, "n", epoch, 3), STATUS_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(backend->fault.text, "disk I/O error"));
    expect_away(backend, epoch);
    close_disk(backend);
}
END_TEST

/* Linux forgets that a page was not written once it has said so. Opening again must not believe
 * what it reads: whatever it gives has to survive a power cut from then on. */
START_TEST(what_is_read_after_a_failed_fsync_survives_a_power_cut)
{
    struct backend *backend = open_on_a_new_disk();
    uint64_t epoch = filled(backend, "n", 3);

    powercut_plan.sync_fail = powercut_plan.syncs + 1;
    ck_assert_int_eq(append_edit(backend, "n", epoch, 3), STATUS_UNKNOWN);
    backend = reopen(backend);
    struct store_load load = request_load(backend, "n", UINT64_MAX);
    ck_assert_uint_ge(load.row.head, 3);
    powercut_plan.cut_at = powercut_plan.calls + 1;
    (void)request_claim(backend, "n", UINT64_MAX);
    ck_assert(powercut_plan.off);
    powercut_restore();
    backend = reopen(backend);
    struct store_load again = request_load(backend, "n", UINT64_MAX);
    ck_assert_uint_eq(again.row.head, load.row.head);
    ck_assert_int_eq(append_edit(backend, "n", claimed(backend, "n"), again.row.head), STATUS_OK);
    store_arena_destroy(load.arena);
    store_arena_destroy(again.arena);
    close_disk(backend);
}
END_TEST

START_TEST(a_failed_checkpoint_takes_nothing_back_and_stops_the_store)
{
    struct backend *backend = open_on_a_new_disk();
    uint64_t epoch = claimed(backend, "n");
    uint64_t head = 0;

    /* All syncs of a commit but its first are the checkpoint's: let the next such one fail. */
    while (!backend->lost) {
        powercut_plan.sync_fail = powercut_plan.syncs + 2;
        ck_assert_int_eq(append_edit(backend, "n", epoch, head), STATUS_OK);
        ck_assert_uint_lt(++head, 10000);
    }
    ck_assert_str_ne(backend->fault.text, "");
    expect_away(backend, epoch);
    powercut_plan.sync_fail = 0;
    backend = reopen(backend);
    struct store_load load = request_load(backend, "n", 0);
    ck_assert_uint_eq(load.row.head, head);
    store_arena_destroy(load.arena);
    close_disk(backend);
}
END_TEST

START_TEST(a_full_disk_fails_a_batch_and_the_next_one_has_room_again)
{
    struct backend *backend = open_on_a_new_disk();
    uint64_t epoch = filled(backend, "n", 3);

    powercut_plan.full_at = powercut_plan.calls + 1;
    powercut_plan.full_until = UINT64_MAX;
    ck_assert_int_eq(append_edit(backend, "n", epoch, 3), STATUS_FAILED);
    ck_assert_ptr_nonnull(strstr(backend->fault.text, "full"));
    ck_assert_int_eq(append_edit(backend, "n", epoch, 3), STATUS_FAILED);
    powercut_plan.full_at = 0;
    ck_assert_int_eq(append_edit(backend, "n", epoch, 3), STATUS_OK);
    backend = reopen(backend);
    struct store_load load = request_load(backend, "n", UINT64_MAX);
    ck_assert_uint_eq(load.count, 4);
    store_arena_destroy(load.arena);
    close_disk(backend);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {
        every_acknowledged_batch_is_whole_after_a_power_cut_and_no_other_is_in_part,
        without_syncs_a_power_cut_breaks_the_promise,
        after_a_failed_fsync_the_outcome_is_unknown_and_the_store_away,
        what_is_read_after_a_failed_fsync_survives_a_power_cut,
        a_failed_checkpoint_takes_nothing_back_and_stops_the_store,
        a_full_disk_fails_a_batch_and_the_next_one_has_room_again,
    };

    if (argc > 1 && sscanf(argv[1], "%llu-%llu", &first_seed, &last_seed) != 2) {
        fprintf(stderr, "usage: %s [FIRST-LAST]\n", argv[0]);
        return EXIT_FAILURE;
    }
    return runner_run("powercut", tests, sizeof(tests) / sizeof(tests[0]));
}
