/* Conformance: who may write, and what a fence keeps out. */
#include <string.h>

#include "tests/store/conformance_steps.h"
#include "tests/store/requests.h"

/* ---- Claims ---- */

START_TEST(a_claim_makes_a_document)
{
    struct backend *backend = conformance_open();
    struct store_claim claim = request_claim(backend, "notes/1", 0);

    ck_assert_int_eq(claim.request.status, STATUS_OK);
    ck_assert_uint_eq(claim.row.epoch, 1000);
    ck_assert_uint_eq(claim.row.head, 0);
    ck_assert_str_eq(claim.row.owner, "node-1");

    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_uint_eq(load.row.epoch, 1000);
    ck_assert_str_eq(load.row.owner, "node-1");
    ck_assert_uint_eq(load.snapshot.seq, 0);
    ck_assert_uint_eq(load.count, 0);
    store_arena_destroy(load.arena);
    conformance_close(backend);
}
END_TEST

START_TEST(a_claim_compares_the_epoch_that_was_seen)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = claimed(backend, "notes/1");
    struct store_claim late = request_claim(backend, "notes/1", epoch - 1);
    struct store_claim unseen = request_claim(backend, "notes/1", 0);

    ck_assert_int_eq(late.request.status, STATUS_FENCED);
    ck_assert_uint_eq(late.row.epoch, epoch);
    ck_assert_str_eq(late.row.owner, "node-1");
    ck_assert_int_eq(unseen.request.status, STATUS_FENCED);

    struct store_claim good = request_claim(backend, "notes/1", epoch);
    ck_assert_int_eq(good.request.status, STATUS_OK);
    ck_assert_uint_eq(good.row.epoch, epoch + 1);
    conformance_close(backend);
}
END_TEST

START_TEST(a_claim_of_a_lost_document_is_fenced_and_makes_nothing)
{
    struct backend *backend = conformance_open();
    struct store_claim claim = request_claim(backend, "notes/1", 7);

    ck_assert_int_eq(claim.request.status, STATUS_FENCED);
    ck_assert_uint_eq(claim.row.epoch, 0);
    ck_assert_str_eq(claim.row.owner, "");
    ck_assert_int_eq(request_load(backend, "notes/1", UINT64_MAX).request.status, STATUS_NOT_FOUND);
    conformance_close(backend);
}
END_TEST

START_TEST(an_epoch_is_the_clock_or_one_more_than_the_last)
{
    struct backend *backend = conformance_open();

    ck_assert_uint_eq(claimed(backend, "notes/1"), 1000);
    ck_assert_uint_eq(claimed(backend, "notes/1"), 1001); /* the clock stands still */
    conformance_now = 500;
    ck_assert_uint_eq(claimed(backend, "notes/1"), 1002); /* it goes back */
    conformance_now = 9000;
    ck_assert_uint_eq(claimed(backend, "notes/1"), 9000);
    conformance_close(backend);
}
END_TEST

START_TEST(a_claim_keeps_head_and_history)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 3);
    struct store_claim claim = request_claim(backend, "notes/1", epoch);

    ck_assert_uint_eq(claim.row.head, 3);
    ck_assert_int_eq(append_edit(backend, "notes/1", claim.row.epoch, 3), STATUS_OK);
    struct store_since since = request_since(backend, "notes/1", 2, 4);
    ck_assert_uint_eq(since.count, 2);
    ck_assert_uint_eq(since.entries[0].epoch, epoch);
    ck_assert_uint_eq(since.entries[1].epoch, claim.row.epoch);
    store_arena_destroy(since.arena);
    conformance_close(backend);
}
END_TEST

/* ---- The fence ---- */

START_TEST(a_commit_needs_the_epoch_of_the_latest_claim)
{
    struct backend *backend = conformance_open();
    uint64_t before = claimed(backend, "notes/1");
    uint64_t after = claimed(backend, "notes/1");

    ck_assert_int_eq(append_edit(backend, "notes/1", before, 0), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", after + 1, 0), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", after, 0), STATUS_OK);
    conformance_close(backend);
}
END_TEST

START_TEST(entries_need_the_head)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 2);

    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 1), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 3), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 2), STATUS_OK);
    conformance_close(backend);
}
END_TEST

