#include "base/must.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/runner.h"

/* Ask for a broken invariant in a process of its own; what it says goes to `said`. */
static int broken(char *said, size_t size)
{
    int ends[2];
    int wait_status;

    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        must(1 + 1 == 3);
        _exit(0);
    }
    close(ends[1]);

    ssize_t got = read(ends[0], said, size - 1);
    said[got > 0 ? got : 0] = 0;
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &wait_status, 0), child);
    return wait_status;
}

START_TEST(says_what_is_broken_and_aborts)
{
    char said[256];
    int wait_status = broken(said, sizeof(said));

    ck_assert(WIFSIGNALED(wait_status));
    ck_assert_int_eq(WTERMSIG(wait_status), SIGABRT);
    ck_assert_ptr_nonnull(strstr(said, "test_must.c:"));
    ck_assert_ptr_nonnull(strstr(said, "broken: 1 + 1 == 3"));
}
END_TEST

START_TEST(looks_at_its_condition_once)
{
    int looks = 0;

    must(++looks == 1);
    ck_assert_int_eq(looks, 1);
}
END_TEST

TEST_MAIN("must", says_what_is_broken_and_aborts, looks_at_its_condition_once)
