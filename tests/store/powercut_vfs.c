#include "tests/store/powercut_vfs.h"

#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "base/memory.h"
#include "base/must.h"
#include "base/prng.h"

enum { SECTOR_SIZE = 512, PATH_MAX_SIZE = 512, SHARED_MAX = 64 };

/* ---- Bytes ---- */

struct bytes {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

/* New bytes are zero, as in a file. */
static void bytes_resize(struct bytes *bytes, size_t size)
{
    if (size > bytes->capacity) {
        bytes->capacity = size * 2;
        bytes->data = memory_resize(bytes->data, bytes->capacity);
    }
    if (size > bytes->size)
        memset(bytes->data + bytes->size, 0, size - bytes->size);
    bytes->size = size;
}

static void bytes_write(struct bytes *bytes, size_t at, const uint8_t *data, size_t size)
{
    if (at + size > bytes->size)
        bytes_resize(bytes, at + size);
    memcpy(bytes->data + at, data, size);
}

/* ---- Files ---- */

/* A change that was not synced: `size` bytes at `at`, or, without data, the file ends at `at`. */
struct pending {
    struct pending *next;
    size_t at;
    size_t size;
    uint8_t *data;
};

struct disk_file {
    struct disk_file *next;
    char *name;
    struct bytes now;    /* what a reader sees */
    struct bytes synced; /* what is on the disk for certain */
    struct pending *first;
    struct pending **last;
    void *shared[SHARED_MAX]; /* the regions of the index of the write-ahead log */
};

struct open_file {
    sqlite3_file base;
    struct disk_file *file;
};

struct powercut_plan powercut_plan;
static struct disk_file *files;
static struct prng prng;

static struct disk_file *find(const char *name)
{
    struct disk_file *file = files;

    while (file != NULL && strcmp(file->name, name) != 0)
        file = file->next;
    return file;
}

static struct disk_file *add(const char *name)
{
    struct disk_file *file = memory_zeroed(1, sizeof(*file));

