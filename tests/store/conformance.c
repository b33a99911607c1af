#include "tests/store/conformance.h"

#include "base/json_scan.h"
#include "base/memory.h"
#include "tests/store/model.h"
#include "tests/store/requests.h"

static uint64_t now = 1000;

static uint64_t test_clock(void)
{
    return now;
}

static struct backend *create(void)
{
    return conformance_create(test_clock);
}

static void destroy(struct backend *backend)
{
    backend->ops->destroy(backend);
}

static void expect_span(struct span span, const char *text)
{
    ck_assert(span_present(span));
    ck_assert(span_equal(span, span_of_string(text)));
}

/* ---- Claims ---- */

START_TEST(a_claim_makes_a_document)
{
    struct backend *backend = create();
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
    destroy(backend);
}
END_TEST

START_TEST(a_claim_compares_the_epoch_that_was_seen)
{
    struct backend *backend = create();
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
    destroy(backend);
}
END_TEST

START_TEST(a_claim_of_a_lost_document_is_fenced_and_makes_nothing)
{
    struct backend *backend = create();
    struct store_claim claim = request_claim(backend, "notes/1", 7);

    ck_assert_int_eq(claim.request.status, STATUS_FENCED);
    ck_assert_uint_eq(claim.row.epoch, 0);
    ck_assert_str_eq(claim.row.owner, "");
    ck_assert_int_eq(request_load(backend, "notes/1", UINT64_MAX).request.status, STATUS_NOT_FOUND);
    destroy(backend);
}
END_TEST

START_TEST(an_epoch_is_the_clock_or_one_more_than_the_last)
{
    struct backend *backend = create();

    ck_assert_uint_eq(claimed(backend, "notes/1"), 1000);
    ck_assert_uint_eq(claimed(backend, "notes/1"), 1001); /* the clock stands still */
    now = 500;
    ck_assert_uint_eq(claimed(backend, "notes/1"), 1002); /* it goes back */
    now = 9000;
    ck_assert_uint_eq(claimed(backend, "notes/1"), 9000);
    destroy(backend);
}
END_TEST

START_TEST(a_claim_keeps_head_and_history)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 3);
    struct store_claim claim = request_claim(backend, "notes/1", epoch);

    ck_assert_uint_eq(claim.row.head, 3);
    ck_assert_int_eq(append_edit(backend, "notes/1", claim.row.epoch, 3), STATUS_OK);
    struct store_since since = request_since(backend, "notes/1", 2, 4);
    ck_assert_uint_eq(since.count, 2);
    ck_assert_uint_eq(since.entries[0].epoch, epoch);
    ck_assert_uint_eq(since.entries[1].epoch, claim.row.epoch);
    store_arena_destroy(since.arena);
    destroy(backend);
}
END_TEST

/* ---- The fence ---- */

START_TEST(a_commit_needs_the_epoch_of_the_latest_claim)
{
    struct backend *backend = create();
    uint64_t before = claimed(backend, "notes/1");
    uint64_t after = claimed(backend, "notes/1");

    ck_assert_int_eq(append_edit(backend, "notes/1", before, 0), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", after + 1, 0), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", after, 0), STATUS_OK);
    destroy(backend);
}
END_TEST

START_TEST(entries_need_the_head)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 2);

    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 1), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 3), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 2), STATUS_OK);
    destroy(backend);
}
END_TEST

START_TEST(what_has_no_entries_needs_a_head_that_is_not_above_the_stores)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 2);

    for (uint64_t head = 0; head <= 4; head++) {
        struct batch_document part = {.name = SPAN("notes/1"), .epoch = epoch, .head = head};

        ck_assert_int_eq(commit_alone(backend, part), head <= 2 ? STATUS_OK : STATUS_FENCED);
    }
    struct batch_document late = {.name = SPAN("notes/1"), .epoch = epoch - 1, .head = 1};
    ck_assert_int_eq(commit_alone(backend, late), STATUS_FENCED);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 2), STATUS_OK); /* still the head */
    destroy(backend);
}
END_TEST

START_TEST(an_unknown_document_is_fenced)
{
    struct backend *backend = create();

    ck_assert_int_eq(append_edit(backend, "notes/1", 1000, 0), STATUS_FENCED);
    ck_assert_int_eq(request_load(backend, "notes/1", UINT64_MAX).request.status, STATUS_NOT_FOUND);
    destroy(backend);
}
END_TEST

START_TEST(a_fenced_document_takes_no_part_and_the_others_do)
{
    struct backend *backend = create();
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
    destroy(backend);
}
END_TEST

START_TEST(a_release_names_nobody_and_keeps_the_epoch)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 1);
    struct batch_document release = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 1, .release = true};

    ck_assert_int_eq(commit_alone(backend, release), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", 0);
    ck_assert_str_eq(load.row.owner, "");
    ck_assert_uint_eq(load.row.epoch, epoch);
    ck_assert_uint_eq(load.row.head, 1);
    store_arena_destroy(load.arena);
    destroy(backend);
}
END_TEST

