/* catch_up - brings a reader that is behind its stream to where it can join it.
 *
 *     reader->seq          history.first          committed
 *       |  read from the store  |  in memory          |         seq grows ->
 *
 *   a few operations ahead, or an own one unresolved     ->  one by one
 *   many ahead                                           ->  composed, as few as may be (range.h)
 *   more than the document itself would be               ->  closed as behind: it opens again, and
 *                                                            gets a snapshot
 *
 * They go into the private output of its link, as fast as the client takes them: a link whose
 * socket is full gets nothing, and later all that has come up meanwhile in one. */
#ifndef SERVER_COLLAB_CATCH_UP_H
#define SERVER_COLLAB_CATCH_UP_H

struct reader;

/* LOG: put what comes next before it while its link has room, and join the stream when it has come
 * so far. Reads from the store what is not in memory. May destroy the reader (a deletion is its
 * end). */
void catch_up(struct reader *reader);

#endif
