#include "tools/tutti/import.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/collab/state.h"
#include "tests/runner.h"
#include "tests/store/folder.h"
#include "tests/store/requests.h"
#include "tools/tutti/open_store.h"
#include "tools/tutti/store_check.h"
#include "tools/tutti/tutti.h"

#define FIDO "{\"c\":\"pets\",\"d\":\"fido\","
#define REX "{\"c\":\"pets\",\"d\":\"rex\","
#define JSON0 "\"http://sharejs.org/types/JSONv0\""

static const char fido[] = FIDO
    "\"v\":0,\"create\":{\"type\":" JSON0 ",\"data\":{\"n\":1}},\"src\":\"a\",\"seq\":1,"
    "\"m\":{\"ts\":1000}}\n" FIDO
    "\"v\":1,\"op\":[{\"p\":[\"n\"],\"na\":2}],\"src\":\"b\",\"seq\":1,\"m\":{\"ts\":2000}}\n" FIDO
    "\"v\":2,\"src\":\"b\",\"seq\":1}\n" FIDO "\"v\":3,\"type\":" JSON0 ",\"data\":{\"n\":3}}\n";

/* A store of a test's own, and what an import into it said. */
static char folder[FOLDER_PATH_SIZE];
static struct import import;
static char *problems;
static struct fault fault;

static struct backend *open_backend(void)
{
    struct backend *backend = NULL;

    ck_assert_msg(open_store_or_make(folder, &backend, &fault) == STATUS_OK, "%s", fault.text);
    return backend;
}

static enum status run(const char *dump, bool snapshots_only)
{
    size_t size = 0;

    memory_free(problems);
    fault.text[0] = '\0';
    import = (struct import){.backend = open_backend(),
                             .dump = fmemopen((void *)dump, strlen(dump), "r"),
                             .problems = open_memstream(&problems, &size),
                             .snapshots_only = snapshots_only};
    struct store_check_counts counts;
    enum status status = import_run(&import, &fault);

    fclose(import.dump);
    fclose(import.problems);
    ck_assert_int_eq(store_check(import.backend, stdout, &counts, NULL), STATUS_OK);
    ck_assert_uint_eq(counts.problems, 0);
    import.backend->ops->destroy(import.backend);
    return status;
}

static void expect_counts(uint64_t documents, uint64_t operations, uint64_t known, uint64_t refused)
{
    ck_assert_msg(import.documents == documents && import.operations == operations &&
                      import.known == known && import.refused == refused,
                  "%d documents, %d operations, %d known, %d refused: %s", (int)import.documents,
                  (int)import.operations, (int)import.known, (int)import.refused, problems);
}

/* The document in the store, at a version. */
static void expect_content(const char *name, uint64_t version, const char *content)
{
    struct backend *backend = open_backend();
    struct store_load load = request_load(backend, name, version);
    struct buffer bytes = {0};
    struct snapshot snapshot;

    ck_assert_int_eq(load.request.status, STATUS_OK);
    ck_assert_int_eq(state_build(&load, &bytes, &snapshot, NULL), STATUS_OK);
    ck_assert_uint_eq(snapshot.seq, version);
    ck_assert_msg(span_equal(snapshot.content, span_of_string(content)), "%.*s",
                  SPAN_PRINT(snapshot.content));
    buffer_finish(&bytes);
    store_arena_destroy(load.arena);
    backend->ops->destroy(backend);
}

static void setup(void)
{
    folder_new(folder);
    problems = NULL;
}

static void teardown(void)
{
    folder_remove(folder);
    memory_free(problems);
    problems = NULL;
}

START_TEST(imports_a_history_with_its_times_and_its_sources)
{
    setup();
    ck_assert_int_eq(run(fido, false), STATUS_OK);
    expect_counts(1, 3, 0, 0);
    expect_content("pets/fido", 1, "{\"n\":1}");
    expect_content("pets/fido", 3, "{\"n\":3}");

    struct backend *backend = open_backend();
    struct store_since since = request_since(backend, "pets/fido", 0, 3);
    ck_assert_uint_eq(since.count, 3);
    ck_assert_uint_eq(since.entries[0].time_ms, 1000);
    ck_assert_uint_eq(since.entries[2].time_ms, 2000);
    ck_assert_uint_eq(since.entries[2].serial, 2); /* a source that used one twice */
    ck_assert(memcmp(&since.entries[0].session, &since.entries[1].session, SESSION_KEY_SIZE) != 0);
    ck_assert_str_eq(since.row.owner, "");
    store_arena_destroy(since.arena);
    backend->ops->destroy(backend);
    teardown();
}
END_TEST