/* ---- Sessions ---- */

static void set_row(struct backend *backend, uint64_t epoch, struct session_row row)
{
    struct batch_document document = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 9, .rows = &row, .row_count = 1};

    row.session = session_key_of(1);
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
}

static void expect_row(struct backend *backend, struct session_row expected)
{
    struct store_session session = request_session(backend, "notes/1", 1);

    ck_assert_int_eq(session.request.status, STATUS_OK);
    ck_assert_uint_eq(session.row.serial, expected.serial);
    ck_assert_uint_eq(session.row.seq, expected.seq);
    ck_assert_uint_eq(session.row.floor, expected.floor);
    ck_assert_uint_eq(session.row.spent_count, expected.spent_count);
    for (size_t i = 0; i < expected.spent_count; i++) {
        ck_assert_uint_eq(session.row.spent[i].serial, expected.spent[i].serial);
        ck_assert_int_eq(session.row.spent[i].code, expected.spent[i].code);
    }
    store_arena_destroy(session.arena);
}

START_TEST(a_row_is_raised_and_never_lowered)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    set_row(backend, epoch, (struct session_row){.serial = 5, .seq = 4, .floor = 3});
    set_row(backend, epoch, (struct session_row){.serial = 4, .seq = 3, .floor = 9});
    expect_row(backend, (struct session_row){.serial = 5, .seq = 4, .floor = 9});
    set_row(backend, epoch, (struct session_row){.serial = 6, .seq = 7, .floor = 2});
    expect_row(backend, (struct session_row){.serial = 6, .seq = 7, .floor = 9});
    destroy(backend);
}
END_TEST

START_TEST(spent_serials_go_with_the_higher_serial)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);
    struct spent two[] = {{3, 208}, {JSON_INTEGER_MAX, 202}};
    struct spent one[] = {{1, 205}};
    uint64_t high = INT64_MAX;

    set_row(backend, epoch, (struct session_row){.serial = 2, .spent = one, .spent_count = 1});
    expect_row(backend, (struct session_row){.serial = 2, .spent = one, .spent_count = 1});
    set_row(backend, epoch, (struct session_row){.serial = high, .spent = two, .spent_count = 2});
    expect_row(backend, (struct session_row){.serial = high, .spent = two, .spent_count = 2});
    set_row(backend, epoch, (struct session_row){.serial = 4, .spent = one, .spent_count = 1});
    expect_row(backend, (struct session_row){.serial = high, .spent = two, .spent_count = 2});
    set_row(backend, epoch, (struct session_row){.serial = high});
    expect_row(backend, (struct session_row){.serial = high});
    destroy(backend);
}
END_TEST

START_TEST(rows_are_told_apart_by_session_and_document)
{
    struct backend *backend = create();
    struct session_row rows[] = {
        {.session = session_key_of(0), .serial = 10},
        {.session = session_key_of(1), .serial = 11},
        {.session = session_key_of(255), .serial = 12},
    };
    struct batch_document document = {.name = SPAN("notes/1"), .rows = rows, .row_count = 3};

    document.epoch = claimed(backend, "notes/1");
    claimed(backend, "notes/2");
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    ck_assert_int_eq(request_session(backend, "notes/1", 7).request.status, STATUS_NOT_FOUND);
    ck_assert_int_eq(request_session(backend, "notes/2", 1).request.status, STATUS_NOT_FOUND);
    ck_assert_int_eq(request_session(backend, "notes/3", 1).request.status, STATUS_NOT_FOUND);
    for (size_t i = 0; i < 3; i++) {
        struct store_session session =
            request_session(backend, "notes/1", rows[i].session.bytes[0]);

        ck_assert_uint_eq(session.row.serial, rows[i].serial);
        ck_assert(memcmp(&session.row.session, &rows[i].session, SESSION_KEY_SIZE) == 0);
        store_arena_destroy(session.arena);
    }
    destroy(backend);
}
END_TEST

START_TEST(a_session_whose_public_id_another_one_has_is_told_so)
{
    struct backend *backend = create();
    struct session_row row = {.session = session_key_of(7), .serial = 1};
    struct batch_document document = {.name = SPAN("notes/1"), .rows = &row, .row_count = 1};
    struct store_session session = {
        .request.call = STORE_SESSION, .name = SPAN("notes/1"), .session = row.session};

    document.epoch = claimed(backend, "notes/1");
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    for (int last = 6; last <= 8; last++) { /* before and behind the one that is there */
        session.session.bytes[SESSION_KEY_SIZE - 1] = (uint8_t)last;
        store_run(backend, &session.request);
        ck_assert_int_eq(session.request.status, last == 7 ? STATUS_OK : STATUS_WHO_TAKEN);
        store_arena_destroy(session.arena);
        session.arena = NULL;
    }
    session.session.bytes[5]++; /* the last byte of the public id */
    store_run(backend, &session.request);
    ck_assert_int_eq(session.request.status, STATUS_NOT_FOUND);
    destroy(backend);
}
END_TEST

