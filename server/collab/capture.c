#include "server/collab/capture.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/word.h"
#include "server/collab/call.h"

/* ---- What a kind has ---- */

enum field {
    NOW = 1,
    LINK = 2,
    NUMBER = 4,
    HASH = 8,
    TEXT = 16,
    BYTES = 32,
    CONFIG = 64,
    REQUEST = 128
};

static const uint8_t fields_of[CAPTURE_KIND_COUNT] = {
    [CAPTURE_BEGIN] = NUMBER | TEXT | CONFIG,
    [CAPTURE_CONNECT] = NOW | LINK | NUMBER | TEXT,
    [CAPTURE_RECEIVE] = NOW | LINK | TEXT,
    [CAPTURE_OVERSIZED] = NOW | LINK | NUMBER | TEXT,
    [CAPTURE_HEARD] = NOW | LINK,
    [CAPTURE_BREAK] = LINK | NUMBER | TEXT,
    [CAPTURE_DISCONNECT] = LINK,
    [CAPTURE_NEXT] = LINK,
    [CAPTURE_WRITTEN] = NOW | LINK | NUMBER | HASH,
    [CAPTURE_CALL] = NOW | TEXT | REQUEST,
    [CAPTURE_FORGET] = NUMBER,
    [CAPTURE_TURN] = NOW,
    [CAPTURE_DELIVER] = NOW,
    [CAPTURE_RETURNED] = NUMBER | TEXT,
    [CAPTURE_SEND_AWAY] = NOW | NUMBER,
    [CAPTURE_SHUTDOWN] = NOW,
    [CAPTURE_GOODBYE] = NOW,
    [CAPTURE_DESTROY] = 0,
    [CAPTURE_MEET] = NOW,
    [CAPTURE_DRAIN] = 0,
    [CAPTURE_DEPART] = 0,
    [CAPTURE_SUBSCRIBED] = TEXT,
    [CAPTURE_MESSAGE] = TEXT | BYTES,
    [CAPTURE_MEMBERS] = TEXT,
    [CAPTURE_LOST] = 0,
    [CAPTURE_ANSWERED] = NUMBER | HASH,
    [CAPTURE_PUBLISH] = HASH | TEXT,
    [CAPTURE_SUBSCRIBE] = TEXT,
    [CAPTURE_UNSUBSCRIBE] = TEXT,
    [CAPTURE_BEAT] = TEXT,
    [CAPTURE_LEAVE] = TEXT,
};

static void describe_time(struct archive *archive, uint64_t *time_ms, uint64_t *before_ms)
{
    int64_t passed = (int64_t)(*time_ms - *before_ms);

    archive_signed(archive, &passed);
    *before_ms += (uint64_t)passed;
    *time_ms = *before_ms;
}

static void describe_config(struct archive *archive, struct hub_config *config)
{
    archive_number(archive, &config->start);
    archive_block(archive, config->secret, sizeof(config->secret));
    archive_number(archive, &config->heartbeat_ms);
    archive_number(archive, &config->idle_ms);
    archive_number(archive, &config->keep_operations);
    archive_number(archive, &config->keep_ms);
}

static void describe_flag(struct archive *archive, bool *flag)
{
    uint8_t byte = *flag;

    archive_byte(archive, &byte);
    *flag = byte != 0;
}

static void describe_request(struct archive *archive, struct api_request *request)
{
    uint64_t action = request->action;

    archive_number(archive, &action);
    if (action > API_BLAME)
        archive->failed = true;
    else
        request->action = (enum api_action)action;
    archive_bytes(archive, &request->name);
    archive_bytes(archive, &request->key);
    archive_bytes(archive, &request->version);
    archive_number(archive, &request->seq);
    archive_number(archive, &request->time_ms);
    archive_number(archive, &request->last_seq);
    archive_number(archive, &request->last_epoch);
    archive_number(archive, &request->from);
    archive_number(archive, &request->to);
    describe_flag(archive, &request->at_head);
    archive_number(archive, &request->base);
    archive_bytes(archive, &request->operation);
    describe_flag(archive, &request->create);
    archive_bytes(archive, &request->type);
    archive_bytes(archive, &request->data);
}

