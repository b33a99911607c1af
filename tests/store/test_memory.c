#include "tests/runner.h"
#include "tests/store/conformance.h"

struct backend *conformance_create(store_clock_fn clock)
{
    return backend_memory_create(clock);
}

int main(void)
{
    const TTest *tests[CONFORMANCE_TESTS_MAX];

    return runner_run("memory", tests, conformance_tests(tests));
}