/* ---- Snapshots and loads ---- */

static enum status set_snapshot(struct backend *backend, uint64_t epoch, uint64_t seq,
                                const char *type, const char *content)
{
    struct snapshot snapshot = {
        .seq = seq,
        .epoch = epoch,
        .time_ms = 5000 + seq,
        .type = span_of_string(type),
        .content = span_of_string(content),
    };
    struct batch_document document = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 9, .snapshot = &snapshot};

    return commit_alone(backend, document);
}

/* What load gives at each `seq_max`, when there are snapshots at 3 and 6 below the head 9. */
START_TEST(a_load_is_the_newest_snapshot_and_the_entries_after_it)
{
    static const struct {
        uint64_t seq_max;
        uint64_t snapshot;
        uint64_t last;
    } table[] = {
        {0, 0, 0}, {2, 0, 2}, {3, 3, 3},  {5, 3, 5},
        {6, 6, 6}, {9, 6, 9}, {10, 6, 9}, {UINT64_MAX, 6, 9},
    };
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    /* The later one first: the order of writing does not matter. */
    ck_assert_int_eq(set_snapshot(backend, epoch, 6, "text", "\"six\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 3, "text", "\"three\""), STATUS_OK);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_load load = request_load(backend, "notes/1", table[i].seq_max);

        ck_assert_int_eq(load.request.status, STATUS_OK);
        ck_assert_uint_eq(load.row.head, 9);
        ck_assert_uint_eq(load.snapshot.seq, table[i].snapshot);
        if (load.snapshot.seq > 0) {
            ck_assert_uint_eq(load.snapshot.epoch, epoch);
            ck_assert_uint_eq(load.snapshot.time_ms, 5000 + load.snapshot.seq);
            expect_span(load.snapshot.type, "text");
            expect_span(load.snapshot.content, load.snapshot.seq == 3 ? "\"three\"" : "\"six\"");
        }
        ck_assert_uint_eq(load.count, table[i].last - table[i].snapshot);
        for (size_t at = 0; at < load.count; at++)
            ck_assert_uint_eq(load.entries[at].seq, table[i].snapshot + 1 + at);
        store_arena_destroy(load.arena);
    }
    destroy(backend);
}
END_TEST

START_TEST(a_second_snapshot_at_a_seq_replaces_the_first)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 9, "text", "\"first\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 9, "text", "\"second\""), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    expect_span(load.snapshot.content, "\"second\"");
    store_arena_destroy(load.arena);
    destroy(backend);
}
END_TEST

START_TEST(a_snapshot_may_say_that_the_document_does_not_exist)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 9, "", ""), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.snapshot.seq, 9);
    expect_span(load.snapshot.type, "");
    expect_span(load.snapshot.content, "");
    store_arena_destroy(load.arena);
    destroy(backend);
}
END_TEST

START_TEST(a_snapshot_comes_with_the_entry_it_is_of)
{
    struct backend *backend = create();
    uint64_t epoch = claimed(backend, "notes/1");
    struct entry entry = edit_of(1, epoch, "[\"x\"]");
    struct snapshot snapshot = {
        .seq = 1, .epoch = epoch, .type = SPAN("text"), .content = SPAN("\"x\"")};
    struct batch_document document = {.name = SPAN("notes/1"),
                                      .epoch = epoch,
                                      .entries = &entry,
                                      .count = 1,
                                      .snapshot = &snapshot};

    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.snapshot.seq, 1);
    ck_assert_uint_eq(load.count, 0);
    store_arena_destroy(load.arena);
    destroy(backend);
}
END_TEST

/* Entry `seq` has the time 5000 + seq. */
START_TEST(a_load_at_a_time_ends_before_the_first_younger_entry)
{
    static const struct {
        uint64_t time_ms_max;
        uint64_t seq_max;
        uint64_t snapshot;
        uint64_t last;
    } table[] = {
        {0, UINT64_MAX, 0, 0},    {5000, UINT64_MAX, 0, 0}, {5002, UINT64_MAX, 0, 2},
        {5003, UINT64_MAX, 3, 3}, {5005, UINT64_MAX, 3, 5}, {5006, UINT64_MAX, 6, 6},
        {9999, UINT64_MAX, 6, 9}, {9999, 4, 3, 4},          {5004, 9, 3, 4},
    };
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 3, "text", "\"three\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 6, "text", "\"six\""), STATUS_OK);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_load load =
            request_load_at(backend, "notes/1", table[i].seq_max, table[i].time_ms_max);

        ck_assert_int_eq(load.request.status, STATUS_OK);
        ck_assert_uint_eq(load.row.head, 9);
        ck_assert_uint_eq(load.snapshot.seq, table[i].snapshot);
        ck_assert_uint_eq(load.count, table[i].last - table[i].snapshot);
        store_arena_destroy(load.arena);
    }
    destroy(backend);
}
END_TEST

