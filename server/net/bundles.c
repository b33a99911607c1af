#include "server/net/bundles.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "server/net/log.h"

/* The first name that is free; −1 with errno EEXIST when none is. */
static int open_next(const char *folder, struct buffer *path)
{
    int file = -1;

    errno = EEXIST;
    for (int number = 1; number <= LIMIT_BUNDLES && file < 0 && errno == EEXIST; number++) {
        buffer_clear(path);
        buffer_append_format(path, "%s/diverged-%02d.json", folder, number);
        buffer_append_byte(path, '\0');
        file = open((const char *)path->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    return file;
}

static bool write_all(int file, struct span bytes)
{
    while (bytes.size > 0) {
        ssize_t size = write(file, bytes.data, bytes.size);

        if (size < 0 && errno != EINTR)
            return false;
        if (size > 0)
            bytes = span_of(bytes.data + size, bytes.size - (size_t)size);
    }
    return true;
}

static void keep(struct bundle_keeper *keeper, struct span bundle)
{
    const struct bundles *bundles = container_of(keeper, struct bundles, keeper);
    struct buffer path = {0};
    int file = open_next(bundles->folder, &path);
    const char *name = (const char *)path.data;

    if (file >= 0 && write_all(file, bundle))
        log_write(LOG_WARN, "a bundle was kept", log_fields(log_text("file", name)));
    else if (errno == EEXIST)
        log_write(LOG_WARN, "a bundle was not kept: there are enough", NULL);
    else
        log_write(LOG_ERROR, "a bundle could not be written",
                  log_fields(log_text("file", name), log_text("error", strerror(errno))));
    if (file >= 0)
        close(file);
    buffer_finish(&path);
}

void bundles_init(struct bundles *bundles, const char *folder)
{
    *bundles = (struct bundles){.keeper = {keep}, .folder = folder};
}
