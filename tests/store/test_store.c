#include "server/store/store.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/runner.h"
#include "tests/store/flaky.h"
#include "tests/store/requests.h"

enum { DOCUMENTS = 8 };

static const char *const names[DOCUMENTS] = {"n/0", "n/1", "n/2", "n/3",
                                             "n/4", "n/5", "n/6", "n/7"};

static uint64_t test_clock(void)
{
    return 1000;
}

struct fixture {
    struct flaky *flaky;
    struct entry entries[DOCUMENTS];
    struct batch_document documents[DOCUMENTS];
};

/* A batch of one edit for each of the documents, which are claimed. */
static void setup(struct fixture *fixture)
{
    fixture->flaky = flaky_create_take(backend_memory_create(test_clock));
    for (size_t i = 0; i < DOCUMENTS; i++) {
        uint64_t epoch = claimed(&fixture->flaky->backend, names[i]);

        fixture->entries[i] = edit_of(1, epoch, "[\"x\"]");
        fixture->documents[i] = (struct batch_document){
            .name = span_of_string(names[i]),
            .epoch = epoch,
            .entries = &fixture->entries[i],
            .count = 1,
        };
    }
}

static void finish(struct fixture *fixture)
{
    fixture->flaky->backend.ops->destroy(&fixture->flaky->backend);
}

static enum status commit(struct fixture *fixture)
{
    return request_commit(&fixture->flaky->backend, fixture->documents, DOCUMENTS);
}

/* The next call of the back end, or one after it, fails. */
static void fail_next(struct fixture *fixture, uint64_t which, enum status status)
{
    fixture->flaky->fail_at = fixture->flaky->calls + which;
    fixture->flaky->status = status;
}

/* Every document was told `outcome`. */
static void expect_all(struct fixture *fixture, enum status outcome)
{
    for (size_t i = 0; i < DOCUMENTS; i++)
        ck_assert_int_eq(fixture->documents[i].outcome, outcome);
}

static uint64_t head_of(struct fixture *fixture, const char *name)
{
    struct store_load load = request_load(&fixture->flaky->backend, name, 0);

    ck_assert_int_eq(load.request.status, STATUS_OK);
    store_arena_destroy(load.arena);
    return load.row.head;
}

START_TEST(a_who_is_the_beginning_of_the_key)
{
    struct session_key key = {{0}};

    ck_assert_mem_eq(who_of(&key).text, "AAAAAAAA", WHO_SIZE);
    memset(key.bytes, 0xff, 6);
    ck_assert_mem_eq(who_of(&key).text, "________", WHO_SIZE);
    memcpy(key.bytes, "\x00\x10\x83\x10\x51\x87", 6);
    ck_assert_mem_eq(who_of(&key).text, "ABCDEFGH", WHO_SIZE);
}
END_TEST

START_TEST(a_batch_that_fails_whole_is_halved_until_the_culprit_is_alone)
{
    for (size_t culprit = 0; culprit < DOCUMENTS; culprit++) {
        struct fixture fixture;

        setup(&fixture);
        fixture.flaky->culprit = span_of_string(names[culprit]);
        ck_assert_int_eq(commit(&fixture), STATUS_OK);
        for (size_t i = 0; i < DOCUMENTS; i++) {
            ck_assert_int_eq(fixture.documents[i].outcome,
                             i == culprit ? STATUS_FAILED : STATUS_OK);
            ck_assert_uint_eq(head_of(&fixture, names[i]), i != culprit);
        }
        ck_assert_uint_eq(fixture.flaky->commits, 7); /* 8, 4 + 4, 2 + 2, 1 + 1 */
        ck_assert_str_ne(fixture.flaky->backend.fault.text, "");
        finish(&fixture);
    }
}
END_TEST

START_TEST(a_passing_failure_loses_nothing)
{
    struct fixture fixture;

    setup(&fixture);
    fail_next(&fixture, 1, STATUS_FAILED);
    ck_assert_int_eq(commit(&fixture), STATUS_OK);
    expect_all(&fixture, STATUS_OK);
    ck_assert_uint_eq(fixture.flaky->commits, 3);
    finish(&fixture);
}
END_TEST