START_TEST(a_second_run_finds_everything_there)
{
    setup();
    ck_assert_int_eq(run(fido, false), STATUS_OK);
    ck_assert_int_eq(run(fido, false), STATUS_OK);
    expect_counts(0, 0, 1, 0);
    ck_assert_int_eq(run(FIDO "\"v\":3,\"type\":" JSON0 ",\"data\":{\"n\":4}}\n", false),
                     STATUS_OK);
    expect_counts(0, 0, 0, 1);
    ck_assert_str_eq(problems, "line 1: pets/fido: the store has another document of this name\n");
    teardown();
}
END_TEST

START_TEST(begins_with_a_snapshot_where_there_are_no_operations_before_it)
{
    setup();
    ck_assert_int_eq(run(REX "\"v\":7,\"type\":" JSON0
                             ",\"data\":[1],\"m\":{\"mtime\":5000}}\n" FIDO
                             "\"v\":2,\"type\":" JSON0 ",\"data\":{\"n\":3}}\n" FIDO
                             "\"v\":2,\"op\":[{\"p\":[\"n\"],\"na\":1}]}\n" FIDO
                             "\"v\":3,\"type\":" JSON0 ",\"data\":{\"n\":4}}\n",
                         false),
                     STATUS_OK);
    expect_counts(2, 1, 0, 0);
    expect_content("pets/rex", 7, "[1]");
    expect_content("pets/fido", 2, "{\"n\":3}");
    expect_content("pets/fido", 3, "{\"n\":4}");
    teardown();
}
END_TEST

START_TEST(imports_what_was_deleted_as_deleted)
{
    setup();
    ck_assert_int_eq(run(FIDO "\"v\":0,\"create\":{\"type\":" JSON0 "}}\n" FIDO
                              "\"v\":1,\"del\":true}\n" FIDO "\"v\":2}\n" FIDO
                              "\"v\":3,\"type\":null}\n" REX "\"v\":4,\"type\":null}\n",
                         false),
                     STATUS_OK);
    expect_counts(2, 3, 0, 0);
    expect_content("pets/fido", 1, "null");
    expect_content("pets/fido", 3, "");
    expect_content("pets/rex", 4, "");
    teardown();
}
END_TEST

