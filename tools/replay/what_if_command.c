/* tutti what-if: the same edits with two arrivals exchanged, and what that changes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "tools/replay/subject.h"
#include "tools/replay/trial.h"
#include "tools/tutti/arguments.h"
#include "tools/tutti/tutti.h"

enum { EXIT_SAME = 0, EXIT_CHANGES = 1, EXIT_TROUBLE = 2 };

static struct arrival *arrival_at(const struct schedule *schedule, uint64_t seq)
{
    if (seq <= schedule->start_seq || seq - schedule->start_seq > schedule->count)
        return NULL;
    return &schedule->arrivals[seq - schedule->start_seq - 1];
}

/* What came between two places had not seen the first of them: otherwise it would depend on
 * something that has not been written yet. */
static enum status check_swap(const struct schedule *schedule, uint64_t a, uint64_t b,
                              struct fault *fault)
{
    const struct arrival *first = arrival_at(schedule, a);
    const struct arrival *second = arrival_at(schedule, b);

    if (a >= b || first == NULL || second == NULL)
        return fault_set(fault, STATUS_FAILED,
                         "--swap wants two edits A,B with A before B, from %" PRIu64 " to %" PRIu64,
                         schedule->start_seq + 1, schedule->start_seq + schedule->count);
    if (memcmp(&first->session, &second->session, sizeof(first->session)) == 0)
        return fault_set(fault, STATUS_FAILED, "both are by the same author, in its order");
    for (uint64_t seq = a + 1; seq <= b; seq++)
        if (arrival_at(schedule, seq)->base >= a)
            return fault_set(fault, STATUS_FAILED,
                             "%" PRIu64 " had seen %" PRIu64 ", and cannot come before it", seq, a);
    return STATUS_OK;
}

static void swap(const struct schedule *schedule, uint64_t a, uint64_t b)
{
    struct arrival *first = arrival_at(schedule, a);
    struct arrival *second = arrival_at(schedule, b);
    struct arrival kept = *first;

    *first = *second;
    *second = kept;
}

/* The operation as it was sequenced; empty when it could not be. */
static struct span sequenced(const struct trial *trial, uint64_t seq)
{
    return history_at(&trial->history, seq)->entry.sequenced;
}

static size_t print_entries(const struct schedule *schedule, const struct trial *was,
                            const struct trial *is)
{
    size_t count = 0;

    for (uint64_t seq = schedule->start_seq + 1; seq <= was->history.head; seq++) {
        const struct arrival *arrival = arrival_at(schedule, seq);
        struct who who = who_of(&arrival->session);

        if (span_equal(sequenced(was, arrival->seq), sequenced(is, seq)))
            continue;
        printf("%" PRIu64 " by %.8s", arrival->seq, who.text);
        if (arrival->seq != seq)
            printf(", now %" PRIu64, seq);
        printf(": %.*s becomes %.*s\n", SPAN_PRINT(sequenced(was, arrival->seq)),
               SPAN_PRINT(sequenced(is, seq)));
        count++;
    }
    return count;
}

static void print_content(const char *name, const struct content *content)
{
    struct buffer json = {0};

    content->type->encode(content, &json);
    printf("%s %.*s\n", name, SPAN_PRINT(buffer_span(&json)));
    buffer_finish(&json);
}

static int compare(struct schedule *schedule, uint64_t a, uint64_t b)
{
    struct trial was;
    struct trial is;

    trial_sequence(&was, schedule);
    swap(schedule, a, b);
    trial_sequence(&is, schedule);
    size_t changed = print_entries(schedule, &was, &is);
    bool same = content_equal(was.content, is.content);

    if (!same) {
        print_content("was", was.content);
        print_content("is ", is.content);
    }
    printf("%zu operations become others; the document ends %s\n", changed,
           same ? "the same" : "differently");
    trial_finish(&was);
    trial_finish(&is);
    return same ? EXIT_SAME : EXIT_CHANGES;
}

static bool read_swap(const char *text, uint64_t *a, uint64_t *b)
{
    char *end;

    if (text == NULL || *text < '0' || *text > '9')
        return false;
    *a = strtoull(text, &end, 10);
    if (*end != ',' || end[1] < '0' || end[1] > '9')
        return false;
    *b = strtoull(end + 1, &end, 10);
    return *end == '\0';
}

int tutti_what_if(int argc, char **argv)
{
    struct subject_words words = {.until = UINT64_MAX};
    const char *swap_text = NULL;
    const struct argument table[] = {
        {.name = "[FILE]", .help = "a capture", .text = &words.capture},
        {.name = "[DOCUMENT]",
         .help = "collection/id; needed when there are several",
         .text = &words.document},
        {.name = "--store",
         .value = "STORE",
         .help = "not a FILE: a stopped server's folder, or postgres://…",
         .text = &words.store},
        {.name = "--swap",
         .value = "A,B",
         .help = "the seqs of two edits that come in the other order",
         .text = &swap_text},
        {.name = "--until",
         .value = "SEQ",
         .help = "end behind this operation",
         .number = &words.until},
    };
    struct schedule schedule;
    struct fault fault = {""};
    uint64_t a = 0;
    uint64_t b = 0;
    int code = EXIT_TROUBLE;

    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])))
        return EXIT_TROUBLE;
    if (!read_swap(swap_text, &a, &b)) {
        fputs("tutti what-if: --swap A,B is needed; --help tells more\n", stderr);
        return EXIT_TROUBLE;
    }
    enum status status = subject_read(&words, &schedule, &fault);

    if (status == STATUS_OK) {
        status = check_swap(&schedule, a, b, &fault);
        if (status == STATUS_OK)
            code = compare(&schedule, a, b);
        schedule_finish(&schedule);
    }
    if (status != STATUS_OK)
        fprintf(stderr, "tutti what-if: %s\n", fault.text);
    return code;
}