START_TEST(an_unknown_batch_is_never_tried_again)
{
    for (int written = 0; written < 2; written++) {
        struct fixture fixture;

        setup(&fixture);
        fail_next(&fixture, 1, STATUS_UNKNOWN);
        fixture.flaky->written = written;
        ck_assert_int_eq(commit(&fixture), STATUS_OK);
        expect_all(&fixture, STATUS_UNKNOWN);
        ck_assert_uint_eq(fixture.flaky->commits, 1);
        ck_assert_uint_eq(head_of(&fixture, names[0]), (uint64_t)written);
        finish(&fixture);
    }
}
END_TEST

START_TEST(a_fenced_document_stays_fenced_when_its_batch_fails)
{
    static const enum status ways[] = {STATUS_FAILED, STATUS_UNKNOWN, STATUS_OK};

    for (size_t way = 0; way < 3; way++) {
        struct fixture fixture;

        setup(&fixture);
        fixture.documents[3].epoch++;
        fixture.flaky->written = true;
        if (ways[way] != STATUS_OK)
            fail_next(&fixture, 1, ways[way]);
        ck_assert_int_eq(commit(&fixture), STATUS_OK);
        ck_assert_int_eq(fixture.documents[3].outcome, STATUS_FENCED);
        finish(&fixture);
    }
}
END_TEST

START_TEST(a_store_that_is_away_says_so_for_the_whole_batch)
{
    struct fixture fixture;

    setup(&fixture);
    fail_next(&fixture, 1, STATUS_AWAY);
    ck_assert_int_eq(commit(&fixture), STATUS_AWAY);
    expect_all(&fixture, STATUS_FAILED);
    finish(&fixture);
}
END_TEST

/* The culprit fails four batches; what is tried without it is 1, then 2 and 3, then 4 to 7. */
START_TEST(a_store_that_goes_away_between_the_halves_has_failed_the_rest)
{
    struct fixture fixture;

    setup(&fixture);
    fixture.flaky->culprit = SPAN("n/0");
    fail_next(&fixture, 3, STATUS_AWAY);
    ck_assert_int_eq(commit(&fixture), STATUS_OK);
    for (size_t i = 0; i < DOCUMENTS; i++) {
        bool whole = i >= 1 && i <= 3;

        ck_assert_int_eq(fixture.documents[i].outcome, whole ? STATUS_OK : STATUS_FAILED);
        ck_assert_uint_eq(head_of(&fixture, names[i]), whole);
    }
    finish(&fixture);
}
END_TEST

START_TEST(an_empty_batch_is_fine)
{
    struct fixture fixture;

    setup(&fixture);
    ck_assert_int_eq(request_commit(&fixture.flaky->backend, NULL, 0), STATUS_OK);
    finish(&fixture);
}
END_TEST

static void swap_two(struct fixture *fixture)
{
    fixture->documents[0].name = SPAN("n/2");
}

static void name_one_twice(struct fixture *fixture)
{
    fixture->documents[1].name = fixture->documents[0].name;
}

static void leave_a_seq_out(struct fixture *fixture)
{
    fixture->entries[1].seq++;
}

static void take_a_later_epoch(struct fixture *fixture)
{
    fixture->entries[1].epoch++;
}

static void write_a_number_of_64_bits(struct fixture *fixture)
{
    fixture->entries[1].serial = UINT64_MAX;
}

/* Does a commit of the batch abort, once `spoil` had its way with it? */
static bool aborts(void (*spoil)(struct fixture *fixture))
{
    pid_t child = fork();
    int status = 0;

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct fixture fixture;

        setup(&fixture);
        if (spoil != NULL)
            spoil(&fixture);
        ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
        (void)commit(&fixture);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

START_TEST(a_batch_that_is_no_batch_is_our_own_fault)
{
    ck_assert(!aborts(NULL));
    ck_assert(aborts(swap_two));
    ck_assert(aborts(name_one_twice));
    ck_assert(aborts(leave_a_seq_out));
    ck_assert(aborts(take_a_later_epoch));
    ck_assert(aborts(write_a_number_of_64_bits));
}
END_TEST

TEST_MAIN("store", a_who_is_the_beginning_of_the_key,
          a_batch_that_fails_whole_is_halved_until_the_culprit_is_alone,
          a_passing_failure_loses_nothing, an_unknown_batch_is_never_tried_again,
          a_fenced_document_stays_fenced_when_its_batch_fails,
          a_store_that_is_away_says_so_for_the_whole_batch,
          a_store_that_goes_away_between_the_halves_has_failed_the_rest, an_empty_batch_is_fine,
          a_batch_that_is_no_batch_is_our_own_fault)
