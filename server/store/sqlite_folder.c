#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/store/sqlite_inner.h"

char *sqlite_folder_path(const struct sqlite_folder *folder, const char *name)
{
    struct buffer path = {0};

    buffer_append_format(&path, "%s/%s", folder->path, name);
    buffer_append_byte(&path, '\0');
    return (char *)buffer_release(&path);
}

/* ---- The lock ---- */

/* A new folder is an entry of the one above it, which has to reach the disk as well. */
static bool sync_above(const char *folder)
{
    char *copy = memory_copy(folder, strlen(folder) + 1);
    int above = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = above >= 0 && fsync(above) == 0;

    if (above >= 0)
        close(above);
    memory_free(copy);
    return synced;
}

/* Only for its owner: it holds the deployment's secret. */
static enum status make_folder(const char *folder, struct fault *fault)
{
    if (mkdir(folder, 0700) == 0 ? sync_above(folder) : errno == EEXIST)
        return STATUS_OK;
    return fault_set(fault, STATUS_AWAY, "%s: cannot make the folder: %s", folder, strerror(errno));
}

static enum status locked_by_another(int lock, const char *folder, struct fault *fault)
{
    char pid[16] = "";
    ssize_t size = pread(lock, pid, sizeof(pid) - 1, 0);

    pid[size > 0 ? strcspn(pid, "\n") : 0] = '\0';
    return fault_set(fault, STATUS_AWAY, "%s: the folder is in use by process %s", folder,
                     pid[0] != '\0' ? pid : "(unknown)");
}

/* One process for each folder. The lock goes with the process, however it ends; the file stays,
 * because a lock on a name that was taken away guards nothing. */
static enum status take_lock(struct sqlite_folder *folder, struct fault *fault)
{
    char *path = sqlite_folder_path(folder, "lock");

    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    memory_free(path);
    if (folder->lock < 0)
        return fault_set(fault, STATUS_AWAY, "%s: cannot open the lock: %s", folder->path,
                         strerror(errno));
    if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0)
        return locked_by_another(folder->lock, folder->path, fault);
    if (ftruncate(folder->lock, 0) != 0 || dprintf(folder->lock, "%d\n", (int)getpid()) < 0)
        return fault_set(fault, STATUS_AWAY, "%s: cannot write the lock: %s", folder->path,
                         strerror(errno));
    return STATUS_OK;
}

/* ---- Coming and going ---- */

struct sqlite_folder *sqlite_folder_create(const char *path)
{
    struct sqlite_folder *folder = memory_zeroed(1, sizeof(*folder));

    folder->path = memory_copy(path, strlen(path) + 1);
    folder->lock = -1;
    folder->users = 1;
    atomic_init(&folder->lost, false);
    atomic_init(&folder->pieces, 0);
    must(pthread_mutex_init(&folder->mutex, NULL) == 0);
    must(pthread_cond_init(&folder->served, NULL) == 0);
    return folder;
}

enum status sqlite_folder_open(struct sqlite_folder *folder, struct fault *fault)
{
    enum status status = make_folder(folder->path, fault);

    return status == STATUS_OK ? take_lock(folder, fault) : status;
}

void sqlite_folder_leave(struct sqlite_folder *folder)
{
    if (--folder->users > 0)
        return;
    if (folder->lock >= 0)
        close(folder->lock);
    must(pthread_mutex_destroy(&folder->mutex) == 0);
    must(pthread_cond_destroy(&folder->served) == 0);
    memory_free(folder->path);
    memory_free(folder);
}

/* ---- The turn to write ---- */

void sqlite_folder_await_turn(struct sqlite_folder *folder)
{
    must(pthread_mutex_lock(&folder->mutex) == 0);
    uint64_t ticket = folder->tickets++;
    while (folder->serving != ticket)
        must(pthread_cond_wait(&folder->served, &folder->mutex) == 0);
    must(pthread_mutex_unlock(&folder->mutex) == 0);
}

void sqlite_folder_end_turn(struct sqlite_folder *folder)
{
    must(pthread_mutex_lock(&folder->mutex) == 0);
    must(folder->serving < folder->tickets);
    folder->serving++;
    must(pthread_mutex_unlock(&folder->mutex) == 0);
    must(pthread_cond_broadcast(&folder->served) == 0);
}
