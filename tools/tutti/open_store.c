#include "tools/tutti/open_store.h"

#include <unistd.h>

#include "base/buffer.h"
#include "server/store/sqlite.h"

/* The store is only looked at: no claim is made, so no epoch is drawn. */
static uint64_t no_clock(void)
{
    return 0;
}

static const char *folder_of(const char *name)
{
    static const char scheme[] = "sqlite:";

    return strncmp(name, scheme, strlen(scheme)) == 0 ? name + strlen(scheme) : name;
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

    if (!holds_a_store(folder))
        return fault_set(fault, STATUS_NOT_FOUND, "%s: there is no %s to read and write", folder,
                         SQLITE_FILE_NAME);
    return backend_sqlite_open(folder, no_clock, backend, fault);
}
