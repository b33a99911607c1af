#include "tests/store/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <check.h>
#include <sqlite3.h>

#include "server/store/sqlite.h"

static const char below[] = "/store";

void folder_path(char path[FOLDER_PATH_SIZE], const char *folder, const char *name)
{
    int size = snprintf(path, FOLDER_PATH_SIZE, "%s/%s", folder, name);

    ck_assert_int_lt(size, FOLDER_PATH_SIZE);
}

void folder_new(char folder[FOLDER_PATH_SIZE])
{
    char above[] = "/tmp/tutti-test-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(above));
    folder_path(folder, above, below + 1);
}

void folder_remove(const char *folder)
{
    static const char *const files[] = {"lock", SQLITE_FILE_NAME, SQLITE_FILE_NAME "-wal",
                                        SQLITE_FILE_NAME "-shm"};
    char path[FOLDER_PATH_SIZE];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        folder_path(path, folder, files[i]);
        (void)remove(path);
    }
    (void)remove(folder);
    snprintf(path, sizeof(path), "%.*s", (int)(strlen(folder) - strlen(below)), folder);
    (void)remove(path);
}

void folder_spoil(const char *folder, const char *sql)
{
    char path[FOLDER_PATH_SIZE];
    sqlite3 *database = NULL;

    (void)mkdir(folder, 0700);
    folder_path(path, folder, SQLITE_FILE_NAME);
    ck_assert_int_eq(sqlite3_open(path, &database), SQLITE_OK);
    int code = sqlite3_exec(database, sql, NULL, NULL, NULL);
    ck_assert_msg(code == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(database));
    ck_assert_int_eq(sqlite3_close(database), SQLITE_OK);
}