void capture_describe(struct archive *archive, struct capture_record *record, uint64_t *now_ms)
{
    archive_byte(archive, &record->kind);
    if (record->kind >= CAPTURE_KIND_COUNT) {
        archive->failed = true;
        return;
    }
    uint8_t fields = fields_of[record->kind];

    if (fields & NOW)
        describe_time(archive, &record->now_ms, now_ms);
    if (fields & LINK)
        archive_number(archive, &record->link);
    if (fields & NUMBER)
        archive_number(archive, &record->number);
    if (fields & HASH)
        archive_block(archive, &record->hash, sizeof(record->hash));
    if (fields & CONFIG)
        describe_config(archive, &record->config);
    if (fields & REQUEST)
        describe_request(archive, &record->request);
    if (fields & TEXT)
        archive_bytes(archive, &record->text);
    if (fields & BYTES)
        archive_bytes(archive, &record->bytes);
}

/* ---- What the store gave ---- */

/* By its code, which never changes. */
static void describe_status(struct archive *archive, enum status *status)
{
    uint64_t code = archive_reads(archive) ? 0 : (uint64_t)status_code(*status);

    archive_number(archive, &code);
    enum status known = status_of_code((int)code);

    if (known == STATUS_COUNT)
        archive->failed = true;
    else
        *status = known;
}

static void describe_row(struct archive *archive, struct document_row *row)
{
    archive_number(archive, &row->epoch);
    archive_number(archive, &row->head);
    archive_number(archive, &row->folded);
    archive_block(archive, row->owner, sizeof(row->owner));
}

static void describe_snapshot(struct archive *archive, struct snapshot *snapshot)
{
    archive_number(archive, &snapshot->seq);
    archive_number(archive, &snapshot->epoch);
    archive_number(archive, &snapshot->time_ms);
    archive_number(archive, &snapshot->created);
    archive_bytes(archive, &snapshot->type);
    archive_bytes(archive, &snapshot->content);
}

static void describe_entry(struct archive *archive, struct entry *entry)
{
    uint8_t same = entry_is_as_it_arrived(entry);

    archive_number(archive, &entry->seq);
    archive_number(archive, &entry->epoch);
    archive_number(archive, &entry->serial);
    archive_number(archive, &entry->base);
    archive_number(archive, &entry->time_ms);
    archive_block(archive, entry->session.bytes, SESSION_KEY_SIZE);
    archive_byte(archive, &entry->kind);
    archive_byte(archive, &entry->rule);
    archive_bytes(archive, &entry->user);
    archive_bytes(archive, &entry->arrived);
    archive_byte(archive, &same);
    if (same)
        entry->sequenced = entry->arrived;
    else
        archive_bytes(archive, &entry->sequenced);
}

static void describe_entries(struct archive *archive, struct entry **entries, size_t *count)
{
    *entries = archive_list(archive, *entries, count, sizeof(**entries));
    for (size_t i = 0; i < *count; i++)
        describe_entry(archive, &(*entries)[i]);
}

static void describe_session_row(struct archive *archive, struct session_row *row)
{
    archive_block(archive, row->session.bytes, SESSION_KEY_SIZE);
    archive_number(archive, &row->serial);
    archive_number(archive, &row->seq);
    archive_number(archive, &row->floor);
    row->spent = archive_list(archive, row->spent, &row->spent_count, sizeof(*row->spent));
    for (size_t i = 0; i < row->spent_count; i++) {
        int64_t code = row->spent[i].code;

        archive_number(archive, &row->spent[i].serial);
        archive_signed(archive, &code);
        row->spent[i].code = (int)code;
    }
}

