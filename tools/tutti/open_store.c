#include "tools/tutti/open_store.h"

#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/must.h"
#include "server/store/sqlite.h"

/* The store is only looked at: no claim is made, so no epoch is drawn. */
static uint64_t no_clock(void)
{
    return 0;
}

static uint64_t wall_clock(void)
{
    struct timespec now;

    must(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool begins_with(const char *name, const char *scheme)
{
    return strncmp(name, scheme, strlen(scheme)) == 0;
}

static bool is_postgres(const char *name)
{
    return begins_with(name, "postgres://") || begins_with(name, "postgresql://");
}

static const char *folder_of(const char *name)
{
    return begins_with(name, "sqlite:") ? strchr(name, ':') + 1 : name;
}

static bool holds_a_store(const char *folder)
{
    struct buffer path = {0};

    buffer_append_format(&path, "%s/%s", folder, SQLITE_FILE_NAME);
    buffer_append_byte(&path, '\0');
    bool holds = access((const char *)path.data, R_OK | W_OK) == 0;
    buffer_finish(&path);
    return holds;
}

enum status open_store(const char *name, struct backend **backend, struct fault *fault)
{
    const char *folder = folder_of(name);

    if (is_postgres(name))
        return backend_postgres_look(name, backend, fault);
    if (!holds_a_store(folder))
        return fault_set(fault, STATUS_NOT_FOUND, "%s: there is no %s to read and write", folder,
                         SQLITE_FILE_NAME);
    return backend_sqlite_open(folder, no_clock, backend, fault);
}

enum status open_store_or_make(const char *name, struct backend **backend, struct fault *fault)
{
    if (is_postgres(name))
        return backend_postgres_open(name, NULL, backend, fault);
    return backend_sqlite_open(folder_of(name), wall_clock, backend, fault);
}
