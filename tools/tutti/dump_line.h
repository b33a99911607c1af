/* dump_line - one line of a dump of a ShareDB database: an operation, or a snapshot.
 *
 *   {"c":"pets","d":"fido","v":0,"create":{"type":"…","data":…},"src":"…","seq":1,"m":{"ts":…}}
 *   {"c":"pets","d":"fido","v":1,"op":…}      {"c":"pets","d":"fido","v":2,"del":true}
 *   {"c":"pets","d":"fido","v":3,"type":"…"|null,"data":…}
 *
 * An operation is at the version that it was applied to, a snapshot has the version that it is of:
 * as ShareDB keeps them. */
#ifndef TOOLS_TUTTI_DUMP_LINE_H
#define TOOLS_TUTTI_DUMP_LINE_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/span.h"

enum dump_kind {
    DUMP_NOTHING, /* an operation that others have left nothing of */
    DUMP_EDIT,
    DUMP_CREATE,
    DUMP_DELETE,
    DUMP_SNAPSHOT
};

/* Spans point into the line, or into `name` and `strings`. */
struct dump_line {
    enum dump_kind kind;
    struct span document; /* "collection/id", checked */
    uint64_t version;
    struct span operation; /* EDIT: within the limits of a message */
    struct span type;      /* CREATE, SNAPSHOT: its name; absent: there is no document */
    struct span data;      /* CREATE, SNAPSHOT: absent when the line has none */
    struct span source;    /* absent when it is not known */
    uint64_t serial;       /* of that source; 0 = not known */
    uint64_t time_ms;      /* since 1970; 0 = not known */
    struct buffer name;
    struct buffer strings;
};

/* Read a line without its end into a zeroed struct, or over what was read before. MALFORMED_…,
 * TOO_… with what is wrong; then the line means nothing. */
MUST_CHECK enum status dump_line_read(struct dump_line *line, struct span text,
                                      struct fault *fault);

void dump_line_finish(struct dump_line *line);

#endif
