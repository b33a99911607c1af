#include "server/net/capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/net/log.h"

enum { STEP_BYTES = 4 << 20 };

struct capture_file {
    struct capture capture;
    char *path; /* of the first part */
    uint64_t part_bytes;
    unsigned part; /* from 1 */
    int descriptor;
    uint8_t *window; /* STEP_BYTES of the part, from `window_at` on */
    uint64_t window_at;
    size_t used;  /* of the window */
    bool stopped; /* for `failure`, which is logged once */
    struct fault failure;
};

static struct capture_file *file_of(struct capture *capture)
{
    return container_of(capture, struct capture_file, capture);
}

static enum status fail(struct capture_file *file, const char *what)
{
    file->stopped = true;
    return fault_set(&file->failure, STATUS_FAILED, "capture %s, part %u: %s: %s", file->path,
                     file->part, what, strerror(errno));
}

/* ---- The window ---- */

static void unmap(struct capture_file *file)
{
    if (file->window != NULL)
        must(munmap(file->window, STEP_BYTES) == 0);
    file->window = NULL;
}

/* The next STEP_BYTES of the part. Their blocks are there before they are written: a full disk is
 * an error here, and not a signal later. */
static enum status map_next(struct capture_file *file)
{
    uint64_t at = file->window == NULL ? 0 : file->window_at + STEP_BYTES;

    unmap(file);
    errno = posix_fallocate(file->descriptor, (off_t)at, STEP_BYTES);
    if (errno != 0)
        return fail(file, "no room");
    void *mapped =
        mmap(NULL, STEP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file->descriptor, (off_t)at);

    if (mapped == MAP_FAILED)
        return fail(file, "cannot be mapped");
    file->window = mapped;
    file->window_at = at;
    file->used = 0;
    return STATUS_OK;
}

/* ---- Parts ---- */

static enum status open_part(struct capture_file *file)
{
    struct buffer name = {0};

    buffer_append_text(&name, file->path);
    if (file->part > 1)
        buffer_append_format(&name, ".%u", file->part);
    buffer_append_byte(&name, 0);
    file->descriptor =
        open((const char *)name.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    buffer_finish(&name);
    if (file->descriptor < 0)
        return fail(file, "cannot be made");
    return map_next(file);
}

static void close_part(struct capture_file *file)
{
    uint64_t size = file->window_at + file->used;
    bool mapped = file->window != NULL;

    unmap(file);
    if (file->descriptor < 0)
        return;
    must(!mapped || ftruncate(file->descriptor, (off_t)size) == 0);
    close(file->descriptor);
    file->descriptor = -1;
    file->window_at = 0;
    file->used = 0;
}

/* ---- Writing ---- */

static void append(struct capture_file *file, struct span bytes)
{
    while (bytes.size > 0 && !file->stopped) {
        size_t room = STEP_BYTES - file->used;
        size_t size = bytes.size < room ? bytes.size : room;

        memcpy(file->window + file->used, bytes.data, size);
        file->used += size;
        bytes = span_of(bytes.data + size, bytes.size - size);
        if (file->used == STEP_BYTES)
            file->stopped = map_next(file) != STATUS_OK;
    }
}

static void write_record(struct capture *capture, struct span bytes)
{
    struct capture_file *file = file_of(capture);

    if (file->stopped)
        return;
    if (file->window_at + file->used >= file->part_bytes) {
        close_part(file);
        file->part++;
        file->stopped = open_part(file) != STATUS_OK;
    }
    append(file, bytes);
    if (file->stopped) /* what was recorded up to here is whole */
        log_write(LOG_ERROR, file->failure.text, NULL);
}

enum status capture_file_create(const char *path, uint64_t part_bytes, struct capture_file **file,
                                struct fault *fault)
{
    struct capture_file *made = memory_zeroed(1, sizeof(*made));

    made->capture.write = write_record;
    made->path = memory_copy(path, strlen(path) + 1);
    made->part_bytes = part_bytes;
    made->part = 1;
    enum status status = open_part(made);

    if (status != STATUS_OK) {
        *fault = made->failure;
        capture_file_destroy(made);
        return status;
    }
    *file = made;
    return STATUS_OK;
}

void capture_file_destroy(struct capture_file *file)
{
    if (file == NULL)
        return;
    close_part(file);
    capture_finish(&file->capture);
    memory_free(file->path);
    memory_free(file);
}

struct capture *capture_file_capture(struct capture_file *file)
{
    return &file->capture;
}
