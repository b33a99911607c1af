/* loading - brings a document's content from the store.
 *
 * First the claim, so that nobody else writes any more; then the newest snapshot and the log after
 * it, which become the state and the history. A claim among peers compared what is here with what
 * the store has and may find that nothing is missing. (`follow` reads what others append.) */
#ifndef SERVER_COLLAB_LOADING_H
#define SERVER_COLLAB_LOADING_H

#include <stdint.h>

struct document;

/* Ask for the claim of a document that is CLAIMING; loading begins when it is ours. */
void loading_claim(struct document *document);

/* Read it whole: it is LOADING, and then OWNED, FOLLOWED, RETRYING or BROKEN. */
void loading_begin(struct document *document);

/* Read the entries after `from` into the history's front, for a late edit. None are on their way
 * (document->fetching); sequencer_fetched() is told. */
void loading_older(struct document *document, uint64_t from);

#endif
