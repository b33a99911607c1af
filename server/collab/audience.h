/* audience - the readers in a document's stream, by what they were told beside it. One for each
 * dialect.
 *
 *   KNOWING  all that was told: it is given the changes of the next turn that tells any
 *   BEHIND   less than that: the rest is still to be written, if it has not gone meanwhile
 *   ASKING   has missed something and has room again: it is given the whole
 *   AWAY     not in the stream, or of a dialect that has no words for it
 *
 *   AWAY --joins--> ASKING <--has room, all has gone-- BEHIND <--told-- KNOWING
 *                     |                                 ^  |              ^
 *                     +--------------told---------------+  +---written----+
 *
 * Nothing is done for one that is BEHIND until its socket takes something: what it was not told in
 * time is seen by its place, which lies before all that there is (ephemeral.h). */
#ifndef SERVER_COLLAB_AUDIENCE_H
#define SERVER_COLLAB_AUDIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "server/collab/ephemeral.h"

struct reader;

enum audience_part { AUDIENCE_AWAY, AUDIENCE_KNOWING, AUDIENCE_BEHIND, AUDIENCE_ASKING };

/* The owner of a zeroed one has told nobody anything. */
struct audience {
    struct ephemeral ephemeral;
    struct reader *knowing;
    struct reader *asking;
};

void audience_finish(struct audience *audience);

/* ---- What becomes of a reader ---- */

/* It has joined the stream. It knows all there is, or has to be told. */
void audience_join(struct reader *reader, bool knows);

/* It has left the stream, or is going away. */
void audience_leave(struct reader *reader);

/* ---- Telling ---- */

/* Is there a reader that has to be given the whole? One whose socket is full asks again. */
bool audience_asks(struct audience *audience);

/* What was told before is no more: whoever was not sent it has missed it. */
void audience_restart(struct audience *audience);

/* Everything that there is to tell now stands in the ephemeral: give it to the readers. */
void audience_tell(struct audience *audience);

/* ---- Writing: for a reader in link->telling that is at the end of the stream ---- */

/* Something is left to be written. */
bool audience_has_more(const struct reader *reader);

/* The next bytes to write from `*place`, which begins as reader->told. False at the end. */
bool audience_run(const struct reader *reader, uint64_t *place, struct span *bytes);

/* Up to `*size` bytes of it were taken; less what is left. The rest of a frame that was begun is
 * copied to the link. */
void audience_written(struct reader *reader, size_t *size);

#endif
