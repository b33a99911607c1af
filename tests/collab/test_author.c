#include "server/collab/author.h"

#include "base/limits.h"
#include "base/memory.h"
#include "tests/runner.h"

static const struct session_key key = {{1, 2, 3}};

START_TEST(is_a_session_that_never_wrote)
{
    struct author *author = author_create(&key);
    struct who who = who_of(&key);

    ck_assert_mem_eq(author->who.text, who.text, WHO_SIZE);
    ck_assert_uint_eq(author->row.serial, 0);
    ck_assert_uint_eq(author->row.spent_count, 0);
    author_destroy(author);
    author_destroy(NULL);
}
END_TEST

START_TEST(tells_the_fate_of_each_serial)
{
    struct author *author = author_create(&key);
    int code = 0;

    author_sequenced(author, 1, 40);
    author_spend(author, 2, 208);
    author_sequenced(author, 3, 41);
    author_spend(author, 4, 207);

    ck_assert(!author_is_spent(author, 1, &code));
    ck_assert(!author_is_spent(author, 3, &code));
    ck_assert_int_eq(code, 0);
    ck_assert(author_is_spent(author, 2, &code));
    ck_assert_int_eq(code, 208);
    ck_assert(author_is_spent(author, 4, &code));
    ck_assert_int_eq(code, 207);
    ck_assert_uint_eq(author->row.serial, 4);
    ck_assert_uint_eq(author->row.seq, 41);
    author_destroy(author);
}
END_TEST

START_TEST(goes_on_from_the_row_of_the_store)
{
    struct author *author = author_create(&key);
    struct spent spent[] = {{.serial = 6, .code = 208}};
    struct session_row row = {
        .session = key, .serial = 7, .seq = 90, .floor = 80, .spent = spent, .spent_count = 1};
    int code = 0;

    author_load(author, &row);
    spent[0].code = 0; /* the row was borrowed */
    ck_assert(author_is_spent(author, 6, &code));
    ck_assert_int_eq(code, 208);
    author_sequenced(author, 8, 91);
    ck_assert_uint_eq(author->row.floor, 80);
    ck_assert_uint_eq(author->row.seq, 91);
    author_destroy(author);
}
END_TEST

START_TEST(gives_a_row_that_later_serials_do_not_change)
{
    struct author *author = author_create(&key);

    author_spend(author, 1, 208);
    struct session_row row = author_row(author);
    author_spend(author, 2, 209);

    ck_assert_uint_eq(row.serial, 1);
    ck_assert_uint_eq(row.spent_count, 1);
    ck_assert_int_eq(row.spent[0].code, 208);
    memory_free(row.spent);
    author_destroy(author);
}
END_TEST

START_TEST(remembers_the_newest_spent_serials)
{
    struct author *author = author_create(&key);
    int code = 0;

    for (uint64_t serial = 1; serial <= LIMIT_SPENT_SERIALS + 1; serial++)
        author_spend(author, serial, 208);
    ck_assert_uint_eq(author->row.spent_count, LIMIT_SPENT_SERIALS);
    ck_assert(!author_is_spent(author, 1, &code));
    ck_assert(author_is_spent(author, 2, &code));
    ck_assert(author_is_spent(author, LIMIT_SPENT_SERIALS + 1, &code));
    author_destroy(author);
}
END_TEST

TEST_MAIN("author", is_a_session_that_never_wrote, tells_the_fate_of_each_serial,
          goes_on_from_the_row_of_the_store, gives_a_row_that_later_serials_do_not_change,
          remembers_the_newest_spent_serials)
