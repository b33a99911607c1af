/* record_line - one record of a capture in words, for people. */
#ifndef TOOLS_REPLAY_RECORD_LINE_H
#define TOOLS_REPLAY_RECORD_LINE_H

#include "server/collab/capture.h"

void record_line(const struct capture_record *record, struct buffer *out);

/* Bytes with what is not printable as \xNN; not more than people want to read. */
void record_line_bytes(struct span bytes, struct buffer *out);

#endif