/* ---- Versions ---- */

static enum status set_version(struct backend *backend, uint64_t epoch, const char *name,
                               uint64_t seq)
{
    struct version version = {
        .name = span_of_string(name), .seq = seq, .time_ms = 7000 + seq, .user = SPAN("ann")};
    struct batch_document document = {.name = SPAN("notes/1"),
                                      .epoch = epoch,
                                      .head = 9,
                                      .versions = &version,
                                      .version_count = 1};

    return commit_alone(backend, document);
}

/* Are the versions, in order, these? "first 3, draft 5" */
static void expect_versions(struct backend *backend, const char *document, const char *expected)
{
    struct store_versions versions = request_versions(backend, document);
    struct buffer list = {0};

    ck_assert_int_eq(versions.request.status, STATUS_OK);
    for (size_t i = 0; i < versions.count; i++) {
        const struct version *version = &versions.versions[i];

        buffer_append_text(&list, i > 0 ? ", " : "");
        buffer_append(&list, version->name);
        buffer_append_format(&list, " %u", (unsigned)version->seq);
        ck_assert_uint_eq(version->time_ms, 7000 + version->seq);
        expect_span(version->user, "ann");
    }
    buffer_append_byte(&list, '\0');
    ck_assert_str_eq((const char *)list.data, expected);
    buffer_finish(&list);
    store_arena_destroy(versions.arena);
}

START_TEST(versions_are_listed_by_seq_and_name)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);
    char name[] = "0";

    filled(backend, "notes/2", 9);
    expect_versions(backend, "notes/1", "");
    ck_assert_int_eq(set_version(backend, epoch, "z", 3), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "b", 9), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "a", 9), STATUS_OK);
    expect_versions(backend, "notes/1", "z 3, a 9, b 9");
    expect_versions(backend, "notes/2", "");
    ck_assert_int_eq(request_versions(backend, "notes/3").request.status, STATUS_NOT_FOUND);
    for (int i = 0; i < 40; i++, name[0]++)
        ck_assert_int_eq(set_version(backend, epoch, name, 1), STATUS_OK);
    struct store_versions versions = request_versions(backend, "notes/1");
    ck_assert_uint_eq(versions.count, 43);
    ck_assert_uint_eq(versions.versions[42].seq, 9);
    store_arena_destroy(versions.arena);
    destroy(backend);
}
END_TEST

START_TEST(a_version_is_moved_by_its_name_and_taken_away)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_version(backend, epoch, "a", 9), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "b", 5), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "a", 2), STATUS_OK);
    expect_versions(backend, "notes/1", "a 2, b 5");
    ck_assert_int_eq(set_version(backend, epoch, "a", 0), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "unknown", 0), STATUS_OK);
    expect_versions(backend, "notes/1", "b 5");
    destroy(backend);
}
END_TEST

START_TEST(versions_are_written_under_the_fence)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_version(backend, epoch, "a", 9), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch - 1, "a", 0), STATUS_FENCED);
    ck_assert_int_eq(set_version(backend, epoch + 1, "b", 9), STATUS_FENCED);
    expect_versions(backend, "notes/1", "a 9");
    destroy(backend);
}
END_TEST

/* ---- Folds ---- */

static enum status fold_to(struct backend *backend, uint64_t epoch, uint64_t seq)
{
    struct batch_document document = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 9, .fold = seq};

    return commit_alone(backend, document);
}

static enum status load_status(struct backend *backend, uint64_t seq_max)
{
    struct store_load load = request_load(backend, "notes/1", seq_max);

    store_arena_destroy(load.arena);
    return load.request.status;
}

START_TEST(a_fold_needs_a_snapshot_at_or_above_it)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);
    struct snapshot snapshot = {
        .seq = 7, .epoch = epoch, .type = SPAN("text"), .content = SPAN("\"x\"")};
    struct batch_document both = {.name = SPAN("notes/1"), .epoch = epoch, .head = 9, .fold = 8};

    ck_assert_int_eq(fold_to(backend, epoch, 5), STATUS_FAILED);
    ck_assert_str_eq(backend->fault.text, "notes/1: a fold needs a snapshot");
    ck_assert_int_eq(set_snapshot(backend, epoch, 4, "text", "\"x\""), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 5), STATUS_FAILED);
    ck_assert_int_eq(load_status(backend, 1), STATUS_OK); /* nothing has gone */
    ck_assert_int_eq(fold_to(backend, epoch, 3), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 4), STATUS_OK);
    both.snapshot = &snapshot;
    ck_assert_int_eq(commit_alone(backend, both), STATUS_FAILED);
    both.fold = 7;
    ck_assert_int_eq(commit_alone(backend, both), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch - 1, 1), STATUS_FENCED);
    destroy(backend);
}
END_TEST