/* The document that comes after it is imported all the same. */
START_TEST(a_document_is_imported_whole_or_refused_with_its_line)
{
    static const struct {
        const char *lines;
        const char *problem;
    } table[] = {
        {FIDO "\"v\":1,\"op\":[]}\n", "line 1: pets/fido: the document begins at version 1"},
        {FIDO "\"v\":0,\"op\":[]}\n", "line 1: pets/fido: there is no document to edit"},
        {FIDO "\"v\":0,\"create\":{\"type\":\"nothing\"}}\n",
         "line 1: pets/fido: the type nothing is not known here"},
        {FIDO "\"v\":0,\"create\":{\"type\":\"counter\"}}\n",
         "line 1: pets/fido: the type counter is not known here"},
        {FIDO "\"v\":0,\"create\":{\"type\":" JSON0 "}}\n" FIDO
              "\"v\":1,\"create\":{\"type\":" JSON0 "}}\n",
         "line 2: pets/fido: the document exists already"},
        {FIDO "\"v\":0,\"create\":{\"type\":" JSON0 "}}\n" FIDO "\"v\":2,\"op\":[]}\n",
         "line 2: pets/fido: version 2 comes where 1 has to be"},
        {FIDO "\"v\":0,\"create\":{\"type\":" JSON0 ",\"data\":[]}}\n" FIDO
              "\"v\":1,\"op\":[{\"p\":[3],\"ld\":1}]}\n",
         "line 2: pets/fido: "},
        {FIDO "\"v\":0,\"create\":{\"type\":" JSON0 ",\"data\":1}}\n" FIDO "\"v\":1,\"type\":" JSON0
              ",\"data\":2}\n",
         "line 2: pets/fido: the snapshot is not what the operations make"},
        {FIDO "\"v\":9000000,\"type\":" JSON0 ",\"data\":2}\n",
         "line 1: pets/fido: version 9000000 is too high"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char dump[1024];

        setup();
        snprintf(dump, sizeof(dump), "%s%s", table[i].lines,
                 REX "\"v\":0,\"create\":{\"type\":" JSON0 ",\"data\":1}}\n");
        ck_assert_int_eq(run(dump, false), STATUS_OK);
        expect_counts(1, 1, 0, 1);
        ck_assert_msg(strncmp(problems, table[i].problem, strlen(table[i].problem)) == 0, "%s",
                      problems);
        expect_content("pets/rex", 1, "1");
        struct backend *backend = open_backend();
        ck_assert_int_eq(request_load(backend, "pets/fido", UINT64_MAX).request.status,
                         STATUS_NOT_FOUND);
        backend->ops->destroy(backend);
        teardown();
    }
}
END_TEST

START_TEST(nothing_is_imported_of_a_dump_that_cannot_be_read)
{
    static const struct {
        const char *lines;
        const char *fault;
    } table[] = {
        {REX "\"v\":1,\"type\":null}\n\n{\n", "line 3: "},
        {REX "\"v\":1,\"type\":null}\n" FIDO "\"v\":1,\"type\":null}\n" REX "\"v\":1,\"op\":[]}\n",
         "line 3: pets/rex comes again"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        setup();
        ck_assert_int_ne(run(table[i].lines, false), STATUS_OK);
        expect_counts(0, 0, 0, 0);
        ck_assert_msg(strncmp(fault.text, table[i].fault, strlen(table[i].fault)) == 0, "%s",
                      fault.text);
        teardown();
    }
}
END_TEST

/* … which is what helps when a history has what no type here takes. */
START_TEST(snapshots_can_be_imported_without_the_operations)
{
    setup();
    ck_assert_int_eq(run(FIDO "\"v\":0,\"create\":{\"type\":" JSON0 ",\"data\":[]}}\n" FIDO
                              "\"v\":1,\"op\":[{\"p\":[3],\"ld\":1}]}\n" FIDO
                              "\"v\":2,\"type\":" JSON0 ",\"data\":[2]}\n" REX "\"v\":0}\n",
                         true),
                     STATUS_OK);
    expect_counts(1, 0, 0, 1);
    ck_assert_str_eq(problems, "line 4: pets/rex: it has no snapshot\n");
    expect_content("pets/fido", 2, "[2]");
    teardown();
}
END_TEST

/* ---- The subcommand ---- */

static int command(const char *dump, const char *store)
{
    char path[FOLDER_PATH_SIZE + 16];
    char *arguments[] = {"import", "sharedb", path, "--store", (char *)store, NULL};

    snprintf(path, sizeof(path), "%s.ndjson", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(dump, file);
    fclose(file);
    int code = tutti_import(5, arguments);
    unlink(path);
    return code;
}

START_TEST(the_exit_code_tells_imported_from_refused_from_trouble)
{
    char url[FOLDER_PATH_SIZE + 16];
    char *nowhere[] = {"import", "sharedb", "/dev/null", NULL};
    char *other[] = {"import", "yjs", "/dev/null", "--store", "x", NULL};

    setup();
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    snprintf(url, sizeof(url), "sqlite:%s", folder);
    ck_assert_int_eq(tutti_import(3, nowhere), 2);
    ck_assert_int_eq(tutti_import(5, other), 2);
    ck_assert_int_eq(command(fido, url), 0);
    ck_assert_int_eq(command(fido, url), 0);
    ck_assert_int_eq(command(FIDO "\"v\":1,\"op\":[]}\n", url), 1);
    ck_assert_int_eq(command("{\n", url), 2);
    struct backend *backend = open_backend();
    ck_assert_int_eq(command(fido, url), 2); /* a server is running */
    backend->ops->destroy(backend);
    teardown();
}
END_TEST

TEST_MAIN("import", imports_a_history_with_its_times_and_its_sources,
          a_second_run_finds_everything_there,
          begins_with_a_snapshot_where_there_are_no_operations_before_it,
          imports_what_was_deleted_as_deleted,
          a_document_is_imported_whole_or_refused_with_its_line,
          nothing_is_imported_of_a_dump_that_cannot_be_read,
          snapshots_can_be_imported_without_the_operations,
          the_exit_code_tells_imported_from_refused_from_trouble)
