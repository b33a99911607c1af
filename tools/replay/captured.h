/* captured - a capture's files, run again, with what they show of the store. */
#ifndef TOOLS_REPLAY_CAPTURED_H
#define TOOLS_REPLAY_CAPTURED_H

#include <stdio.h>

#include "tools/replay/gathered.h"
#include "tools/replay/rerun.h"

/* How many records before a difference are told. */
enum { CAPTURED_CONTEXT = 8 };

struct captured {
    struct rerun rerun;
    struct gathered *gathered;
    FILE *records; /* set before: every record is a line in it; NULL: none is */
    struct buffer bytes;
    struct capture_record context[CAPTURED_CONTEXT]; /* of record n at n modulo its size */
};

/* Read FILE and its parts FILE.2, FILE.3 …, and run them. FAILED when a file cannot be read; what
 * the run came to is in `rerun.end`. Finish it in every case. */
MUST_CHECK enum status captured_run(struct captured *captured, const char *path,
                                    struct fault *fault);
void captured_finish(struct captured *captured);

/* What it came to, in lines; with the records that led to a difference. */
void captured_tell(const struct captured *captured, FILE *out);

#endif