START_TEST(folded_entries_are_gone_and_the_document_stays)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 2, "text", "\"two\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 5, "text", "\"five\""), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 4), STATUS_OK);
    for (uint64_t seq = 0; seq <= 9; seq++) {
        enum status since = seq < 4 ? STATUS_FOLDED : STATUS_OK;
        struct store_since range = request_since(backend, "notes/1", seq, 9);

        ck_assert_int_eq(range.request.status, since);
        ck_assert_uint_eq(range.count, since == STATUS_OK ? 9 - seq : 0);
        ck_assert_uint_eq(range.row.folded, since == STATUS_OK ? 4 : 0);
        store_arena_destroy(range.arena);
        ck_assert_int_eq(load_status(backend, seq),
                         seq == 0 || seq >= 5 ? STATUS_OK : STATUS_FOLDED);
        ck_assert_int_eq(request_load_at(backend, "notes/1", UINT64_MAX, 5000).request.status,
                         STATUS_FOLDED);
    }
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.row.folded, 4);
    ck_assert_uint_eq(load.row.head, 9);
    ck_assert_uint_eq(load.snapshot.seq, 5);
    ck_assert_uint_eq(load.count, 4);
    store_arena_destroy(load.arena);
    ck_assert_int_eq(append_edit(backend, "notes/1", epoch, 9), STATUS_OK);
    destroy(backend);
}
END_TEST

START_TEST(a_fold_is_never_taken_back)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 6, "text", "\"six\""), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 6), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 3), STATUS_OK);
    struct store_claim claim = request_claim(backend, "notes/1", epoch);
    ck_assert_uint_eq(claim.row.folded, 6);
    destroy(backend);
}
END_TEST

START_TEST(a_fold_keeps_the_snapshots_that_versions_name)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 2, "text", "\"two\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 3, "text", "\"three\""), STATUS_OK);
    ck_assert_int_eq(set_snapshot(backend, epoch, 6, "text", "\"six\""), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "kept", 3), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "lost", 4), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 6), STATUS_OK);
    expect_versions(backend, "notes/1", "kept 3, lost 4");
    ck_assert_int_eq(load_status(backend, 2), STATUS_FOLDED);
    ck_assert_int_eq(load_status(backend, 4), STATUS_FOLDED);
    struct store_load load = request_load(backend, "notes/1", 3);
    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_uint_eq(load.snapshot.seq, 3);
    expect_span(load.snapshot.content, "\"three\"");
    ck_assert_uint_eq(load.count, 0);
    store_arena_destroy(load.arena);
    destroy(backend);
}
END_TEST

START_TEST(a_fold_keeps_the_rows_of_sessions)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    set_row(backend, epoch, (struct session_row){.serial = 5, .seq = 4, .floor = 3});
    ck_assert_int_eq(set_snapshot(backend, epoch, 9, "text", "\"nine\""), STATUS_OK);
    ck_assert_int_eq(fold_to(backend, epoch, 9), STATUS_OK);
    expect_row(backend, (struct session_row){.serial = 5, .seq = 4, .floor = 3});
    destroy(backend);
}
END_TEST

/* ---- Builds ---- */

/* The content is how many entries were loaded behind which snapshot: "3+2". */
static enum status count_entries(const struct store_load *load, struct buffer *content,
                                 struct snapshot *snapshot, struct fault *fault)
{
    const struct entry *last = load->count > 0 ? &load->entries[load->count - 1] : NULL;

    (void)fault;
    buffer_append_format(content, "%u+%u", (unsigned)load->snapshot.seq, (unsigned)load->count);
    *snapshot = load->snapshot;
    snapshot->type = SPAN("text");
    snapshot->content = buffer_span(content);
    if (last != NULL) {
        snapshot->seq = last->seq;
        snapshot->epoch = last->epoch;
        snapshot->time_ms = last->time_ms;
    }
    return STATUS_OK;
}

static enum status build(struct backend *backend, uint64_t epoch, uint64_t seq, bool fold)
{
    struct store_build build = {
        .request.call = STORE_BUILD,
        .name = SPAN("notes/1"),
        .epoch = epoch,
        .seq_max = seq,
        .time_ms_max = UINT64_MAX,
        .fold = fold,
        .build = count_entries,
    };

    store_run(backend, &build.request);
    return build.request.status;
}

static void expect_snapshot(struct backend *backend, uint64_t seq, const char *content)
{
    struct store_load load = request_load(backend, "notes/1", seq);

    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_uint_eq(load.snapshot.seq, seq);
    expect_span(load.snapshot.content, content);
    store_arena_destroy(load.arena);
}

