#include "server/net/bundles.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/runner.h"

static char folder[] = "/tmp/tutti-bundles-XXXXXX";

static void setup(void)
{
    memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* The files are removed; how many there were. */
static int finish(void)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    int count = 0;

    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.') {
            ck_assert_int_eq(unlinkat(dirfd(directory), entry->d_name, 0), 0);
            count++;
        }
    closedir(directory);
    ck_assert_int_eq(rmdir(folder), 0);
    return count;
}

static void keep(struct bundles *bundles, struct span text)
{
    bundles->keeper.keep(&bundles->keeper, text);
}

static void expect_file(const char *name, const char *text)
{
    char path[256];
    char read[64] = "";

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "r");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(read, 1, sizeof(read) - 1, file), strlen(text));
    ck_assert_str_eq(read, text);
    fclose(file);
}

START_TEST(each_is_a_file_of_its_own)
{
    struct bundles bundles;

    setup();
    bundles_init(&bundles, folder);
    keep(&bundles, SPAN("{\"a\":1}\n"));
    keep(&bundles, SPAN("{\"b\":2}\n"));
    expect_file("diverged-01.json", "{\"a\":1}\n");
    expect_file("diverged-02.json", "{\"b\":2}\n");
    bundles_init(&bundles, folder); /* as after a restart */
    keep(&bundles, SPAN("{}\n"));
    expect_file("diverged-03.json", "{}\n");
    ck_assert_int_eq(finish(), 3);
}
END_TEST

START_TEST(the_first_ones_are_kept)
{
    struct bundles bundles;

    setup();
    bundles_init(&bundles, folder);
    for (int i = 0; i < LIMIT_BUNDLES + 3; i++)
        keep(&bundles, i == 0 ? SPAN("first") : SPAN("later"));
    expect_file("diverged-01.json", "first");
    ck_assert_int_eq(finish(), LIMIT_BUNDLES);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_no_reason_to_stop)
{
    struct bundles bundles;

    bundles_init(&bundles, "/nowhere/at/all");
    keep(&bundles, SPAN("{}"));
}
END_TEST

TEST_MAIN("bundles", each_is_a_file_of_its_own, the_first_ones_are_kept,
          a_folder_that_is_not_there_is_no_reason_to_stop)
