/* sim_tally - how often what happened, over all runs of this process.
 *
 * A simulator proves nothing about what it never reaches. So everything that it is there for is
 * counted, `sim --tally` prints what a range of seeds has reached, and run_sim fails when one of
 * these has not happened once in all its seeds. */
#ifndef TESTS_SIM_SIM_TALLY_H
#define TESTS_SIM_SIM_TALLY_H

/* X(event, what is counted) */
#define SIM_TALLY_TABLE(X)                                                                         \
    X(STEP, "steps")                                                                               \
    X(ENTRY, "entries that became durable")                                                        \
    X(BREAK, "connections that broke")                                                             \
    X(UNTOLD, "ends of them that were not told")                                                   \
    X(CUT_FRAME, "messages that were cut within")                                                  \
    X(FULL, "writes that a socket did not take whole")                                             \
    X(DEATH, "nodes that died")                                                                    \
    X(TAKEOVER, "nodes that were replaced asleep")                                                 \
    X(ASLEEP, "nodes of a cluster that stopped for a while")                                       \
    X(DRAINED, "nodes of a cluster that were drained")                                             \
    X(HANDED_OVER, "… and had no document left when they sent their clients away")                 \
    X(SENT_AWAY, "clients that went because they were asked to")                                   \
    X(CUT_OFF, "nodes that were cut off from the bus")                                             \
    X(BUS_LOST, "messages between nodes that were lost")                                           \
    X(BUS_AGAIN, "messages between nodes that came late or again")                                 \
    X(FENCED, "batches that were fenced, for a document")                                          \
    X(FAILED, "requests that failed")                                                              \
    X(UNKNOWN, "requests of unknown outcome")                                                      \
    X(LATE_DURABLE, "late batches that became durable")                                            \
    X(LATE_CLAIMED, "late claims that were made")                                                  \
    X(LATE_FENCED, "late batches and claims that were fenced")                                     \
    X(AWAY, "requests without a store")                                                            \
    X(LEFT, "people who went for good")                                                            \
    X(SENT, "edits sent")                                                                          \
    X(SENT_AGAIN, "edits sent again")                                                              \
    X(OVERSIZED, "edits that were too large to be kept")                                           \
    X(OWN, "edits acknowledged by coming by")                                                      \
    X(FOR_NOW, "edits refused for now")                                                            \
    X(FOR_GOOD, "edits refused for good")                                                          \
    X(COMPOSED, "composed ranges")                                                                 \
    X(CAUGHT_UP, "answers of operations alone")                                                    \
    X(RELOADED, "answers of a snapshot to one who had the document")                               \
    X(BEHIND, "documents closed to one who is too far behind")                                     \
    X(STRAYED, "clients that were led astray")                                                     \
    X(TOLD_DIVERGED, "clients that were told that they are astray")                                \
    X(RENEWED, "sessions that a client replaced")                                                  \
    X(SHOWN, "people who were shown to others")                                                    \
    X(DELETED, "documents that were deleted")                                                      \
    X(DROPPED, "edits that were dropped with a deleted document")                                  \
    X(SET_BACK, "stores that were set back, and lost entries")                                     \
    X(TOLD_RESTORED, "answers that the store was restored")

enum sim_tally {
#define SIM_TALLY_NAME(event, what) SIM_TALLY_##event,
    SIM_TALLY_TABLE(SIM_TALLY_NAME)
#undef SIM_TALLY_NAME
        SIM_TALLY_COUNT
};

/* It has happened once more. */
void sim_tally(enum sim_tally event);

/* Print all of it, one line each: the count, then what. */
void sim_tally_print(void);

#endif
