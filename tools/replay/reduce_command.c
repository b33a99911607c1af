/* tutti reduce: the smallest order of edits that still goes wrong. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json_write.h"
#include "base/memory.h"
#include "tools/replay/reduce.h"
#include "tools/replay/subject.h"
#include "tools/replay/trial.h"
#include "tools/tutti/arguments.h"
#include "tools/tutti/tutti.h"

enum { EXIT_REDUCED = 0, EXIT_SOUND = 1, EXIT_TROUBLE = 2 };

/* Some author does not have in the end what the server has. */
static bool diverges(struct reduce *reduce, const struct schedule *schedule)
{
    struct trial trial;

    (void)reduce;
    trial_run(&trial, schedule);
    bool differs = trial.differs;
    trial_finish(&trial);
    return differs;
}

/* A string literal of C. */
static void print_literal(struct span text)
{
    putchar('"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            putchar('\\');
        putchar(text.data[i]);
    }
    putchar('"');
}

static void print_step(const struct arrival *arrival)
{
    struct who who = who_of(&arrival->session);
    struct buffer json = {0};

    arrival->operation->type->write(arrival->operation, &json);
    printf("        {\"%.8s\", %" PRIu64 ", ", who.text, arrival->base);
    print_literal(buffer_span(&json));
    puts("},");
    buffer_finish(&json);
}

/* As a test for tests/tools/test_trial.c. */
static void print_test(const struct schedule *schedule)
{
    struct buffer start = {0};

    schedule->type->encode(schedule->start, &start);
    puts("START_TEST(found_by_reduce)\n{\n    static const struct step steps[] = {");
    for (size_t i = 0; i < schedule->count; i++)
        print_step(&schedule->arrivals[i]);
    printf("    };\n\n    converge(&type_%s, ", schedule->type->name);
    print_literal(buffer_span(&start));
    puts(", steps, sizeof(steps) / sizeof(steps[0]));\n}\nEND_TEST");
    buffer_finish(&start);
}

static void print_difference(const struct schedule *schedule)
{
    struct buffer content = {0};
    struct trial trial;

    trial_run(&trial, schedule);
    schedule->type->encode(trial.content, &content);
    printf("/* the server has %.*s, %.8s has %.*s */\n", SPAN_PRINT(buffer_span(&content)),
           trial.who.text, SPAN_PRINT(buffer_span(&trial.found)));
    buffer_finish(&content);
    trial_finish(&trial);
}

int tutti_reduce(int argc, char **argv)
{
    struct subject_words words = {.until = UINT64_MAX};
    const struct argument table[] = {
        {.name = "[FILE]", .help = "a capture", .text = &words.capture},
        {.name = "[DOCUMENT]",
         .help = "collection/id; needed when there are several",
         .text = &words.document},
        {.name = "--store",
         .value = "STORE",
         .help = "not a FILE: a stopped server's folder, or postgres://…",
         .text = &words.store},
        {.name = "--until",
         .value = "SEQ",
         .help = "look at no operation behind it",
         .number = &words.until},
    };
    struct reduce reduce = {.shows = diverges};
    struct schedule schedule;
    struct fault fault = {""};

    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])))
        return EXIT_TROUBLE;
    if (subject_read(&words, &schedule, &fault) != STATUS_OK) {
        fprintf(stderr, "tutti reduce: %s\n", fault.text);
        return EXIT_TROUBLE;
    }
    size_t count = schedule.count;
    bool reduced = reduce_run(&reduce, &schedule);

    if (reduced) {
        fprintf(stderr, "%zu operations reduced to %zu, %" PRIu64 " orders tried\n", count,
                schedule.count, reduce.tried);
        print_test(&schedule);
        print_difference(&schedule);
    } else {
        fprintf(stderr, "%zu operations: everybody has what the server has\n", count);
    }
    schedule_finish(&schedule);
    return reduced ? EXIT_REDUCED : EXIT_SOUND;
}