START_TEST(a_build_makes_the_snapshot_that_is_asked_for)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(build(backend, epoch, 0, true), STATUS_OK); /* there is nothing to do */
    ck_assert_int_eq(build(backend, epoch, 4, false), STATUS_OK);
    ck_assert_int_eq(build(backend, epoch, UINT64_MAX, false), STATUS_OK);
    ck_assert_int_eq(build(backend, epoch, 9, false), STATUS_OK); /* it is there */
    expect_snapshot(backend, 4, "0+4");
    expect_snapshot(backend, 9, "4+5");
    destroy(backend);
}
END_TEST

START_TEST(a_build_at_a_time_is_of_the_last_entry_then)
{
    struct backend *backend = create();
    struct store_build build = {
        .request.call = STORE_BUILD,
        .name = SPAN("notes/1"),
        .seq_max = UINT64_MAX,
        .time_ms_max = 5003,
        .fold = true,
        .build = count_entries,
    };

    build.epoch = filled(backend, "notes/1", 9);
    store_run(backend, &build.request);
    ck_assert_int_eq(build.request.status, STATUS_OK);
    ck_assert_uint_eq(build.seq, 3);
    expect_snapshot(backend, 3, "0+3");
    ck_assert_int_eq(request_since(backend, "notes/1", 2, 9).request.status, STATUS_FOLDED);
    build.time_ms_max = 5002;
    store_run(backend, &build.request);
    ck_assert_int_eq(build.request.status, STATUS_FOLDED);
    destroy(backend);
}
END_TEST

START_TEST(a_build_that_was_given_up_folds_nothing)
{
    struct backend *backend = create();
    struct store_build build = {
        .request.call = STORE_BUILD,
        .name = SPAN("notes/1"),
        .seq_max = 9,
        .time_ms_max = UINT64_MAX,
        .fold = true,
        .build = count_entries,
        .given_up = true,
    };

    build.epoch = filled(backend, "notes/1", 9);
    store_run(backend, &build.request);
    ck_assert_int_eq(build.request.status, STATUS_LEAVING);
    ck_assert_int_eq(load_status(backend, 1), STATUS_OK);
    destroy(backend);
}
END_TEST

START_TEST(a_build_is_fenced)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(build(backend, epoch - 1, 4, true), STATUS_FENCED);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_uint_eq(load.snapshot.seq, 0);
    ck_assert_uint_eq(load.row.folded, 0);
    store_arena_destroy(load.arena);
    destroy(backend);
}
END_TEST

START_TEST(a_build_folds_and_keeps_versions_readable)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_version(backend, epoch, "two", 2), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "five", 5), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "nine", 9), STATUS_OK);
    ck_assert_int_eq(build(backend, epoch, 4, false), STATUS_OK);
    ck_assert_int_eq(build(backend, epoch, 7, true), STATUS_OK);
    expect_snapshot(backend, 2, "0+2");
    expect_snapshot(backend, 5, "4+1");
    expect_snapshot(backend, 7, "4+3");
    ck_assert_int_eq(load_status(backend, 4), STATUS_FOLDED);
    ck_assert_int_eq(load_status(backend, 8), STATUS_OK);
    ck_assert_int_eq(request_since(backend, "notes/1", 6, 9).request.status, STATUS_FOLDED);
    ck_assert_int_eq(build(backend, epoch, 7, true), STATUS_OK); /* it is done */
    ck_assert_int_eq(build(backend, epoch, 6, false), STATUS_FOLDED);
    destroy(backend);
}
END_TEST

/* Large ones may be written in another way. */
START_TEST(snapshots_of_any_size_are_given_back)
{
    static const size_t sizes[] = {1, 128 << 10, (128 << 10) + 1, 3 << 20};
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *text = memory_zeroed(sizes[i] + 1, 1);

        for (size_t at = 0; at < sizes[i]; at++)
            text[at] = (char)('a' + (at + at / 1000) % 26);
        ck_assert_int_eq(set_snapshot(backend, epoch, 4, "text", text), STATUS_OK); /* replaces */
        ck_assert_int_eq(set_snapshot(backend, epoch - 1, 4, "text", "x"), STATUS_FENCED);
        ck_assert_int_eq(set_snapshot(backend, epoch - 1, 5, "text", text), STATUS_FENCED);
        ck_assert_int_eq(set_snapshot(backend, epoch, 6 + i % 3, "text", text), STATUS_OK);
        expect_snapshot(backend, 4, text);
        expect_snapshot(backend, 6 + i % 3, text);
        struct store_load load = request_load(backend, "notes/1", 5);
        ck_assert_uint_eq(load.snapshot.seq, 4);
        store_arena_destroy(load.arena);
        memory_free(text);
    }
    ck_assert_int_eq(fold_to(backend, epoch, 8), STATUS_OK);
    ck_assert_int_eq(load_status(backend, 4), STATUS_FOLDED);
    destroy(backend);
}
END_TEST

