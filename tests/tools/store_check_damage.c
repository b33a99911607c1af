#include "tests/tools/store_check_damage.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "tests/store/requests.h"
#include "tools/tutti/store_check.h"
#include "tools/tutti/tutti.h"

enum { ENTRIES = 6 };

static struct entry entry_of(uint64_t seq, enum entry_kind kind, const char *operation)
{
    struct entry entry = edit_of(seq, 1000, operation);

    entry.kind = (uint8_t)kind;
    return entry;
}

int damage_run_check(char *argument)
{
    char command[] = "store";
    char check[] = "check";
    char *arguments[] = {command, check, argument, NULL};

    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    return tutti_store(argument != NULL ? 3 : 2, arguments);
}

void damage_fill(struct backend *backend)
{
    struct entry entries[ENTRIES] = {
        entry_of(1, ENTRY_CREATE, "{\"data\":\"ab\",\"type\":\"text\"}"),
        entry_of(2, ENTRY_EDIT, "[1,\"x\"]"),
        entry_of(3, ENTRY_EDIT, "[\"y\"]"),
        entry_of(4, ENTRY_DELETE, ""),
        entry_of(5, ENTRY_CREATE, "{\"type\":\"text\"}"),
        entry_of(6, ENTRY_EDIT, "[\"z\"]"),
    };
    struct snapshot snapshots[] = {
        {.seq = 3,
         .epoch = 1000,
         .time_ms = 5003,
         .type = SPAN("text"),
         .content = SPAN("\"yaxb\"")},
        {.seq = 4, .epoch = 1000, .time_ms = 5004},
        {.seq = 6, .epoch = 1000, .time_ms = 5006, .type = SPAN("text"), .content = SPAN("\"z\"")},
    };
    struct spent spent = {.serial = 7, .code = 208};
    struct session_row row = {.session = session_key_of(1),
                              .serial = 7,
                              .seq = 6,
                              .floor = 2,
                              .spent = &spent,
                              .spent_count = 1};
    struct version version = {
        .name = SPAN("draft"), .seq = 3, .time_ms = 6000, .user = SPAN("ann")};
    struct batch_document document = {.name = SPAN("notes/1"),
                                      .entries = entries,
                                      .count = ENTRIES,
                                      .rows = &row,
                                      .row_count = 1,
                                      .snapshot = &snapshots[0],
                                      .versions = &version,
                                      .version_count = 1};

    entries[0].serial = 0;
    entries[4].serial = 0;
    document.epoch = claimed(backend, "notes/1");
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    document =
        (struct batch_document){.name = SPAN("notes/1"), .epoch = document.epoch, .head = ENTRIES};
    for (size_t i = 1; i < 3; i++) {
        document.snapshot = &snapshots[i];
        ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    }
    claimed(backend, "notes/2"); /* one that was never created */
}

/* Check the store that SQL has spoilt; returns what was printed, which the caller frees. */
static char *check_after(const char *sql, struct store_check_counts *counts)
{
    char *printed = NULL;
    size_t size = 0;
    struct fault fault = {""};
    struct backend *backend = damage_create();

    damage_fill(backend);
    backend = damage_spoil_take(backend, sql);
    FILE *out = open_memstream(&printed, &size);
    ck_assert_ptr_nonnull(out);
    enum status status = store_check(backend, out, counts, &fault);
    ck_assert_msg(status == STATUS_OK, "%s: %s", sql, fault.text);
    ck_assert_int_eq(fclose(out), 0);
    damage_remove_take(backend);
    return printed;
}