static void describe_versions(struct archive *archive, struct store_versions *versions)
{
    versions->versions =
        archive_list(archive, versions->versions, &versions->count, sizeof(*versions->versions));
    for (size_t i = 0; i < versions->count; i++) {
        struct version *version = &versions->versions[i];

        archive_bytes(archive, &version->name);
        archive_number(archive, &version->seq);
        archive_number(archive, &version->time_ms);
        archive_bytes(archive, &version->user);
    }
}

static void describe_outcomes(struct archive *archive, struct store_commit *commit)
{
    for (size_t i = 0; i < commit->count; i++)
        describe_status(archive, &commit->documents[i].outcome);
}

/* What is read back lives in the archive's arena, which is the request's from then on. */
static void take_arena(const struct archive *archive, struct store_arena **arena)
{
    if (archive_reads(archive))
        *arena = archive->arena;
}

/* Only a read that is OK gives something. */
static void describe_read(struct archive *archive, struct store_request *request)
{
    struct store_load *load = container_of(request, struct store_load, request);
    struct store_since *since = container_of(request, struct store_since, request);
    struct store_session *session = container_of(request, struct store_session, request);
    struct store_versions *versions = container_of(request, struct store_versions, request);

    switch (request->call) {
    case STORE_LOAD:
        take_arena(archive, &load->arena);
        describe_row(archive, &load->row);
        describe_snapshot(archive, &load->snapshot);
        describe_entries(archive, &load->entries, &load->count);
        break;
    case STORE_SINCE:
        take_arena(archive, &since->arena);
        describe_row(archive, &since->row);
        describe_entries(archive, &since->entries, &since->count);
        break;
    case STORE_SESSION:
        take_arena(archive, &session->arena);
        describe_session_row(archive, &session->row);
        break;
    case STORE_VERSIONS:
        take_arena(archive, &versions->arena);
        describe_versions(archive, versions);
        break;
    default:
        must(false);
    }
}

void capture_describe_outcome(struct archive *archive, struct store_request *request)
{
    struct store_claim *claim = container_of(request, struct store_claim, request);

    describe_status(archive, &request->status);
    switch (request->call) {
    case STORE_CLAIM: /* FENCED tells whose it is */
        describe_row(archive, &claim->row);
        break;
    case STORE_COMMIT:
        describe_outcomes(archive, container_of(request, struct store_commit, request));
        break;
    case STORE_BUILD:
        archive_number(archive, &container_of(request, struct store_build, request)->seq);
        break;
    default:
        if (request->status == STATUS_OK)
            describe_read(archive, request);
        break;
    }
}

/* ---- Records ---- */

static uint32_t check_of(struct span body, uint64_t number)
{
    uint8_t key[16] = {0};

    memcpy(key, &number, sizeof(number));
    return (uint32_t)hash_keyed(key, body);
}

/* Tells two runs of the same code apart, at a word in a few cycles; nobody can gain by aiming at
 * it. A step is a bijection of the hash, and of the word. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

static uint64_t mix_bytes(uint64_t hash, struct span bytes)
{
    size_t whole = bytes.size - bytes.size % WORD_SIZE;
    uint64_t rest = 0;

    for (size_t at = 0; at < whole; at += WORD_SIZE)
        hash = mix(hash, word_load(bytes.data + at));
    if (bytes.size > whole)
        memcpy(&rest, bytes.data + whole, bytes.size - whole);
    return mix(mix(hash, rest), bytes.size);
}

uint64_t capture_hash(const struct span *spans, size_t count, size_t size)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < count && size > 0; i++) {
        size_t taken = spans[i].size < size ? spans[i].size : size;

        hash = mix_bytes(hash, span_of(spans[i].data, taken));
        size -= taken;
    }
    return hash;
}

void capture_finish(struct capture *capture)
{
    buffer_finish(&capture->scratch);
}

/* The size goes before the body and is not known before it: room is left for the largest. */
void capture_write(struct capture *capture, struct capture_record *record)
{
    struct buffer *scratch = &capture->scratch;
    struct archive archive = {.out = scratch};
    uint8_t head[ARCHIVE_NUMBER_BYTES_MAX];

    if (capture->count == 0)
        capture->write(capture, SPAN(CAPTURE_MAGIC));
    buffer_clear(scratch);
    buffer_append(scratch, SPAN("..........")); /* ARCHIVE_NUMBER_BYTES_MAX */
    capture_describe(&archive, record, &capture->now_ms);

    struct span body = buffer_span(scratch);
    body = span_of(body.data + ARCHIVE_NUMBER_BYTES_MAX, body.size - ARCHIVE_NUMBER_BYTES_MAX);
    uint32_t check = check_of(body, capture->count);

    archive_block(&archive, &check, CAPTURE_CHECK_SIZE);
    size_t head_size = archive_write_number(head, body.size);
    size_t begin = ARCHIVE_NUMBER_BYTES_MAX - head_size;

    memcpy(scratch->data + begin, head, head_size);
    capture->write(capture, span_of(scratch->data + begin, scratch->size - begin));
    capture->count++;
}