/* ---- Ranges ---- */

START_TEST(since_gives_a_range_within_the_log)
{
    static const struct {
        uint64_t from;
        uint64_t to;
        size_t count_max;
        size_t count;
    } table[] = {
        {0, 5, 100, 5}, {0, UINT64_MAX, 100, 5},
        {2, 4, 100, 2}, {4, 9, 100, 1},
        {5, 9, 100, 0}, {7, 9, 100, 0},
        {3, 2, 100, 0}, {1, 5, 2, 2},
        {1, 5, 0, 0},   {UINT64_MAX, UINT64_MAX, 100, 0},
    };
    struct backend *backend = create();

    filled(backend, "notes/1", 5);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_since since = {
            .request.call = STORE_SINCE,
            .name = SPAN("notes/1"),
            .from = table[i].from,
            .to = table[i].to,
            .count_max = table[i].count_max,
        };

        store_run(backend, &since.request);
        ck_assert_int_eq(since.request.status, STATUS_OK);
        ck_assert_uint_eq(since.count, table[i].count);
        for (size_t at = 0; at < since.count; at++)
            ck_assert_uint_eq(since.entries[at].seq, table[i].from + 1 + at);
        store_arena_destroy(since.arena);
    }
    destroy(backend);
}
END_TEST

START_TEST(an_unknown_document_is_not_found)
{
    struct backend *backend = create();

    ck_assert_int_eq(request_load(backend, "notes/1", UINT64_MAX).request.status, STATUS_NOT_FOUND);
    ck_assert_int_eq(request_since(backend, "notes/1", 0, 9).request.status, STATUS_NOT_FOUND);
    ck_assert_int_eq(request_session(backend, "notes/1", 1).request.status, STATUS_NOT_FOUND);
    destroy(backend);
}
END_TEST

/* ---- What an entry keeps ---- */

static void round_trip(struct entry entry)
{
    struct backend *backend = create();
    struct batch_document document = {.name = SPAN("notes/1"), .entries = &entry, .count = 1};

    document.epoch = claimed(backend, "notes/1");
    entry.seq = 1;
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    struct store_since since = request_since(backend, "notes/1", 0, 1);
    ck_assert_uint_eq(since.count, 1);
    ck_assert(model_entry_equal(&since.entries[0], &entry));
    store_arena_destroy(since.arena);
    destroy(backend);
}

START_TEST(an_entry_keeps_every_field)
{
    round_trip((struct entry){
        .epoch = 999,
        .serial = INT64_MAX,
        .base = INT64_MAX - 1,
        .time_ms = INT64_MAX - 2,
        .session = session_key_of(200),
        .kind = ENTRY_EDIT,
        .rule = 1,
        .user = SPAN("ann \0 b\xff"),
        .arrived = SPAN("[\"as it came\0\"]"),
        .sequenced = SPAN("[1,\"as it came\"]"),
    });
}
END_TEST

START_TEST(a_deletion_by_nobody_has_empty_fields)
{
    round_trip((struct entry){.epoch = 1, .kind = ENTRY_DELETE});
    round_trip((struct entry){.epoch = 1, .kind = ENTRY_DELETE, .user = SPAN("")});
    round_trip((struct entry){.epoch = 1, .arrived = SPAN("x"), .sequenced = SPAN("")});
    round_trip((struct entry){.epoch = 1, .arrived = SPAN(""), .sequenced = SPAN("x")});
}
END_TEST

START_TEST(an_entry_of_a_megabyte_and_a_snapshot_of_sixteen)
{
    enum { OPERATION = 1 << 20, CONTENT = 16 << 20 };
    struct backend *backend = create();
    uint64_t epoch = claimed(backend, "notes/1");
    char *text = memory_allocate(CONTENT);
    struct entry entry = edit_of(1, epoch, "");
    struct snapshot snapshot = {.seq = 1, .epoch = epoch, .type = SPAN("text")};
    struct batch_document document = {.name = SPAN("notes/1"),
                                      .epoch = epoch,
                                      .entries = &entry,
                                      .count = 1,
                                      .snapshot = &snapshot};

    memset(text, 'x', CONTENT);
    entry.arrived = span_of(text, OPERATION);
    entry.sequenced = span_of(text + 1, OPERATION + 1);
    snapshot.content = span_of(text, CONTENT);
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);

    struct store_since since = request_since(backend, "notes/1", 0, 1);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert(model_entry_equal(&since.entries[0], &entry));
    ck_assert(span_equal(load.snapshot.content, snapshot.content));
    store_arena_destroy(since.arena);
    store_arena_destroy(load.arena);
    memory_free(text);
    destroy(backend);
}
END_TEST

