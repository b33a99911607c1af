/* sim_pipe - bytes on their way in one direction of a connection.
 *
 *   send -->  [ piece | piece | piece ]  --> deliver
 *               each due at a time of its own, never before the one ahead of it
 *
 * A break keeps what is due first and loses the rest, anywhere in a frame; what is sent afterwards
 * is lost without a word, as in a real socket whose other end is gone. */
#ifndef TESTS_SIM_SIM_PIPE_H
#define TESTS_SIM_SIM_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "tests/sim/sim_clock.h"

struct sim_piece {
    size_t size; /* 0: the end of the connection */
    uint64_t at_ms;
};

struct sim_pipe {
    struct sim_clock *clock;
    /* What has arrived; absent bytes say that the connection has ended. The pipe may be closed
     * within the call. */
    void (*deliver)(struct sim_pipe *pipe, struct span bytes);
    struct sim_timer timer; /* the first piece is due */
    struct buffer bytes;
    struct sim_piece *pieces;
    size_t count;
    bool broken; /* what is sent is lost */
};

void sim_pipe_init(struct sim_pipe *pipe, struct sim_clock *clock,
                   void (*deliver)(struct sim_pipe *pipe, struct span bytes));
void sim_pipe_finish(struct sim_pipe *pipe);

/* Send so that it is due after `delay_ms`, or when what is ahead of it is, if that is later. */
void sim_pipe_send(struct sim_pipe *pipe, struct span bytes, uint64_t delay_ms);

/* The sender has closed: the other end is told behind everything sent. */
void sim_pipe_end(struct sim_pipe *pipe, uint64_t delay_ms);

/* Lose everything but the first `keep` bytes, and what is sent from now on. */
void sim_pipe_break(struct sim_pipe *pipe, size_t keep);

/* Bytes under way. */
size_t sim_pipe_size(const struct sim_pipe *pipe);

#endif
