/* checksum - what tells a row that is not what was written any more from one that is.
 *
 * Disks and copies lose bits that no database notices. Each row of the log, each snapshot and each
 * named version is stored with a checksum over all that it says, which a back end compares whenever
 * it reads one. Against faults, not against people. A row that an older version wrote has none. */
#ifndef SERVER_STORE_CHECKSUM_H
#define SERVER_STORE_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

struct entry;
struct fault;
struct snapshot;
struct span;
struct version;

/* 63 bits, so that databases have a number for it. An absent span counts as an empty one. */
uint64_t checksum_of_entry(const struct entry *entry);
uint64_t checksum_of_snapshot(const struct snapshot *snapshot);
uint64_t checksum_of_version(const struct version *version);

/* Is it the one that was stored? Else `fault` says of which document (`name`) and row. */
bool checksum_holds_entry(const struct entry *entry, uint64_t stored, struct span name,
                          struct fault *fault);
bool checksum_holds_snapshot(const struct snapshot *snapshot, uint64_t stored, struct span name,
                             struct fault *fault);
bool checksum_holds_version(const struct version *version, uint64_t stored, struct span name,
                            struct fault *fault);

#endif
