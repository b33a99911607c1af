/* powercut_vfs - a disk for SQLite that forgets what was not synced when its power is cut.
 *
 * All files are in memory. A write counts as on the disk only after a sync; until then it is
 * pending, and when the power goes, each pending write is lost, torn or kept: a real disk promises
 * nothing about what it was not told to sync, nor about the order of it. While the power is off
 * every call fails; powercut_restore() turns it on again. Deletions are durable at once, which
 * SQLite asks for when it matters to it.
 *
 *   powercut_start(seed);             the default of all databases opened from here on
 *   powercut_plan.cut_at = 17;        cut at the 17th write or sync from the start
 *   …
 *   powercut_restore();
 *   powercut_stop();
 *
 * One disk, one connection at a time, one thread: its locks are no locks. */
#ifndef TESTS_STORE_POWERCUT_VFS_H
#define TESTS_STORE_POWERCUT_VFS_H

#include <stdbool.h>
#include <stdint.h>

/* What goes wrong, and when. Calls are counted from 1; 0 = never. */
struct powercut_plan {
    uint64_t calls;      /* writes, truncations and syncs so far */
    uint64_t syncs;      /* of them */
    uint64_t cut_at;     /* the call at which the power goes */
    uint64_t sync_fail;  /* the sync that fails, once: what it should have synced is lost later */
    uint64_t full_at;    /* the call, a write, from which on the disk is full … */
    uint64_t full_until; /* … until before this one */
    bool off;            /* the power is off */
};
extern struct powercut_plan powercut_plan;

/* An empty disk with power, the default of SQLite until powercut_stop(). The seed decides what a
 * cut spares. */
void powercut_start(uint64_t seed);
void powercut_stop(void);

/* Power again. Everything has to be closed. */
void powercut_restore(void);

#endif
