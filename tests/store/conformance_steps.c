#include "tests/store/conformance_steps.h"

#include <check.h>

#include "tests/store/conformance.h"
#include "tests/store/requests.h"

uint64_t conformance_now = 1000;

uint64_t conformance_clock(void)
{
    return conformance_now;
}

struct backend *conformance_open(void)
{
    return conformance_create(conformance_clock);
}

void conformance_close(struct backend *backend)
{
    backend->ops->destroy(backend);
}

void expect_span(struct span span, const char *text)
{
    ck_assert(span_present(span));
    ck_assert(span_equal(span, span_of_string(text)));
}

void set_row(struct backend *backend, uint64_t epoch, struct session_row row)
{
    struct batch_document document = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 9, .rows = &row, .row_count = 1};

    row.session = session_key_of(1);
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
}

void expect_row(struct backend *backend, struct session_row expected)
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

enum status set_snapshot(struct backend *backend, uint64_t epoch, uint64_t seq, const char *type,
                         const char *content)
{
    struct snapshot snapshot = {
        .seq = seq,
        .epoch = epoch,
        .time_ms = 5000 + seq,
        .created = seq - 1,
        .type = span_of_string(type),
        .content = span_of_string(content),
    };
    struct batch_document document = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 9, .snapshot = &snapshot};

    return commit_alone(backend, document);
}

enum status set_version(struct backend *backend, uint64_t epoch, const char *name, uint64_t seq)
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

enum status fold_to(struct backend *backend, uint64_t epoch, uint64_t seq)
{
    struct batch_document document = {
        .name = SPAN("notes/1"), .epoch = epoch, .head = 9, .fold = seq};

    return commit_alone(backend, document);
}

enum status load_status(struct backend *backend, uint64_t seq_max)
{
    struct store_load load = request_load(backend, "notes/1", seq_max);

    store_arena_destroy(load.arena);
    return load.request.status;
}

void expect_snapshot(struct backend *backend, uint64_t seq, const char *content)
{
    struct store_load load = request_load(backend, "notes/1", seq);

    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_uint_eq(load.snapshot.seq, seq);
    expect_span(load.snapshot.content, content);
    store_arena_destroy(load.arena);
}

void expect_versions(struct backend *backend, const char *document, const char *expected)
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
