/* yjs - the few messages of a Yjs server that a load needs: y-protocols' sync, and updates (the
 * first of Yjs' two formats) in which one author types.
 *
 *   message   what it is about (0: sync), then 0, 1 or 2, then bytes with their size:
 *               0  sync step 1: a state vector, what somebody has and asks for the rest of
 *               1  sync step 2: an update with that rest
 *               2  an update that somebody made
 *   update    one author: structs, the author, the clock of the first one;
 *               a struct: what it is, what stands left and right of it, its characters;
 *             what is deleted
 *
 * All numbers are lib0's: seven bits a byte, the lowest ones first, the top bit set but in the
 * last. A clock counts the characters that an author has typed before, so author and clock name
 * one. */
#ifndef TOOLS_TUTTI_YJS_H
#define TOOLS_TUTTI_YJS_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"

/* Append the message of somebody who has nothing, and asks for all there is. */
void yjs_ask(struct buffer *out);

/* Between which two of its own characters, by their clocks, somebody types. */
struct yjs_place {
    uint64_t left;
    uint64_t right;
};
#define YJS_NOTHING UINT64_MAX

/* Append the message of an author that types `characters` (ASCII, not empty) as numbers `clock` and
 * on: at a place, or with nothing on either side at the beginning of the root text "text". Whoever
 * is sent that must have the author's characters up to `clock`. */
void yjs_type(struct buffer *out, uint32_t author, uint64_t clock, struct yjs_place place,
              struct span characters);

enum yjs_kind {
    YJS_HAS,    /* what a server has; it asks for the rest */
    YJS_REST,   /* what we asked for */
    YJS_UPDATE, /* of one struct by one author */
    YJS_OTHER   /* about anything but the text */
};

struct yjs_event {
    enum yjs_kind kind;
    uint64_t author; /* of an update, */
    uint64_t clock;  /* … of its first character */
};

/* Read a message of a server. What was typed is not looked at. PROTOCOL when it is none, or an
 * update of anything but one struct. */
MUST_CHECK enum status yjs_read(struct span message, struct yjs_event *event, struct fault *fault);

#endif
