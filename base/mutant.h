/* mutant - rules broken on purpose, for the tests that must notice.
 *
 * Each rule that the code keeps is worth a check that fails without it. A build with
 * -Dmutants=true can be told, by name, to break one of them:
 *
 *     if (serial <= last && !mutant_is_on(MUTANT_DROP_DEDUPE))
 *         return answer_again(...);
 *
 * and tests/sim/run_mutants holds that the simulator finds every name of the list. In any other
 * build mutant_is_on() is false at compile time, and nothing of this remains. Test programs take
 * `--mutant NAME`; the server looks at TUTTI_MUTANT, in such a build alone. */
#ifndef BASE_MUTANT_H
#define BASE_MUTANT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/must.h"

/* X(mutant, name, what it does and which rule that breaks) */
#define MUTANT_TABLE(X)                                                                            \
    X(DELETE_TWICE, "delete-twice",                                                                \
      "text: what both delete, the second one deletes once more (TP1)")                            \
    X(DROP_DEDUPE, "drop-dedupe", "a serial that was sent again is sequenced again (rule 1)")      \
    X(JUDGE_PENDING, "judge-pending", "a replica composes over a pending edit without its owner")  \
    X(IGNORE_FLOOR, "ignore-floor", "a node that takes a document over forgets the floors")        \
    X(SKIP_GAP_REPAIR, "skip-gap-repair", "a replica goes on over a gap in what was published")    \
    X(PUBLISH_EARLY, "publish-early", "entries are published before they are durable")             \
    X(TAKE_FROM_LIVING, "take-from-living",                                                        \
      "who ranks first takes a document from a living owner")                                      \
    X(SWAP_SIDE, "swap-side", "the server gives a tie to the other author than the client does")   \
    X(ACK_BEFORE_COMMIT, "ack-before-commit", "a batch counts as durable when it is submitted")    \
    X(IGNORE_FENCE, "ignore-fence", "a fenced batch counts as durable (rule 2)")                   \
    X(UNKNOWN_AS_OK, "unknown-as-ok", "a batch of unknown outcome counts as durable (rule 2)")     \
    X(DELIVER_TENTATIVE, "deliver-tentative", "entries are delivered up to the tentative head")    \
    X(SNAPSHOT_SEQ, "snapshot-seq", "`opened` calls the tentative state by the committed head")    \
    X(STORED_SNAPSHOT_SEQ, "stored-snapshot-seq", "a stored snapshot has the seq before its own")  \
    X(TRIM_BELOW_CURSOR, "trim-below-cursor", "a stream drops what its oldest cursor needs")       \
    X(REUSE_SERIAL, "reuse-serial", "a client gives a refused serial to its next edit (rule 1)")   \
    X(RENUMBER_REFUSED, "renumber-refused", "an edit refused for now gets a new serial (rule 1)")  \
    X(ANSWER_TENTATIVE, "answer-tentative", "a refusal for good is told before it is durable")     \
    X(COMPOSE_UNRESOLVED, "compose-unresolved", "composed ranges pass unresolved edits (rule 3a)") \
    X(TAKE_OLD_BASE, "take-old-base", "edits from within a composed range are taken (rule 3b)")    \
    X(RAISE_NO_FLOOR, "raise-no-floor", "an old form of a pending edit may still come (rule 3c)")  \
    X(FOREIGN_OWN, "foreign-own", "a ShareDB author does not know its own operation again")        \
    X(PRESENCE_STAYS, "presence-stays", "who does not renew what it shows is shown for ever")      \
    X(PRESENCE_GHOSTS, "presence-ghosts",                                                          \
      "what was shown at a node stays when that is gone (rule 8)")                                 \
    X(PRESENCE_LATE, "presence-late",                                                              \
      "who has read on is told positions of an older seq (rule 8)")                                \
    X(PRESENCE_STILL, "presence-still", "the server does not move what is shown (rule 8)")         \
    X(HASH_EARLY, "hash-early", "the server hashes a state before the operation (rule 9)")

enum mutant {
#define MUTANT_NAME(mutant, name, rule) MUTANT_##mutant,
    MUTANT_TABLE(MUTANT_NAME)
#undef MUTANT_NAME
        MUTANT_COUNT
};

/* The rule is broken in this process. */
#ifdef MUTANTS
bool mutant_is_on(enum mutant mutant);
#else
static inline bool mutant_is_on(enum mutant mutant)
{
    (void)mutant;
    return false;
}
#endif

/* Break the rule with this name from now on, and no other; NULL: none. Before any thread begins.
 * False when there is no such name, or this build has no mutants. */
MUST_CHECK bool mutant_choose(const char *name);

/* The list, for help texts and for the test that runs them all. */
const char *mutant_name(enum mutant mutant);
const char *mutant_rule(enum mutant mutant);

#endif
