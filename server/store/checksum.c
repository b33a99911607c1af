#include "server/store/checksum.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/hash.h"
#include "server/store/store.h"

/* Never another one: stores out there were written with it. */
static const uint8_t key[16] = "a row of Tutti";

static uint64_t of_bytes(struct span bytes)
{
    return hash_keyed(key, bytes);
}

/* Numbers are hashed as they are written on any machine. */
static uint64_t of_numbers(const uint64_t *numbers, size_t count)
{
    uint8_t bytes[16 * 8];

    must(count <= sizeof(bytes) / 8);
    for (size_t i = 0; i < count; i++)
        for (size_t byte = 0; byte < 8; byte++)
            bytes[8 * i + byte] = (uint8_t)(numbers[i] >> (8 * byte));
    return of_bytes(span_of(bytes, 8 * count)) & INT64_MAX;
}

uint64_t checksum_of_entry(const struct entry *entry)
{
    const uint64_t numbers[] = {
        entry->seq,
        entry->epoch,
        entry->serial,
        entry->base,
        entry->time_ms,
        entry->kind,
        entry->rule,
        of_bytes(span_of(entry->session.bytes, SESSION_KEY_SIZE)),
        of_bytes(entry->user),
        of_bytes(entry->arrived),
        entry_is_as_it_arrived(entry) ? 0 : of_bytes(entry->sequenced),
    };

    return of_numbers(numbers, sizeof(numbers) / sizeof(numbers[0]));
}

uint64_t checksum_of_snapshot(const struct snapshot *snapshot)
{
    const uint64_t numbers[] = {
        snapshot->seq,          snapshot->epoch,          snapshot->time_ms,
        snapshot->created,      of_bytes(snapshot->type), of_bytes(snapshot->content),
        snapshot->content.size,
    };

    return of_numbers(numbers, sizeof(numbers) / sizeof(numbers[0]));
}

uint64_t checksum_of_version(const struct version *version)
{
    const uint64_t numbers[] = {
        version->seq,
        version->time_ms,
        of_bytes(version->name),
        of_bytes(version->user),
    };

    return of_numbers(numbers, sizeof(numbers) / sizeof(numbers[0]));
}

/* `row` names it within its document. */
static bool holds(uint64_t made, uint64_t stored, struct span name, const char *row,
                  struct fault *fault)
{
    if (made == stored)
        return true;
    /* The name goes last: a long one is cut. */
    (void)fault_set(fault, STATUS_CORRUPT,
                    "%s is damaged: its checksum was %016" PRIx64 ", now it is %016" PRIx64
                    " (%.*s)",
                    row, stored, made, SPAN_PRINT(name));
    return false;
}

bool checksum_holds_entry(const struct entry *entry, uint64_t stored, struct span name,
                          struct fault *fault)
{
    char row[40];

    snprintf(row, sizeof(row), "seq %" PRIu64, entry->seq);
    return holds(checksum_of_entry(entry), stored, name, row, fault);
}

bool checksum_holds_snapshot(const struct snapshot *snapshot, uint64_t stored, struct span name,
                             struct fault *fault)
{
    char row[40];

    snprintf(row, sizeof(row), "snapshot %" PRIu64, snapshot->seq);
    return holds(checksum_of_snapshot(snapshot), stored, name, row, fault);
}

bool checksum_holds_version(const struct version *version, uint64_t stored, struct span name,
                            struct fault *fault)
{
    char row[60];

    snprintf(row, sizeof(row), "the version of seq %" PRIu64, version->seq);
    return holds(checksum_of_version(version), stored, name, row, fault);
}