void capture_write_outcome(struct capture *capture, struct store_request *request)
{
    struct buffer outcome = {0};
    struct archive archive = {.out = &outcome};
    struct capture_record record = {.kind = CAPTURE_RETURNED, .number = request->number};

    capture_describe_outcome(&archive, request);
    record.text = buffer_span(&outcome);
    capture_write(capture, &record);
    buffer_finish(&outcome);
}

void capture_answer(struct capture *capture, uint64_t call, const struct call_answer *answer)
{
    const uint64_t numbers[] = {(uint64_t)status_code(answer->status), answer->seq, answer->epoch};
    const struct span pieces[] = {span_of(numbers, sizeof(numbers)), answer->json};
    struct capture_record record = {
        .kind = CAPTURE_ANSWERED, .number = call, .hash = capture_hash(pieces, 2, SIZE_MAX)};

    if (capture != NULL)
        capture_write(capture, &record);
}

static enum status damaged(uint64_t number, struct fault *fault)
{
    return fault_set(fault, STATUS_CORRUPT, "record %" PRIu64 " is not what was written", number);
}

static enum status cut_off(uint64_t number, struct fault *fault)
{
    return fault_set(fault, STATUS_MORE, "record %" PRIu64 " is cut off", number);
}

/* Behind the end of a capture that a crash has cut off. */
static bool all_zero(struct span bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i] != 0)
            return false;
    return true;
}

enum status capture_read(struct span *bytes, uint64_t number, uint64_t *now_ms,
                         struct capture_record *record, struct fault *fault)
{
    struct archive archive = {.in = *bytes};
    uint64_t size = 0;
    uint32_t check = 0;

    *record = (struct capture_record){.kind = CAPTURE_END};
    if (bytes->size == 0)
        return STATUS_OK;
    archive_number(&archive, &size);
    if (!archive.failed && size == 0)
        return all_zero(archive.in) ? STATUS_OK : damaged(number, fault);
    if (archive.failed || archive.in.size < CAPTURE_CHECK_SIZE ||
        size > archive.in.size - CAPTURE_CHECK_SIZE)
        return cut_off(number, fault);
    struct span body = span_of(archive.in.data, (size_t)size);
    struct span rest = span_of(body.data + size, archive.in.size - (size_t)size);

    archive.in = rest;
    archive_block(&archive, &check, CAPTURE_CHECK_SIZE);
    rest = archive.in;
    if (check != check_of(body, number)) /* half written when the process ended, or spoilt later */
        return rest.size > 0 && all_zero(rest) ? cut_off(number, fault) : damaged(number, fault);
    archive.in = body;
    capture_describe(&archive, record, now_ms);
    if (archive.failed || archive.in.size > 0)
        return damaged(number, fault);
    *bytes = rest;
    return STATUS_OK;
}
