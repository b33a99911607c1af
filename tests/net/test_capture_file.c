#include "server/net/capture_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "tests/runner.h"
#include "tests/store/folder.h"

enum { PART_BYTES = 1000, RECORDS = 100 };

struct place {
    char folder[FOLDER_PATH_SIZE];
    char path[FOLDER_PATH_SIZE + 16];
};

static struct place new_place(void)
{
    struct place place;

    folder_new(place.folder);
    ck_assert_int_eq(mkdir(place.folder, 0700), 0);
    snprintf(place.path, sizeof(place.path), "%s/capture", place.folder);
    return place;
}

static struct capture_file *create(const struct place *place)
{
    struct capture_file *file = NULL;
    struct fault fault = {""};
    enum status status = capture_file_create(place->path, PART_BYTES, &file, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return file;
}

static void write_records(struct capture_file *file)
{
    struct capture_record record = {.kind = CAPTURE_BREAK, .link = 1, .text = SPAN("a reason")};

    for (int i = 0; i < RECORDS; i++)
        capture_write(capture_file_capture(file), &record);
}

static off_t size_of(const struct place *place, const char *part)
{
    char name[sizeof(place->path) + 8];
    struct stat about;

    snprintf(name, sizeof(name), "%s%s", place->path, part);
    return stat(name, &about) == 0 ? about.st_size : -1;
}

/* Read `size` bytes of the first part as a capture; how many records these are. */
static uint64_t count_records(const struct place *place, enum status *status)
{
    struct capture_record record;
    struct buffer bytes = {0};
    FILE *file = fopen(place->path, "r");
    size_t size = (size_t)size_of(place, "");
    uint64_t now_ms = 0;
    uint64_t count = 0;

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(buffer_reserve(&bytes, size), 1, size, file), size);
    buffer_grow(&bytes, size);
    fclose(file);
    struct span rest =
        span_of(bytes.data + sizeof(CAPTURE_MAGIC) - 1, bytes.size - sizeof(CAPTURE_MAGIC) + 1);
    while ((*status = capture_read(&rest, count, &now_ms, &record, NULL)) == STATUS_OK &&
           record.kind != CAPTURE_END)
        count++;
    buffer_finish(&bytes);
    return count;
}

START_TEST(a_new_part_begins_behind_a_record)
{
    struct place place = new_place();
    struct capture_file *file = create(&place);
    enum status status;

    write_records(file);
    capture_file_destroy(file);
    ck_assert(size_of(&place, "") >= PART_BYTES && size_of(&place, "") < 2 * PART_BYTES);
    ck_assert(size_of(&place, ".2") > 0);
    ck_assert(size_of(&place, ".9") == -1);
    ck_assert_uint_gt(count_records(&place, &status), 10);
    ck_assert_int_eq(status, STATUS_OK); /* it ends between two records */
    folder_remove(place.folder);
}
END_TEST

START_TEST(what_was_recorded_survives_a_process_that_is_gone_without_a_word)
{
    struct place place = new_place();
    struct capture_record record = {.kind = CAPTURE_DISCONNECT, .link = 7};
    enum status status;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        capture_write(capture_file_capture(create(&place)), &record);
        _exit(0); /* nothing is closed */
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert(size_of(&place, "") > PART_BYTES); /* the step is there, and not filled */
    ck_assert_uint_eq(count_records(&place, &status), 1);
    ck_assert_int_eq(status, STATUS_OK);
    folder_remove(place.folder);
}
END_TEST

START_TEST(a_file_that_is_there_is_not_overwritten)
{
    struct place place = new_place();
    struct capture_file *file = create(&place);
    struct capture_file *second = NULL;
    struct fault fault = {""};

    ck_assert_int_eq(capture_file_create(place.path, PART_BYTES, &second, &fault), STATUS_FAILED);
    ck_assert_ptr_nonnull(strstr(fault.text, "cannot be made: File exists"));
    capture_file_destroy(file);
    folder_remove(place.folder);
}
END_TEST

START_TEST(only_its_owner_may_read_it)
{
    struct place place = new_place();
    struct capture_file *file = create(&place);
    struct stat about;

    ck_assert_int_eq(stat(place.path, &about), 0);
    ck_assert_uint_eq(about.st_mode & 077, 0);
    capture_file_destroy(file);
    capture_file_destroy(NULL);
    folder_remove(place.folder);
}
END_TEST

TEST_MAIN("capture_file", a_new_part_begins_behind_a_record,
          what_was_recorded_survives_a_process_that_is_gone_without_a_word,
          a_file_that_is_there_is_not_overwritten, only_its_owner_may_read_it)
