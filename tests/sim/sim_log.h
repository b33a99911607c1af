/* sim_log - what is durable of one document, and what every client must therefore see.
 *
 * It reads the store's log behind every batch that lands, checks each new entry, and replays it:
 * seq without gaps, epochs and times that do not fall, serials in the order of their session and
 * none twice, each edit in a form that its author has sent, and no edit in two entries. Clients
 * hold what reached them against it. */
#ifndef TESTS_SIM_SIM_LOG_H
#define TESTS_SIM_SIM_LOG_H

#include "base/buffer.h"
#include "server/collab/state.h"
#include "server/store/store.h"

struct sim;

/* One form in which an edit was sent. An edit that was rebased and sent again has several. */
struct sim_form {
    struct who who;
    uint64_t edit; /* which edit: unlike a serial, this is what its author knows it by */
    uint64_t serial;
    uint64_t base;
    size_t at; /* its JSON, in `sent` */
    size_t size;
};

struct sim_landed {
    struct entry entry;
    uint64_t edit;       /* 0: a creation */
    struct span content; /* the document after it, canonical JSON; absent after a deletion */
};

struct sim_log {
    struct sim *sim;
    char name[32];
    const struct type *type;
    struct buffer start; /* what it begins with, JSON */

    uint64_t head;
    unsigned set_backs;        /* so many times was the store set back */
    struct sim_landed *landed; /* by seq − 1 */
    struct state state;        /* replayed, at head */
    struct store_arena *arena;
    size_t largest; /* bytes of any durable operation or content so far */

    struct sim_form *forms;
    size_t form_count;
    struct sim_form *spent; /* refused for good: they may not land any more */
    size_t spent_count;
    struct buffer sent;
};

struct sim_log *sim_log_create(struct sim *sim, unsigned index);
void sim_log_destroy(struct sim_log *log); /* NULL allowed */

/* A client sends this form of an edit. */
void sim_log_sent(struct sim_log *log, const struct sim_form *form, struct span operation);

/* The session's edit with this serial was refused for good. */
void sim_log_spend(struct sim_log *log, struct who who, uint64_t serial);

/* A batch with this document has landed in the store: look at what is new. */
void sim_log_follow(struct sim_log *log, struct backend *backend);

/* The store was set back: what it has lost is not durable any more. */
void sim_log_set_back(struct sim_log *log, struct backend *backend);

/* The durable entry with this number; fails when there is none. */
const struct sim_landed *sim_log_at(const struct sim_log *log, uint64_t seq);

/* The session's entry with this serial; NULL when none is durable. */
const struct sim_landed *sim_log_find(const struct sim_log *log, struct who who, uint64_t serial);

/* The content has to be what the durable entries up to `seq` make, byte for byte. `whose` for the
 * failure. */
void sim_log_expect(const struct sim_log *log, uint64_t seq, const struct content *content,
                    const char *whose);

/* At the end: the store still holds all of it, unchanged, and what it loads replays to the same. */
void sim_log_check_store(struct sim_log *log, struct backend *backend);

#endif