/* A fold that was interrupted has left its snapshot above what has gone. */
START_TEST(a_folded_log_begins_at_its_oldest_snapshot)
{
    static const struct {
        const char *sql;
        uint64_t problems;
        const char *printed;
    } table[] = {
        {"DELETE FROM entry WHERE seq <= 3; UPDATE document SET folded = 3 WHERE head > 0", 0, ""},
        {"DELETE FROM entry WHERE seq <= 5; DELETE FROM snapshot WHERE seq < 5;"
         "UPDATE document SET folded = 5 WHERE head > 0",
         0, ""},
        {"DELETE FROM entry WHERE seq <= 3; DELETE FROM snapshot;"
         "UPDATE document SET folded = 3 WHERE head > 0",
         1, "notes/1: its log was folded up to 3, without a snapshot\n"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_check_counts counts;
        char *printed = check_after(table[i].sql, &counts);

        ck_assert_str_eq(printed, table[i].printed);
        ck_assert_uint_eq(counts.problems, table[i].problems);
        memory_free(printed);
    }
}
END_TEST

START_TEST(a_sound_store_has_no_problems)
{
    struct store_check_counts counts;
    char *printed = check_after("SELECT 1", &counts);

    ck_assert_str_eq(printed, "");
    ck_assert_uint_eq(counts.problems, 0);
    ck_assert_uint_eq(counts.documents, 2);
    ck_assert_uint_eq(counts.operations, ENTRIES);
    ck_assert_uint_eq(counts.snapshots, 3);
    ck_assert_uint_eq(counts.versions, 1);
    ck_assert_uint_eq(counts.sessions, 1);
    memory_free(printed);
}
END_TEST

/* What an older version of the server has written has no checksums. */
#define NO_CHECKSUMS                                                                               \
    "UPDATE entry SET checksum = NULL; UPDATE snapshot SET checksum = NULL;"                       \
    "UPDATE version SET checksum = NULL;"

START_TEST(each_kind_of_damage_is_named_without_checksums)
{
    static const struct {
        const char *sql;
        const char *line;
    } table[] = {
        {"DELETE FROM entry WHERE seq = 2", "notes/1: the history has a gap"},
        {"DELETE FROM entry WHERE seq = 6", "notes/1: the history ends below its head"},
        {"DELETE FROM entry", "notes/1: the history ends below its head"},
        {"UPDATE document SET head = 7 WHERE name = 'notes/1'",
         "notes/1: the history ends below its head"},
        {"UPDATE entry SET epoch = 999 WHERE seq = 4",
         "notes/1: seq 4: the epoch falls from 1000 to 999"},
        {"UPDATE entry SET epoch = 1001 WHERE seq = 6",
         "notes/1: seq 6: epoch 1001 was never claimed"},
        {"UPDATE entry SET time_ms = 5001 WHERE seq = 3",
         "notes/1: seq 3: the time falls from 5002 to 5001"},
        {"UPDATE entry SET base = 3 WHERE seq = 3", "notes/1: seq 3: its base is 3"},
        {"UPDATE entry SET serial = 2 WHERE seq = 3", "notes/1: seq 3: serial 2 comes after 2"},
        {"UPDATE entry SET arrived = x'5b39395d' WHERE seq = 2",
         "notes/1: seq 2: it cannot be applied: "},
        {"UPDATE entry SET arrived = x'7b7d' WHERE seq = 5",
         "notes/1: seq 5: it cannot be applied: "},
        {"UPDATE entry SET kind = 0 WHERE seq = 1", "notes/1: seq 1: it cannot be applied: "},
        {"UPDATE entry SET sequenced = x'5b2271225d' WHERE seq = 3",
         "notes/1: snapshot 3: the content is not what the log makes: its hash is "},
        {"UPDATE snapshot SET content = x'2278' WHERE seq = 6",
         "notes/1: snapshot 6: the content is not what the log makes"},
        {"UPDATE snapshot SET type = 'counter' WHERE seq = 3",
         "notes/1: snapshot 3: the type is \"counter\" and the log makes \"text\""},
        {"UPDATE snapshot SET type = 'text' WHERE seq = 4",
         "notes/1: snapshot 4: the type is \"text\" and the log makes \"\""},
        {"UPDATE snapshot SET epoch = 7 WHERE seq = 4",
         "notes/1: snapshot 4: its epoch is 7, the operation's 1000"},
        {"UPDATE snapshot SET time_ms = 7 WHERE seq = 4",
         "notes/1: snapshot 4: its time is not the operation's"},
        {"UPDATE snapshot SET created = 2 WHERE seq = 6",
         "notes/1: snapshot 6: it is of a document made or deleted at seq 2, in the log at 5"},
        {"UPDATE session SET serial = 8",
         "notes/1: session AQEBAQEB: its serial is 8, the last one used 7"},
        {"UPDATE session SET seq = 5", "notes/1: session AQEBAQEB: its seq is 5, in the log 6"},
        {"UPDATE session SET floor = 7",
         "notes/1: session AQEBAQEB: its floor 7 is above the head"},
        {"UPDATE session SET spent = '['", "notes/1: a session's row cannot be"},
        {"DELETE FROM session", "notes/1: session AQEBAQEB: it has operations and no row"},
        {"UPDATE session SET session = x'02020202020202020202020202020202'",
         "notes/1: session AgICAgIC: its seq is 6, in the log 0"},
        {"UPDATE version SET seq = 7", "notes/1: version \"draft\": its seq is 7, the head is 6"},
        {"UPDATE version SET seq = 0", "notes/1: version \"draft\": its seq is 0, the head is 6"},
        {"DELETE FROM entry WHERE seq <= 3; UPDATE snapshot SET type = 'poem' WHERE seq = 3;"
         "UPDATE document SET folded = 3 WHERE head > 0",
         "notes/1: snapshot 3: it cannot be read: "},
        {"DELETE FROM entry WHERE seq <= 4; UPDATE snapshot SET type = 'poem' WHERE seq = 3;"
         "UPDATE document SET folded = 4 WHERE head > 0",
         "notes/1: snapshot 3: it cannot be read: "},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_check_counts counts;
        char sql[1000];

        snprintf(sql, sizeof(sql), NO_CHECKSUMS "%s", table[i].sql);
        char *printed = check_after(sql, &counts);

        ck_assert_msg(strstr(printed, table[i].line) != NULL, "%s: %s", table[i].sql, printed);
        ck_assert_msg(strstr(printed, "notes/1: notes/1") == NULL, "%s", printed);
        ck_assert_uint_gt(counts.problems, 0);
        memory_free(printed);
    }
}
END_TEST

/* One bit is another one, in any of the columns: what it makes could well be. */
START_TEST(a_flipped_bit_is_named_with_what_was_expected_and_found)
{
    static const struct {
        const char *sql;
        const char *row;
    } table[] = {
        {"UPDATE entry SET arrived = x'5b2279225d' WHERE seq = 6", "seq 6"}, /* z is now y */
        {"UPDATE entry SET arrived = x'5b312c2279225d' WHERE seq = 2", "seq 2"},
        {"UPDATE entry SET sequenced = x'5b2278225d' WHERE seq = 3", "seq 3"},
        {"UPDATE entry SET user = 'bnn' WHERE seq = 1", "seq 1"},
        {"UPDATE entry SET time_ms = time_ms | 1 WHERE seq = 6", "seq 6"},
        {"UPDATE entry SET rule = rule + 1 WHERE seq = 6", "seq 6"},
        {"UPDATE entry SET base = 4 WHERE seq = 6", "seq 6"},
        {"UPDATE entry SET checksum = checksum + 1 WHERE seq = 6", "seq 6"},
        {"UPDATE snapshot SET content = x'227861786222' WHERE seq = 3", "snapshot 3"},
        {"UPDATE snapshot SET content = x'227922' WHERE seq = 6", "snapshot 6"},
        {"UPDATE snapshot SET epoch = epoch + 1 WHERE seq = 4", "snapshot 4"},
        {"UPDATE snapshot SET checksum = 0 WHERE seq = 4", "snapshot 4"},
        {"UPDATE version SET seq = 2", "the version of seq 2"},
        {"UPDATE version SET name = 'dragt'", "the version of seq 3"},
        {"UPDATE version SET time_ms = 6001", "the version of seq 3"},
        /* Where nothing in the log tells any more: a snapshot that all begins with, a version's. */
        {"DELETE FROM entry WHERE seq <= 3; UPDATE document SET folded = 3 WHERE head > 0;"
         "UPDATE snapshot SET content = x'227861786222' WHERE seq = 3",
         "snapshot 3"},
        {"DELETE FROM entry WHERE seq <= 6; UPDATE document SET folded = 6 WHERE head > 0;"
         "UPDATE snapshot SET content = x'227861786222' WHERE seq = 3",
         "snapshot 3"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct store_check_counts counts;
        char *printed = check_after(table[i].sql, &counts);
        char line[100];

        snprintf(line, sizeof(line), "notes/1: %s is damaged: its checksum was ", table[i].row);
        const char *found = strstr(printed, line);
        ck_assert_msg(found != NULL && strstr(found, ", now it is ") != NULL, "%s: %s",
                      table[i].sql, printed);
        ck_assert_msg(strstr(found + 1, line) == NULL, "twice: %s", printed);
        ck_assert_uint_gt(counts.problems, 0);
        memory_free(printed);
    }
}
END_TEST

/* A damaged snapshot does not hide the ones below it. */
START_TEST(all_that_is_damaged_is_named)
{
    struct store_check_counts counts;
    char *printed = check_after("UPDATE snapshot SET epoch = 7; UPDATE version SET seq = 2;"
                                "UPDATE entry SET rule = 5 WHERE seq = 6",
                                &counts);

    ck_assert_ptr_nonnull(strstr(printed, "notes/1: snapshot 6 is damaged"));
    ck_assert_ptr_nonnull(strstr(printed, "notes/1: snapshot 4 is damaged"));
    ck_assert_ptr_nonnull(strstr(printed, "notes/1: snapshot 3 is damaged"));
    ck_assert_ptr_nonnull(strstr(printed, "notes/1: the version of seq 2 is damaged"));
    ck_assert_ptr_nonnull(strstr(printed, "notes/1: seq 6 is damaged"));
    ck_assert_uint_eq(counts.problems, 5);
    memory_free(printed);
}
END_TEST

/* What comes behind a page of names is checked too. */
START_TEST(all_of_many_documents_and_sessions_are_checked)
{
    enum { MANY = 2500 };
    static struct session_row rows[MANY];
    struct batch_document document = {.name = SPAN("a"), .rows = rows, .row_count = MANY};
    struct store_check_counts counts;
    char name[16];
    struct backend *backend = damage_create();

    document.epoch = claimed(backend, "a");
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "b/%d", i);
        claimed(backend, name);
        snprintf((char *)rows[i].session.bytes, SESSION_KEY_SIZE, "%d", i);
    }
    ck_assert_int_eq(commit_alone(backend, document), STATUS_OK);
    ck_assert_int_eq(store_check(backend, stdout, &counts, NULL), STATUS_OK);
    ck_assert_uint_eq(counts.documents, MANY + 1);
    ck_assert_uint_eq(counts.sessions, MANY);
    ck_assert_uint_eq(counts.problems, 0);
    damage_remove_take(backend);
}
END_TEST

size_t damage_tests(const TTest **tests)
{
    const TTest *const all[] = {
        a_folded_log_begins_at_its_oldest_snapshot,
        a_sound_store_has_no_problems,
        each_kind_of_damage_is_named_without_checksums,
        a_flipped_bit_is_named_with_what_was_expected_and_found,
        all_that_is_damaged_is_named,
        all_of_many_documents_and_sessions_are_checked,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
