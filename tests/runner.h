/* runner - the main() of a unit test: one suite, printed as TAP for meson.
 *
 *   TEST_MAIN("buffer", grows, consumes_from_the_front)
 *
 * makes a program that runs these START_TEST functions. CK_FORK=no runs them in one process, so
 * that a debugger can follow. */
#ifndef TESTS_RUNNER_H
#define TESTS_RUNNER_H

#include <stdlib.h>

#include <check.h>

static inline int runner_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);

    tcase_set_timeout(cases, 120);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);

    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define TEST_MAIN(name, ...)                                                                       \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return runner_run(name, tests, sizeof(tests) / sizeof(tests[0]));                          \
    }

#endif
