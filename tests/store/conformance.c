#include "tests/store/conformance.h"

#include "base/must.h"
#include "tests/store/conformance_steps.h"
#include "tests/store/model.h"

/* What a back end answers to anything is what the simplest one answers. */
START_TEST(answers_like_the_memory_store)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct backend *backend = conformance_open();
        struct backend *memory = backend_memory_create(conformance_clock);

        model_compare(backend, memory, seed, 200);
        conformance_close(backend);
        conformance_close(memory);
    }
}
END_TEST

size_t conformance_tests(const TTest **tests)
{
    static size_t (*const parts[])(const TTest **) = {
        conformance_claims, conformance_sessions, conformance_snapshots, conformance_versions,
        conformance_folds,  conformance_builds,   conformance_entries,
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        count += parts[i](tests + count);
    tests[count++] = answers_like_the_memory_store;
    must(count <= CONFORMANCE_TESTS_MAX);
    return count;
}
