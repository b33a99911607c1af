/* typist - a client of a world with a mind of its own: it comes back and sends again as it should.
 *
 * It types tokens, [a:0] then [a:1] and so on, each between two tokens that are there, so that what
 * was lost or taken twice shows in the history and in the text. */
#ifndef TESTS_COLLAB_TYPIST_H
#define TESTS_COLLAB_TYPIST_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/peer.h"
#include "tests/collab/world.h"

enum { TYPIST_TOKENS_MAX = 63 };

struct typist {
    struct client client;
    struct world *world;
    struct peer *peer;
    const char *document;
    char letter;
    bool away;             /* it has left, and does not come back by itself */
    bool asked;            /* its `open` has no answer yet */
    bool paused;           /* refused for now: until it is let go on */
    uint64_t channel;      /* 0: not open */
    unsigned typed;        /* tokens so far … */
    unsigned sent;         /* … those with a serial … */
    unsigned acknowledged; /* … and those that are durable, as it was told */
};

/* It types into a text; the document's name is borrowed. It connects with its first step. */
void typist_init(struct typist *typist, struct world *world, char letter, const char *document);
void typist_finish(struct typist *typist);

/* One token more; at once, and sent with the next step. Connected or not, once it has opened. */
void typist_type(struct typist *typist);

/* Go, and come back. */
void typist_leave(struct typist *typist);
void typist_return(struct typist *typist);

/* Hear what came, say what there is to say. False when there was nothing to do. */
bool typist_step(struct typist *typist);

/* Everything of it is acknowledged, and it has read all up to this seq. */
bool typist_is_settled(const struct typist *typist, uint64_t head);

/* The tokens of a letter in some text, as a set of bits; fails when one is there twice. */
uint64_t typist_tokens(struct span text, char letter);

#endif
