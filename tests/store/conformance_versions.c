/* Conformance: named versions. */
#include <string.h>

#include "tests/store/conformance_steps.h"
#include "tests/store/requests.h"

START_TEST(versions_are_listed_by_seq_and_name)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);
    char name[] = "0";

    filled(backend, "notes/2", 9);
    expect_versions(backend, "notes/1", "");
    ck_assert_int_eq(set_version(backend, epoch, "z", 3), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "b", 9), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "a", 9), STATUS_OK);
    expect_versions(backend, "notes/1", "z 3, a 9, b 9");
    expect_versions(backend, "notes/2", "");
    ck_assert_int_eq(request_versions(backend, "notes/3").request.status, STATUS_NOT_FOUND);
    for (int i = 0; i < 40; i++, name[0]++)
        ck_assert_int_eq(set_version(backend, epoch, name, 1), STATUS_OK);
    struct store_versions versions = request_versions(backend, "notes/1");
    ck_assert_uint_eq(versions.count, 43);
    ck_assert_uint_eq(versions.versions[42].seq, 9);
    store_arena_destroy(versions.arena);
    conformance_close(backend);
}
END_TEST

START_TEST(a_version_is_moved_by_its_name_and_taken_away)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_version(backend, epoch, "a", 9), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "b", 5), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "a", 2), STATUS_OK);
    expect_versions(backend, "notes/1", "a 2, b 5");
    ck_assert_int_eq(set_version(backend, epoch, "a", 0), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch, "unknown", 0), STATUS_OK);
    expect_versions(backend, "notes/1", "b 5");
    conformance_close(backend);
}
END_TEST

START_TEST(versions_are_written_under_the_fence)
{
    struct backend *backend = conformance_open();
    uint64_t epoch = filled(backend, "notes/1", 9);

    ck_assert_int_eq(set_version(backend, epoch, "a", 9), STATUS_OK);
    ck_assert_int_eq(set_version(backend, epoch - 1, "a", 0), STATUS_FENCED);
    ck_assert_int_eq(set_version(backend, epoch + 1, "b", 9), STATUS_FENCED);
    expect_versions(backend, "notes/1", "a 9");
    conformance_close(backend);
}
END_TEST

size_t conformance_versions(const TTest **tests)
{
    const TTest *const all[] = {
        versions_are_listed_by_seq_and_name,
        a_version_is_moved_by_its_name_and_taken_away,
        versions_are_written_under_the_fence,
    };

    memcpy(tests, all, sizeof(all));
    return sizeof(all) / sizeof(all[0]);
}