    file->name = memory_copy(name, strlen(name) + 1);
    file->last = &file->first;
    file->next = files;
    files = file;
    return file;
}

static void forget_pending(struct disk_file *file)
{
    while (file->first != NULL) {
        struct pending *pending = file->first;

        file->first = pending->next;
        memory_free(pending->data);
        memory_free(pending);
    }
    file->last = &file->first;
}

static void forget_shared(struct disk_file *file)
{
    for (size_t i = 0; i < SHARED_MAX; i++) {
        memory_free(file->shared[i]);
        file->shared[i] = NULL;
    }
}

static void file_destroy(struct disk_file *file)
{
    forget_pending(file);
    forget_shared(file);
    memory_free(file->now.data);
    memory_free(file->synced.data);
    memory_free(file->name);
    memory_free(file);
}

static void change(struct bytes *bytes, const struct pending *pending, size_t size)
{
    if (pending->data == NULL)
        bytes_resize(bytes, pending->at);
    else
        bytes_write(bytes, pending->at, pending->data, size);
}

static void add_pending(struct disk_file *file, const void *data, size_t size, size_t at)
{
    struct pending *pending = memory_zeroed(1, sizeof(*pending));

    pending->at = at;
    pending->size = size;
    pending->data = data != NULL ? memory_copy(data, size) : NULL;
    change(&file->now, pending, size);
    *file->last = pending;
    file->last = &pending->next;
}

static void sync_file(struct disk_file *file)
{
    for (const struct pending *pending = file->first; pending != NULL; pending = pending->next)
        change(&file->synced, pending, pending->size);
    forget_pending(file);
}

/* ---- The cut ---- */

/* What a cut does to the pending writes of all files. */
enum cut_kind {
    CUT_LOSES, /* all are lost, but for the beginning of the last one */
    CUT_KEEPS, /* all had reached the disk by themselves, but for the end of the last one, perhaps
                */
    CUT_MIXES, /* some are lost, some are torn */
    CUT_KINDS
};

/* How many bytes of a pending write survive. */
static size_t spared(const struct pending *pending, enum cut_kind kind)
{
    size_t sectors = pending->size / SECTOR_SIZE;
    size_t torn = sectors > 0 ? prng_below(&prng, sectors) * SECTOR_SIZE : pending->size / 2;
    size_t choices[] = {0, torn, pending->size};

    if (kind == CUT_LOSES)
        return pending->next == NULL ? torn : 0;
    if (kind == CUT_KEEPS)
        return pending->next == NULL ? choices[1 + prng_below(&prng, 2)] : pending->size;
    return choices[prng_below(&prng, 3)];
}

static void cut_file(struct disk_file *file, enum cut_kind kind)
{
    for (const struct pending *pending = file->first; pending != NULL; pending = pending->next) {
        size_t size = spared(pending, kind);
        bool ends = pending->data == NULL && kind != CUT_LOSES && prng_below(&prng, 2) == 0;

        if (size > 0 || ends)
            change(&file->synced, pending, size);
    }
    forget_pending(file);
    bytes_resize(&file->now, file->synced.size);
    if (file->synced.size > 0)
        memcpy(file->now.data, file->synced.data, file->synced.size);
}

static void cut(void)
{
    enum cut_kind kind = (enum cut_kind)prng_below(&prng, CUT_KINDS);

    powercut_plan.off = true;
    for (struct disk_file *file = files; file != NULL; file = file->next)
        cut_file(file, kind);
}

/* Count a call; true when it finds no power, now or already before. */
static bool loses_power(void)
{
    if (powercut_plan.off)
        return true;
    if (++powercut_plan.calls == powercut_plan.cut_at)
        cut();
    return powercut_plan.off;
}

static bool is_full(void)
{
    return powercut_plan.full_at != 0 && powercut_plan.calls >= powercut_plan.full_at &&
           powercut_plan.calls < powercut_plan.full_until;
}

/* ---- SQLite's calls on a file ---- */

static struct disk_file *file_of(sqlite3_file *base)
{
    return ((struct open_file *)(void *)base)->file;
}

static int file_close(sqlite3_file *base)
{
    (void)base;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int size, sqlite3_int64 at)
{
    const struct bytes *now = &file_of(base)->now;
    size_t from = (size_t)at < now->size ? (size_t)at : now->size;
    size_t count = now->size - from < (size_t)size ? now->size - from : (size_t)size;

    if (powercut_plan.off)
        return SQLITE_IOERR_READ;
    memset(out, 0, (size_t)size);
    if (count > 0)
        memcpy(out, now->data + from, count);
    return count == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

/* The write at which the power goes may reach the disk in part. */
static int file_write(sqlite3_file *base, const void *data, int size, sqlite3_int64 at)
{
    if (powercut_plan.off)
        return SQLITE_IOERR_WRITE;
    if (powercut_plan.calls + 1 == powercut_plan.cut_at)
        add_pending(file_of(base), data, (size_t)size, (size_t)at);
    if (loses_power())
        return SQLITE_IOERR_WRITE;
    if (is_full())
        return SQLITE_FULL;
    add_pending(file_of(base), data, (size_t)size, (size_t)at);
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    if (loses_power())
        return SQLITE_IOERR_TRUNCATE;
    add_pending(file_of(base), NULL, 0, (size_t)size);
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    if (loses_power())
        return SQLITE_IOERR_FSYNC;
    if (++powercut_plan.syncs == powercut_plan.sync_fail) {
        forget_pending(file_of(base)); /* as Linux does: the pages count as clean from here on */
        return SQLITE_IOERR_FSYNC;
    }
    sync_file(file_of(base));
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    if (powercut_plan.off)
        return SQLITE_IOERR_FSTAT;
    *size = (sqlite3_int64)file_of(base)->now.size;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level)
{
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *reserved)
{
    (void)base;
    *reserved = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument)
{
    (void)base;
    (void)operation;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR_SIZE;
}

static int file_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* what SQLite believes of every disk */
}

static int file_shared_map(sqlite3_file *base, int region, int size, int extend,
                           void volatile **out)
{
    struct disk_file *file = file_of(base);

    must(region < SHARED_MAX);
    if (file->shared[region] == NULL && extend)
        file->shared[region] = memory_zeroed(1, (size_t)size);
    *out = file->shared[region];
    return SQLITE_OK;
}

static int file_shared_lock(sqlite3_file *base, int at, int count, int flags)
{
    (void)base;
    (void)at;
    (void)count;
    (void)flags;
    return SQLITE_OK;
}

static void file_shared_barrier(sqlite3_file *base)
{
    (void)base;
}

static int file_shared_unmap(sqlite3_file *base, int delete)
{
    (void)delete;
    forget_shared(file_of(base));
    return SQLITE_OK;
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shared_map,
    .xShmLock = file_shared_lock,
    .xShmBarrier = file_shared_barrier,
    .xShmUnmap = file_shared_unmap,
};

/* ---- SQLite's calls on the disk ---- */

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *given)
{
    struct open_file *open = (struct open_file *)(void *)base;
    struct disk_file *file = name != NULL ? find(name) : NULL;

    (void)vfs;
    *open = (struct open_file){0};
    if (powercut_plan.off || name == NULL || (file == NULL && !(flags & SQLITE_OPEN_CREATE)))
        return SQLITE_CANTOPEN;
    open->base.pMethods = &file_methods;
    open->file = file != NULL ? file : add(name);
    if (given != NULL)
        *given = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    struct disk_file **link = &files;

    (void)vfs;
    (void)sync;
    if (loses_power())
        return SQLITE_IOERR_DELETE;
    while (*link != NULL && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    if (*link == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    struct disk_file *file = *link;
    *link = file->next;
    file_destroy(file);
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    (void)vfs;
    (void)flags;
    *result = find(name) != NULL;
    return SQLITE_OK;
}

static int disk_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
    (void)vfs;
    return snprintf(out, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int disk_randomness(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    for (int i = 0; i < size; i++)
        out[i] = (char)prng_below(&prng, 256);
    return size;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds;
}

static int disk_time(sqlite3_vfs *vfs, double *days)
{
    (void)vfs;
    *days = 2460000.5;
    return SQLITE_OK;
}

static int disk_last_error(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    if (size > 0)
        out[0] = '\0';
    return 0;
}

static sqlite3_vfs disk = {
    .iVersion = 1,
    .szOsFile = sizeof(struct open_file),
    .mxPathname = PATH_MAX_SIZE,
    .zName = "powercut",
    .xOpen = disk_open,
    .xDelete = disk_delete,
    .xAccess = disk_access,
    .xFullPathname = disk_full_path,
    .xRandomness = disk_randomness,
    .xSleep = disk_sleep,
    .xCurrentTime = disk_time,
    .xGetLastError = disk_last_error,
};

/* ---- The disk ---- */

void powercut_start(uint64_t seed)
{
    must(files == NULL);
    powercut_plan = (struct powercut_plan){0};
    prng_init(&prng, seed);
    must(sqlite3_vfs_register(&disk, 1) == SQLITE_OK);
}

void powercut_restore(void)
{
    powercut_plan.off = false;
    powercut_plan.cut_at = 0;
}

void powercut_stop(void)
{
    while (files != NULL) {
        struct disk_file *next = files->next;

        file_destroy(files);
        files = next;
    }
    must(sqlite3_vfs_unregister(&disk) == SQLITE_OK);
}
