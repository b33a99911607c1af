/* A disk whose syncs fail from the moment on at which the file named by FAILING_DISK exists.
 *
 * Preloaded into a server: what the system answers after it has lost a write. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sync_unless_failing(long number, int descriptor)
{
    const char *path = getenv("FAILING_DISK");

    if (path != NULL && access(path, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(number, descriptor);
}

int fsync(int descriptor)
{
    return sync_unless_failing(SYS_fsync, descriptor);
}

int fdatasync(int descriptor)
{
    return sync_unless_failing(SYS_fdatasync, descriptor);
}