START_TEST(what_has_no_entries_needs_a_head_that_is_not_above_the_stores)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 2);

    for (uint64_t head = 0; head <= 4; head++) {
        struct batch_document part = {.name = SPAN("notes/1"), .epoch = epoch, .head = head};

        ck_assert_int_eq(commit_alone(backend, part), head <= 2 ? STATUS_OK : STATUS_FENCED);
    }
    struct batch_document late = {.name = SPAN("notes/1"), .epoch = epoch - 1, .head = 1};
    ck_assert_int_eq(commit_alone(backend, late), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 2), STATUS_OK); /* still the head */
    conformance_close(backend);
}
END_TEST

START_TEST(an_unknown_document_is_fenced)
{
    struct backend *backend = conformance_open();

    ck_assert_int_eq(append_edit(backend, "notes/1", 1000, 0), STATUS_FENCED);
    ck_assert_int_eq(request_load(backend, "notes/1", UINT64_MAX).request.status, STATUS_NOT_FOUND);
    conformance_close(backend);
}
END_TEST

START_TEST(a_fenced_document_takes_no_part_and_the_others_do)
{
    struct backend *backend = conformance_open();
    const char *names[] = {"notes/a", "notes/b", "notes/c"};
    struct entry entries[3];
    struct session_row row = {.session = session_key_of(1), .serial = 1, .seq = 1};
    struct snapshot snapshot = {.seq = 1, .type = SPAN("text"), .content = SPAN("\"x\"")};
    struct batch_document documents[3];

    for (size_t i = 0; i < 3; i++) {
        uint64_t epoch = claimed(backend, names[i]) + (i == 1); /* the one in the middle is wrong */

        entries[i] = edit_of(1, epoch, "[\"x\"]");
        documents[i] = (struct batch_document){
            .name = span_of_string(names[i]),
            .epoch = epoch,
            .entries = &entries[i],
            .count = 1,
            .rows = &row,
            .row_count = 1,
            .snapshot = &snapshot,
            .release = true,
        };
    }
    ck_assert_int_eq(request_commit(backend, documents, 3), STATUS_OK);
    for (size_t i = 0; i < 3; i++) {
        struct store_load load = request_load(backend, names[i], UINT64_MAX);
        struct store_session session = request_session(backend, names[i], 1);

        ck_assert_int_eq(documents[i].outcome, i == 1 ? STATUS_FENCED : STATUS_OK);
        ck_assert_uint_eq(load.row.head, i == 1 ? 0 : 1);
        ck_assert_uint_eq(load.snapshot.seq, i == 1 ? 0 : 1);
        ck_assert_str_eq(load.row.owner, i == 1 ? "node-1" : "");
        ck_assert_int_eq(session.request.status, i == 1 ? STATUS_NOT_FOUND : STATUS_OK);
        store_arena_destroy(load.arena);
        store_arena_destroy(session.arena);
    }
    conformance_close(backend);
}
END_TEST

START_TEST(a_release_names_nobody_and_keeps_the_epoch)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 1);
    struct batch_document release = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 1, .release = true};

    ck_assert_int_eq(commit_alone(backend, release), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", 0);
    ck_assert_str_eq(load.row.owner, "");
    ck_assert_uint_eq(load.row.epoch, epoch);
    ck_assert_uint_eq(load.row.head, 1);
    store_arena_destroy(load.arena);
    conformance_close(backend);
}
END_TEST

size_t conformance_claims(const TTest **tests)
{
    const TTest *const all[] = {
        a_claim_makes_a_document,
        a_claim_compares_the_epoch_that_was_seen,
        a_claim_of_a_lost_document_is_fenced_and_makes_nothing,
        an_epoch_is_the_clock_or_one_more_than_the_last,
        a_claim_keeps_head_and_history,
        a_commit_needs_the_epoch_of_the_latest_claim,
        entries_need_the_head,
        what_has_no_entries_needs_a_head_that_is_not_above_the_stores,
        an_unknown_document_is_fenced,
        a_fenced_document_takes_no_part_and_the_others_do,
        a_release_names_nobody_and_keeps_the_epoch,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
