#include "tests/store/requests.h"

#include <check.h>

struct store_claim request_claim(struct backend *backend, const char *name, uint64_t seen_epoch)
{
    struct store_claim claim = {
        .request.call = STORE_CLAIM,
        .name = span_of_string(name),
        .node = "node-1",
        .seen_epoch = seen_epoch,
    };

    store_run(backend, &claim.request);
    return claim;
}

struct store_load request_load(struct backend *backend, const char *name, uint64_t seq_max)
{
    return request_load_at(backend, name, seq_max, UINT64_MAX);
}

struct store_load request_load_at(struct backend *backend, const char *name, uint64_t seq_max,
                                  uint64_t time_ms_max)
{
    struct store_load load = {
        .request.call = STORE_LOAD,
        .name = span_of_string(name),
        .seq_max = seq_max,
        .time_ms_max = time_ms_max,
    };

    store_run(backend, &load.request);
    return load;
}

struct store_since request_since(struct backend *backend, const char *name, uint64_t from,
                                 uint64_t to)
{
    struct store_since since = {
        .request.call = STORE_SINCE,
        .name = span_of_string(name),
        .from = from,
        .to = to,
        .count_max = SIZE_MAX,
    };

    store_run(backend, &since.request);
    return since;
}

struct store_session request_session(struct backend *backend, const char *name, uint8_t session)
{
    struct store_session request = {
        .request.call = STORE_SESSION,
        .name = span_of_string(name),
        .session = session_key_of(session),
    };

    store_run(backend, &request.request);
    return request;
}

struct store_versions request_versions(struct backend *backend, const char *name)
{
    struct store_versions versions = {
        .request.call = STORE_VERSIONS,
        .name = span_of_string(name),
    };

    store_run(backend, &versions.request);
    return versions;
}

enum status request_commit(struct backend *backend, struct batch_document *documents, size_t count)
{
    struct store_commit commit = {
        .request.call = STORE_COMMIT,
        .documents = documents,
        .count = count,
    };

    store_run(backend, &commit.request);
    return commit.request.status;
}

struct session_key session_key_of(uint8_t byte)
{
    struct session_key key;

    memset(key.bytes, byte, sizeof(key.bytes));
    return key;
}

struct entry edit_of(uint64_t seq, uint64_t epoch, const char *text)
{
    return (struct entry){
        .seq = seq,
        .epoch = epoch,
        .serial = seq,
        .base = seq - 1,
        .time_ms = 5000 + seq,
        .session = session_key_of(1),
        .kind = ENTRY_EDIT,
        .user = SPAN("ann"),
        .arrived = span_of_string(text),
        .sequenced = span_of_string(text),
    };
}

uint64_t claimed(struct backend *backend, const char *name)
{
    struct store_claim claim = request_claim(backend, name, UINT64_MAX);

    ck_assert_int_eq(claim.request.status, STATUS_OK);
    return claim.row.epoch;
}

enum status commit_alone(struct backend *backend, struct batch_document document)
{
    ck_assert_int_eq(request_commit(backend, &document, 1), STATUS_OK);
    return document.outcome;
}

enum status append_edit(struct backend *backend, const char *name, uint64_t epoch, uint64_t head)
{
    struct entry entry = edit_of(head + 1, epoch, "[\"x\"]");
    struct batch_document document = {
        .name = span_of_string(name),
        .epoch = epoch,
        .head = head,
        .entries = &entry,
        .count = 1,
    };

    return commit_alone(backend, document);
}

uint64_t filled(struct backend *backend, const char *name, uint64_t edits)
{
    uint64_t epoch = claimed(backend, name);

    for (uint64_t head = 0; head < edits; head++)
        ck_assert_int_eq(append_edit(backend, name, epoch, head), STATUS_OK);
    return epoch;
}

void fill_notes(struct backend *backend)
{
    struct snapshot snapshot = {.seq = 3, .type = SPAN("text"), .content = SPAN("\"x\"")};
    struct version version = {.name = SPAN("draft"), .seq = 3, .user = SPAN("ann")};
    struct batch_document document = {.name = SPAN("notes/1"),
                                      .head = 5,
                                      .snapshot = &snapshot,
                                      .versions = &version,
                                      .version_count = 1};

    document.epoch = filled(backend, "notes/1", 5);
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
}
