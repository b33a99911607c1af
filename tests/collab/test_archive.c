#include "server/collab/archive.h"

#include "server/store/store.h"
#include "tests/runner.h"

START_TEST(what_is_written_reads_back)
{
    static const uint64_t numbers[] = {0, 1, 127, 128, 16384, INT64_MAX, UINT64_MAX};
    static const int64_t signs[] = {0, -1, 1, INT64_MIN, INT64_MAX};
    struct buffer out = {0};
    struct archive archive = {.out = &out};
    struct span text = SPAN("text");

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        archive_number(&archive, &(uint64_t){numbers[i]});
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        archive_signed(&archive, &(int64_t){signs[i]});
    archive_bytes(&archive, &text);
    archive_bytes(&archive, &SPAN(""));
    archive_bytes(&archive, &SPAN_NONE);

    archive = (struct archive){.in = buffer_span(&out)};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        uint64_t number;

        archive_number(&archive, &number);
        ck_assert_uint_eq(number, numbers[i]);
    }
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        int64_t number = 0;

        archive_signed(&archive, &number);
        ck_assert_int_eq(number, signs[i]);
    }
    archive_bytes(&archive, &text);
    ck_assert(span_equal(text, SPAN("text")));
    archive_bytes(&archive, &text);
    ck_assert(span_present(text) && text.size == 0);
    archive_bytes(&archive, &text);
    ck_assert(!span_present(text));
    ck_assert(!archive.failed && archive.in.size == 0);
    buffer_finish(&out);
}
END_TEST

START_TEST(what_ends_too_early_fails_and_gives_zeros)
{
    uint64_t number = 1;
    uint8_t block[4] = {1, 2, 3, 4};
    struct span text = SPAN("text");
    struct archive archive = {.in = SPAN("\x80")};

    archive_number(&archive, &number);
    ck_assert(archive.failed);
    ck_assert_uint_eq(number, 0);
    archive = (struct archive){.in = SPAN("\x06"
                                          "abcd")};
    archive_bytes(&archive, &text);
    ck_assert(archive.failed && text.size == 0);
    archive = (struct archive){.in = SPAN("abc")};
    archive_block(&archive, block, sizeof(block));
    ck_assert(archive.failed && block[3] == 0);
}
END_TEST

START_TEST(a_number_of_too_many_bytes_fails)
{
    uint64_t number = 1;
    struct archive archive = {.in = SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")};

    archive_number(&archive, &number);
    ck_assert(archive.failed);
    ck_assert_uint_eq(number, 0);
}
END_TEST

START_TEST(a_list_that_cannot_be_there_makes_no_room)
{
    size_t count = 9;
    struct archive archive = {.in = SPAN("\xff\xff\xff\xff\x0f"
                                         "abc"),
                              .arena = store_arena_create()};

    ck_assert_ptr_null(archive_list(&archive, NULL, &count, 1000));
    ck_assert(archive.failed);
    ck_assert_uint_eq(count, 0);
    store_arena_destroy(archive.arena);
}
END_TEST

TEST_MAIN("archive", what_is_written_reads_back, what_ends_too_early_fails_and_gives_zeros,
          a_number_of_too_many_bytes_fails, a_list_that_cannot_be_there_makes_no_room)
