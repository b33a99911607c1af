#include "server/collab/capture.h"

#include "base/memory.h"
#include "tests/collab/captured.h"
#include "tests/runner.h"

/* Read all records; returns what the last one gave and how many there were. */
static enum status read_all(struct span bytes, uint64_t *count)
{
    struct capture_record record;
    uint64_t now_ms = 0;
    enum status status;

    ck_assert_uint_gt(bytes.size, sizeof(CAPTURE_MAGIC));
    ck_assert_int_eq(memcmp(bytes.data, CAPTURE_MAGIC, sizeof(CAPTURE_MAGIC) - 1), 0);
    bytes = span_of(bytes.data + sizeof(CAPTURE_MAGIC) - 1, bytes.size - sizeof(CAPTURE_MAGIC) + 1);
    *count = 0;
    do {
        status = capture_read(&bytes, *count, &now_ms, &record, NULL);
        *count += status == STATUS_OK && record.kind != CAPTURE_END;
    } while (status == STATUS_OK && record.kind != CAPTURE_END);
    return status;
}

START_TEST(reads_back_whole)
{
    struct buffer bytes = {0};
    uint64_t count;

    captured_life(&bytes);
    ck_assert_int_eq(read_all(buffer_span(&bytes), &count), STATUS_OK);
    ck_assert_uint_gt(count, 50);
    buffer_append(&bytes, SPAN("\0\0\0\0\0")); /* a step that was not filled */
    ck_assert_int_eq(read_all(buffer_span(&bytes), &count), STATUS_OK);
    buffer_finish(&bytes);
}
END_TEST

/* No record behind the flipped byte is taken for one, and none before it is lost. */
START_TEST(a_flipped_byte_is_found_where_it_is)
{
    struct buffer bytes = {0};
    uint64_t whole;
    uint64_t before = 0;

    captured_life(&bytes);
    ck_assert_int_eq(read_all(buffer_span(&bytes), &whole), STATUS_OK);
    for (size_t at = sizeof(CAPTURE_MAGIC) - 1; at < bytes.size; at++) {
        uint64_t count;

        bytes.data[at] ^= 0x20;
        enum status status = read_all(buffer_span(&bytes), &count);
        bytes.data[at] ^= 0x20;
        ck_assert_msg(status == STATUS_CORRUPT || status == STATUS_MORE, "byte %zu", at);
        ck_assert(count >= before && count < whole);
        before = count;
    }
    ck_assert_uint_eq(before, whole - 1);
    buffer_finish(&bytes);
}
END_TEST

START_TEST(a_capture_that_is_cut_off_reads_up_to_there)
{
    struct buffer bytes = {0};
    uint64_t whole;
    uint64_t count;

    captured_life(&bytes);
    ck_assert_int_eq(read_all(buffer_span(&bytes), &whole), STATUS_OK);
    ck_assert_int_eq(read_all(span_of(bytes.data, bytes.size - 1), &count), STATUS_MORE);
    ck_assert_uint_eq(count, whole - 1);
    memset(bytes.data + bytes.size - 3, 0, 3); /* half written into a step of zeros */
    buffer_append(&bytes, SPAN("\0\0\0\0\0"));
    ck_assert_int_eq(read_all(buffer_span(&bytes), &count), STATUS_MORE);
    ck_assert_uint_eq(count, whole - 1);
    buffer_finish(&bytes);
}
END_TEST

START_TEST(the_hash_of_a_write_tells_where_it_ends)
{
    const struct span pieces[] = {SPAN("ab"), SPAN("cd")};

    ck_assert_uint_eq(capture_hash(pieces, 2, 3), capture_hash(pieces, 2, 3));
    ck_assert_uint_ne(capture_hash(pieces, 2, 3), capture_hash(pieces, 2, 4));
    ck_assert_uint_ne(capture_hash(pieces, 1, 2), capture_hash(pieces + 1, 1, 2));
}
END_TEST

TEST_MAIN("capture", reads_back_whole, a_flipped_byte_is_found_where_it_is,
          a_capture_that_is_cut_off_reads_up_to_there, the_hash_of_a_write_tells_where_it_ends)