/* SQL, printf and C strings in a name are bytes like others, and a prefix is another name. */
START_TEST(names_may_have_odd_bytes)
{
    const struct span names[] = {
        SPAN("n/"),         SPAN("n/'); DROP TABLE entry; --"),
        SPAN("n/%s%n"),     SPAN("n/A"),
        SPAN("n/a"),        SPAN("n/a\0"),
        SPAN("n/a\0b"),     SPAN("n/\xc3\xa9"),
        SPAN("n/\xff\xfe"),
    };
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    struct backend *backend = create();

    for (size_t i = 0; i < COUNT; i++) {
        struct store_claim claim = {.request.call = STORE_CLAIM, .name = names[i], .node = "n"};

        now = 1000 + i;
        store_run(backend, &claim.request);
        ck_assert_int_eq(claim.request.status, STATUS_OK);
    }
    for (size_t i = 0; i < COUNT; i++) {
        struct store_load load = {.request.call = STORE_LOAD, .name = names[i]};

        store_run(backend, &load.request);
        ck_assert_int_eq(load.request.status, STATUS_OK);
        ck_assert_uint_eq(load.row.epoch, 1000 + i);
        store_arena_destroy(load.arena);
    }
    destroy(backend);
}
END_TEST

START_TEST(an_answer_outlives_what_is_written_later)
{
    struct backend *backend = create();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_snapshot(backend, epoch, 5, "text", "\"first\""), STATUS_OK);
    struct store_load load = request_load(backend, "notes/1", UINT64_MAX);
    ck_assert_int_eq(set_snapshot(backend, epoch, 5, "text", "\"other\""), STATUS_OK);
    for (uint64_t head = 9; head < 100; head++)
        ck_assert_int_eq(append_edit(backend, "notes/1", epoch, head), STATUS_OK);
    destroy(backend);
    expect_span(load.snapshot.content, "\"first\"");
    ck_assert_uint_eq(load.count, 4);
    expect_span(load.entries[3].user, "ann");
    store_arena_destroy(load.arena);
}
END_TEST

START_TEST(the_secret_is_drawn)
{
    struct backend *backend = create();
    struct backend *other = create();
    uint8_t nothing[STORE_SECRET_SIZE] = {0};

    ck_assert_mem_ne(backend->secret, nothing, STORE_SECRET_SIZE);
    ck_assert_mem_ne(backend->secret, other->secret, STORE_SECRET_SIZE);
    destroy(backend);
    destroy(other);
}
END_TEST

/* ---- Against the model ---- */

START_TEST(answers_like_the_memory_store)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct backend *backend = create();
        struct backend *memory = backend_memory_create(test_clock);

        model_compare(backend, memory, seed, 200);
        destroy(backend);
        destroy(memory);
    }
}
END_TEST

size_t conformance_tests(const TTest **tests)
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
        a_row_is_raised_and_never_lowered,
        spent_serials_go_with_the_higher_serial,
        rows_are_told_apart_by_session_and_document,
        a_session_whose_public_id_another_one_has_is_told_so,
        a_load_is_the_newest_snapshot_and_the_entries_after_it,
        a_second_snapshot_at_a_seq_replaces_the_first,
        a_snapshot_may_say_that_the_document_does_not_exist,
        a_snapshot_comes_with_the_entry_it_is_of,
        a_load_at_a_time_ends_before_the_first_younger_entry,
        versions_are_listed_by_seq_and_name,
        a_version_is_moved_by_its_name_and_taken_away,
        versions_are_written_under_the_fence,
        a_fold_needs_a_snapshot_at_or_above_it,
        folded_entries_are_gone_and_the_document_stays,
        a_fold_is_never_taken_back,
        a_fold_keeps_the_snapshots_that_versions_name,
        a_fold_keeps_the_rows_of_sessions,
        a_build_makes_the_snapshot_that_is_asked_for,
        a_build_at_a_time_is_of_the_last_entry_then,
        a_build_that_was_given_up_folds_nothing,
        a_build_is_fenced,
        a_build_folds_and_keeps_versions_readable,
        snapshots_of_any_size_are_given_back,
        since_gives_a_range_within_the_log,
        an_unknown_document_is_not_found,
        an_entry_keeps_every_field,
        a_deletion_by_nobody_has_empty_fields,
        an_entry_of_a_megabyte_and_a_snapshot_of_sixteen,
        names_may_have_odd_bytes,
        an_answer_outlives_what_is_written_later,
        the_secret_is_drawn,
        answers_like_the_memory_store,
    };
    enum { COUNT = sizeof(all) / sizeof(all[0]) };
    _Static_assert((int)COUNT <= (int)CONFORMANCE_TESTS_MAX, "room for the back end's own tests");

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = all[i];
    return COUNT;
}
