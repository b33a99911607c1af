/* subject - what a question is about: one document of a capture, or of a stopped server's store. */
#ifndef TOOLS_REPLAY_SUBJECT_H
#define TOOLS_REPLAY_SUBJECT_H

#include "tools/replay/captured.h"
#include "tools/replay/schedule.h"

/* The words that name it, as given; NULL: not given. Beside a store, one word alone is the
 * document, though it stands where a capture would. */
struct subject_words {
    const char *capture;  /* a file */
    const char *store;    /* or a store, */
    const char *document; /* which may be left out when a capture has only one */
    uint64_t until;
};

/* Read its edits. FAILED, NOT_FOUND … with the reason. */
MUST_CHECK enum status subject_read(const struct subject_words *words, struct schedule *schedule,
                                    struct fault *fault);

#endif
