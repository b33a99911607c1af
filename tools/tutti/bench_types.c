/* tutti bench ot - what the document types cost, in nanoseconds an operation.
 *
 * Reads workloads, one JSON object a line, and answers each with a line:
 *
 *   {"type":"text","name":"…","document":"","operations":[…],"transform":[[a,b],…],
 *    "compose":[[a,b],…]}
 *   {"name":"…","apply_ns":…,"transform_ns":…,"compose_ns":…}
 *
 * Operations are applied one after the other to one document; pairs are independent. Reading and
 * writing JSON is not counted. Each list is gone through until it has taken long enough; the best
 * pass counts. tests/ot/bench.js makes the workloads and runs the npm packages on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "ot/type.h"
#include "tools/tutti/bench.h"

enum { PASSES_MAX = 20, ENOUGH_MS = 500 };

/* A workload is a file of ours, not a peer's message. */
static const struct json_limits workload_limits = {.depth = 128, .nodes = (size_t)1 << 26};

struct operations {
    struct operation **items;
    size_t count;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* ---- Reading ---- */

static struct operation *decode(const struct type *type, struct span json)
{
    struct operation *operation;
    struct fault fault = {0};

    if (type->decode(json, &operation, &fault) == STATUS_OK)
        return operation;
    fprintf(stderr, "not an operation of %s: %s\n", type->name, fault.text);
    exit(EXIT_FAILURE);
}

/* The operations of an array; with `pairs`, of an array of pairs, two for each. */
static struct operations decode_all(const struct type *type, struct span list, bool pairs)
{
    struct operations all = {0};
    struct json_walk walk, pair;
    struct span value, operation;

    if (!span_present(list))
        return all;
    all.items = memory_zeroed(json_count(list) * 2 + 1, sizeof(*all.items));
    json_walk_init(&walk, list);
    while (json_walk_element(&walk, &value)) {
        if (!pairs) {
            all.items[all.count++] = decode(type, value);
            continue;
        }
        json_walk_init(&pair, value);
        while (json_walk_element(&pair, &operation))
            all.items[all.count++] = decode(type, operation);
    }
    return all;
}

static void operations_finish(struct operations *all)
{
    for (size_t i = 0; i < all->count; i++)
        operation_discard(all->items[i]);
    memory_free(all->items);
}

/* ---- Measuring: the time of one pass ---- */

static uint64_t pass_apply(const struct content *start, const struct operations *all)
{
    struct content *content = start->type->copy(start);
    uint64_t begin = now_ns();

    for (size_t i = 0; i < all->count; i++)
        must(start->type->apply(content, all->items[i], NULL) == STATUS_OK);
    uint64_t taken = now_ns() - begin;
    content_destroy(content);
    return taken;
}

static uint64_t pass_transform(const struct content *start, const struct operations *pairs)
{
    uint64_t begin = now_ns();

    for (size_t i = 0; i + 1 < pairs->count; i += 2) {
        struct operation *result;

        must(start->type->transform(pairs->items[i], pairs->items[i + 1], SIDE_FIRST, &result) ==
             STATUS_OK);
        start->type->discard(result);
    }
    return now_ns() - begin;
}

static uint64_t pass_compose(const struct content *start, const struct operations *pairs)
{
    uint64_t begin = now_ns();

    for (size_t i = 0; i + 1 < pairs->count; i += 2) {
        struct operation *result;

        must(start->type->compose(pairs->items[i], pairs->items[i + 1], &result) == STATUS_OK);
        start->type->discard(result);
    }
    return now_ns() - begin;
}

/* Nanoseconds for one of `units`, in the best of several passes. */
static double best(uint64_t (*pass)(const struct content *start, const struct operations *list),
                   const struct content *start, const struct operations *list, size_t units)
{
    uint64_t least = UINT64_MAX, total = 0;

    for (int i = 0; i < PASSES_MAX && total < ENOUGH_MS * UINT64_C(1000000); i++) {
        uint64_t taken = pass(start, list);

        total += taken;
        if (taken < least)
            least = taken;
    }
    return (double)least / (double)units;
}

static void print_result(const char *what, double nanoseconds)
{
    printf(",\"%s_ns\":%.1f", what, nanoseconds);
}

static void run(const struct type *type, struct span workload, const struct content *start)
{
    struct operations applied = decode_all(type, json_member(workload, "operations"), false);
    struct operations moved = decode_all(type, json_member(workload, "transform"), true);
    struct operations composed = decode_all(type, json_member(workload, "compose"), true);
    struct span name = json_member(workload, "name");

    printf("{\"name\":%.*s", SPAN_PRINT(name));
    if (applied.count > 0)
        print_result("apply", best(pass_apply, start, &applied, applied.count));
    if (moved.count > 0)
        print_result("transform", best(pass_transform, start, &moved, moved.count / 2));
    if (composed.count > 0)
        print_result("compose", best(pass_compose, start, &composed, composed.count / 2));
    printf("}\n");
    fflush(stdout);
    operations_finish(&applied);
    operations_finish(&moved);
    operations_finish(&composed);
}

static bool run_line(struct span line)
{
    struct fault fault = {0};
    struct buffer name = {0};
    struct content *start = NULL;

    if (json_scan(line, &workload_limits, &fault) != STATUS_OK ||
        json_kind(line) != JSON_KIND_OBJECT) {
        fprintf(stderr, "not a workload: %s\n", fault.text);
        return false;
    }
    json_string_append(json_member(line, "type"), &name);
    const struct type *type = type_find(buffer_span(&name));
    buffer_finish(&name);
    if (type == NULL || type->create(json_member(line, "document"), &start, &fault) != STATUS_OK) {
        fprintf(stderr, "not a workload: %s\n", type == NULL ? "no such type" : fault.text);
        return false;
    }
    run(type, line, start);
    content_destroy(start);
    return true;
}

int bench_types(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    bool good = true;

    while (good && (size = getline(&line, &capacity, stdin)) > 0) {
        if (line[size - 1] == '\n')
            size--;
        good = run_line(span_of(line, (size_t)size));
    }
    memory_free(line);
    return good && !ferror(stdin) ? EXIT_SUCCESS : EXIT_FAILURE;
}
