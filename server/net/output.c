#include "server/net/output.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/limits.h"
#include "server/collab/hub.h"
#include "server/net/clock.h"

/* One write. */
struct pieces {
    struct iovec list[LIMIT_WRITE_SPANS + 1];
    size_t count;
    size_t size;      /* bytes of all */
    size_t hub_count; /* those of the hub, */
    size_t hub_size;  /* and their bytes */
};

void output_finish(struct output *output)
{
    buffer_finish(&output->own);
}

static void add_piece(struct pieces *pieces, struct span bytes)
{
    pieces->list[pieces->count++] =
        (struct iovec){.iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.size};
    pieces->size += bytes.size;
}

static void gather(const struct output *output, struct link *link, struct pieces *pieces)
{
    struct span spans[LIMIT_WRITE_SPANS];
    bool own = output->own.size > 0;

    pieces->count = 0;
    pieces->size = 0;
    pieces->hub_count = link_output(link, spans, LIMIT_WRITE_SPANS);
    if (own && !output->cut)
        add_piece(pieces, buffer_span(&output->own));
    for (size_t i = 0; i < pieces->hub_count; i++)
        add_piece(pieces, spans[i]);
    if (own && output->cut)
        add_piece(pieces, buffer_span(&output->own));
    pieces->hub_size = pieces->size - output->own.size;
}

/* The socket has taken `sent` bytes; returns how many of them were the hub's. */
static size_t account(struct output *output, const struct pieces *pieces, size_t sent)
{
    size_t own_sent;

    if (output->cut)
        own_sent = sent > pieces->hub_size ? sent - pieces->hub_size : 0;
    else
        own_sent = sent < output->own.size ? sent : output->own.size;
    size_t hub_sent = sent - own_sent;

    output->cut = (output->cut || hub_sent > 0) && hub_sent < pieces->hub_size;
    buffer_consume(&output->own, own_sent);
    return hub_sent;
}

enum output_result output_write(struct output *output, struct link *link, int descriptor,
                                struct clock *clock, uint64_t *bytes)
{
    for (;;) {
        struct pieces pieces;

        gather(output, link, &pieces);
        if (pieces.size == 0) { /* maybe less than there was when the socket was full */
            link_written(link, 0, clock_now_ms(clock));
            return OUTPUT_DONE;
        }
        const struct msghdr message = {.msg_iov = pieces.list, .msg_iovlen = pieces.count};
        ssize_t sent = sendmsg(descriptor, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return OUTPUT_BROKEN;
        size_t size = sent > 0 ? (size_t)sent : 0;

        *bytes += size;
        link_written(link, account(output, &pieces, size), clock_now_ms(clock));
        if (size < pieces.size)
            return OUTPUT_FULL;
        if (pieces.hub_count < LIMIT_WRITE_SPANS)
            return OUTPUT_DONE; /* else the hub may have had more than there was room for */
    }
}
