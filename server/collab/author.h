/* author - what a document knows of one session: which serials had their fate, and which.
 *
 * The store's row of (document, session) in memory, ahead of the store while a batch is in flight.
 * A serial has one fate (rule 1): it got a seq, or it is spent. They are used in order, so "serial
 * <= last" says that it had its fate, and the list of spent ones says which. (Native sessions leave
 * none out; a ShareDB connection counts over all its documents, so that here its serials only
 * rise.) */
#ifndef SERVER_COLLAB_AUTHOR_H
#define SERVER_COLLAB_AUTHOR_H

#include <stdbool.h>

#include "base/table.h"
#include "server/store/store.h"

struct author {
    struct session_key session;
    struct who who;
    struct session_row row; /* `spent` is ours */
    bool loaded;            /* the store's row has been read (or there is none) */
    bool loading;           /* … is being read … */
    bool stale;             /* … and will be too old: it is read again */
    bool who_taken;         /* another session has written here under its public id (rule 4) */
    uint64_t generation;    /* of the batch that carries its last change; 0 = none */
    bool behind;            /* closed as too far behind: it gets a snapshot next */
    bool dirty;             /* changed since the last batch was formed … */
    struct author *dirty_prev, *dirty_next; /* … and then in document->dirty_authors */
    UT_hash_handle hh;                      /* in document->authors, by session */
    UT_hash_handle hh_who;                  /* in document->names, the first with its `who` */
};

struct author *author_create(const struct session_key *session);
void author_destroy(struct author *author); /* NULL allowed */

/* Take over what the store has; `row` is borrowed. */
void author_load(struct author *author, const struct session_row *row);

/* What is known may be old: it is read anew before it is used. */
void author_doubt(struct author *author);

/* The fate of a serial that is not above the last one: spent with a code (true), or sequenced
 * (false). */
bool author_is_spent(const struct author *author, uint64_t serial, int *code);

/* Give a serial above the last one its fate. The document marks the author dirty. */
void author_sequenced(struct author *author, uint64_t serial, uint64_t seq);
void author_spend(struct author *author, uint64_t serial, int code);

/* From now on an edit with a base below `seq` is never sequenced (rule 3c). The document marks the
 * author dirty. */
void author_raise_floor(struct author *author, uint64_t seq);

/* A copy of the row for a batch; the caller frees `spent`. */
struct session_row author_row(const struct author *author);

#endif
