/* catch_up - brings a reader that is behind its stream to where it can join it.
 *
 *     reader->seq          history.first          committed
 *       |  read from the store  |  in memory          |         seq grows ->
 *
 * The entries go into the private output of its link, as fast as the client takes them. */
#ifndef SERVER_COLLAB_CATCH_UP_H
#define SERVER_COLLAB_CATCH_UP_H

struct reader;

/* LOG: put the next entries before it while its link has room, and join the stream when it has come
 * so far. Reads from the store what is not in memory. May destroy the reader (a deletion is its
 * end). */
void catch_up(struct reader *reader);

#endif
