#include "tests/sim/sim_pipe.h"

#include "base/memory.h"

static void wait_for_first(struct sim_pipe *pipe)
{
    uint64_t now_ms = pipe->clock->now_ms;

    if (pipe->count == 0)
        sim_timer_stop(pipe->clock, &pipe->timer);
    else if (pipe->timer.place == 0)
        sim_timer_set(pipe->clock, &pipe->timer,
                      pipe->pieces[0].at_ms > now_ms ? pipe->pieces[0].at_ms - now_ms : 0);
}

static void due(struct sim_timer *timer)
{
    struct sim_pipe *pipe = container_of(timer, struct sim_pipe, timer);
    size_t size = pipe->pieces[0].size;
    struct buffer arrived = {0};

    pipe->count--;
    memmove(pipe->pieces, pipe->pieces + 1, pipe->count * sizeof(*pipe->pieces));
    buffer_append(&arrived, span_of(pipe->bytes.data, size));
    buffer_consume(&pipe->bytes, size);
    wait_for_first(pipe);
    pipe->deliver(pipe, size > 0 ? buffer_span(&arrived) : SPAN_NONE);
    buffer_finish(&arrived);
}

void sim_pipe_init(struct sim_pipe *pipe, struct sim_clock *clock,
                   void (*deliver)(struct sim_pipe *pipe, struct span bytes))
{
    *pipe = (struct sim_pipe){.clock = clock, .deliver = deliver, .timer.fire = due};
}

void sim_pipe_finish(struct sim_pipe *pipe)
{
    sim_timer_stop(pipe->clock, &pipe->timer);
    buffer_finish(&pipe->bytes);
    memory_free(pipe->pieces);
}

static void add_piece(struct sim_pipe *pipe, size_t size, uint64_t delay_ms)
{
    uint64_t at_ms = pipe->clock->now_ms + delay_ms;

    if (pipe->count > 0 && at_ms < pipe->pieces[pipe->count - 1].at_ms)
        at_ms = pipe->pieces[pipe->count - 1].at_ms;
    pipe->pieces = memory_resize(pipe->pieces, (pipe->count + 1) * sizeof(*pipe->pieces));
    pipe->pieces[pipe->count++] = (struct sim_piece){.size = size, .at_ms = at_ms};
    wait_for_first(pipe);
}

void sim_pipe_send(struct sim_pipe *pipe, struct span bytes, uint64_t delay_ms)
{
    if (pipe->broken || bytes.size == 0)
        return;
    buffer_append(&pipe->bytes, bytes);
    add_piece(pipe, bytes.size, delay_ms);
}

void sim_pipe_end(struct sim_pipe *pipe, uint64_t delay_ms)
{
    add_piece(pipe, 0, delay_ms);
}

void sim_pipe_break(struct sim_pipe *pipe, size_t keep)
{
    size_t kept = 0;
    size_t count = 0;

    pipe->broken = true;
    while (count < pipe->count && kept < keep) {
        struct sim_piece *piece = &pipe->pieces[count++];

        if (piece->size > keep - kept)
            piece->size = keep - kept;
        kept += piece->size;
    }
    pipe->count = count;
    pipe->bytes.size = kept;
    wait_for_first(pipe);
}

size_t sim_pipe_size(const struct sim_pipe *pipe)
{
    return pipe->bytes.size;
}
