#include "server/store/checksum.h"

#include <stdio.h>

#include "base/fault.h"
#include "server/store/store.h"
#include "tests/runner.h"

static struct entry entry_of(uint64_t seq)
{
    return (struct entry){.seq = seq,
                          .epoch = 2,
                          .serial = 3,
                          .base = 4,
                          .time_ms = 5,
                          .session.bytes = {6},
                          .kind = ENTRY_EDIT,
                          .rule = 1,
                          .user = SPAN("ann"),
                          .arrived = SPAN("[\"x\"]"),
                          .sequenced = SPAN("[1,\"x\"]")};
}

/* Stores out there have them: these numbers never change. */
START_TEST(checksums_are_the_same_for_ever)
{
    struct entry entry = entry_of(7);
    struct snapshot snapshot = {
        .seq = 7, .epoch = 2, .time_ms = 5, .type = SPAN("text"), .content = SPAN("\"x\"")};
    struct version version = {.name = SPAN("draft"), .seq = 7, .time_ms = 5, .user = SPAN("ann")};

    ck_assert_uint_eq(checksum_of_entry(&entry), UINT64_C(7394073999715745150));
    ck_assert_uint_eq(checksum_of_snapshot(&snapshot), UINT64_C(2936307509203931374));
    ck_assert_uint_eq(checksum_of_version(&version), UINT64_C(4929152707478321302));
}
END_TEST

START_TEST(every_field_of_an_entry_counts)
{
    struct entry entries[12];
    struct fault fault = {""};

    for (size_t i = 0; i < 12; i++)
        entries[i] = entry_of(7);
    entries[1].seq++;
    entries[2].epoch++;
    entries[3].serial++;
    entries[4].base++;
    entries[5].time_ms++;
    entries[6].session.bytes[15]++;
    entries[7].kind++;
    entries[8].rule++;
    entries[9].user = SPAN("anm");
    entries[10].arrived = SPAN("[\"y\"]");
    entries[11].sequenced = SPAN("[1,\"y\"]");
    for (size_t i = 0; i < 12; i++)
        for (size_t j = 0; j < 12; j++)
            ck_assert_int_eq(checksum_holds_entry(&entries[i], checksum_of_entry(&entries[j]),
                                                  SPAN("notes/1"), &fault),
                             i == j);
}
END_TEST

START_TEST(every_field_of_a_snapshot_and_of_a_version_counts)
{
    struct snapshot snapshots[7];
    struct version versions[5];
    struct fault fault = {""};

    for (size_t i = 0; i < 7; i++)
        snapshots[i] = (struct snapshot){
            .seq = 7, .epoch = 2, .time_ms = 5, .type = SPAN("text"), .content = SPAN("\"x\"")};
    snapshots[1].seq++;
    snapshots[2].epoch++;
    snapshots[3].time_ms++;
    snapshots[4].type = SPAN("test");
    snapshots[5].content = SPAN("\"y\"");
    snapshots[6].created++;
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++)
            ck_assert_int_eq(checksum_holds_snapshot(&snapshots[i],
                                                     checksum_of_snapshot(&snapshots[j]),
                                                     SPAN("notes/1"), &fault),
                             i == j);
    for (size_t i = 0; i < 5; i++)
        versions[i] =
            (struct version){.name = SPAN("draft"), .seq = 7, .time_ms = 5, .user = SPAN("ann")};
    versions[1].name = SPAN("draff");
    versions[2].seq++;
    versions[3].time_ms++;
    versions[4].user = SPAN("anm");
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            ck_assert_int_eq(checksum_holds_version(&versions[i], checksum_of_version(&versions[j]),
                                                    SPAN("notes/1"), &fault),
                             i == j);
}
END_TEST

/* As a store gives back what was written: an absent span is an empty one, and what is stored once
 * is there twice. */
START_TEST(what_is_given_back_in_another_way_is_the_same)
{
    struct entry written = entry_of(7);
    struct entry read = entry_of(7);
    struct snapshot none = {.seq = 7};
    struct snapshot empty = {.seq = 7, .type = SPAN(""), .content = SPAN("")};
    char copy[] = "[\"x\"]";

    written.user = written.arrived = written.sequenced = SPAN_NONE;
    read.user = read.arrived = read.sequenced = SPAN("");
    ck_assert_uint_eq(checksum_of_entry(&written), checksum_of_entry(&read));
    written.arrived = written.sequenced = SPAN("[\"x\"]");
    read.arrived = SPAN("[\"x\"]");
    read.sequenced = span_of_string(copy);
    ck_assert_uint_eq(checksum_of_entry(&written), checksum_of_entry(&read));
    ck_assert_uint_eq(checksum_of_snapshot(&none), checksum_of_snapshot(&empty));
}
END_TEST

START_TEST(what_was_expected_and_found_is_said)
{
    struct entry entry = entry_of(7);
    struct fault fault = {""};
    char expected[200];

    ck_assert(!checksum_holds_entry(&entry, 0xabc, SPAN("notes/1"), &fault));
    snprintf(expected, sizeof(expected),
             "seq 7 is damaged: its checksum was 0000000000000abc, now it is %016llx (notes/1)",
             (unsigned long long)checksum_of_entry(&entry));
    ck_assert_str_eq(fault.text, expected);
}
END_TEST

TEST_MAIN("checksum", checksums_are_the_same_for_ever, every_field_of_an_entry_counts,
          every_field_of_a_snapshot_and_of_a_version_counts,
          what_is_given_back_in_another_way_is_the_same, what_was_expected_and_found_is_said)
