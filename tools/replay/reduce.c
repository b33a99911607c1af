#include "tools/replay/reduce.h"

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "tools/replay/trial.h"

static bool shows(struct reduce *reduce, const struct schedule *schedule)
{
    reduce->tried++;
    return reduce->shows(reduce, schedule);
}

/* Takes the candidate: it becomes the schedule if it shows it, else it goes. */
static bool keep_take(struct reduce *reduce, struct schedule *schedule, struct schedule candidate)
{
    if (!shows(reduce, &candidate)) {
        schedule_finish(&candidate);
        return false;
    }
    schedule_finish(schedule);
    *schedule = candidate;
    return true;
}

/* ---- The shortest beginning ---- */

static void cut_end(struct schedule *schedule, size_t count)
{
    for (size_t i = count; i < schedule->count; i++)
        operation_discard(schedule->arrivals[i].operation);
    schedule->count = count;
}

/* What is shown by a beginning is shown by every longer one, or nearly always. */
static void reduce_end(struct reduce *reduce, struct schedule *schedule)
{
    size_t low = 0; /* does not show it */

    while (low + 1 < schedule->count) {
        size_t middle = low + (schedule->count - low) / 2;
        struct schedule candidate = schedule_copy(schedule);

        cut_end(&candidate, middle);
        if (!keep_take(reduce, schedule, candidate))
            low = middle;
    }
}

/* ---- The latest start ---- */

/* Begin with what the first `count` arrivals made; who had not seen all of that is taken out. */
static struct schedule started_at(const struct schedule *schedule, size_t count)
{
    struct schedule candidate = schedule_copy(schedule);
    struct schedule before = schedule_copy(schedule);
    struct trial trial;

    cut_end(&before, count);
    trial_sequence(&trial, &before);
    content_destroy(candidate.start);
    candidate.start = schedule->type->copy(trial.content);
    trial_finish(&trial);
    schedule_finish(&before);
    for (size_t i = 0; i < count; i++)
        operation_discard(candidate.arrivals[i].operation);
    candidate.start_seq += count;
    candidate.count -= count;
    memmove(candidate.arrivals, candidate.arrivals + count,
            candidate.count * sizeof(*candidate.arrivals));
    for (size_t i = 0; i < candidate.count; i++)
        if (candidate.arrivals[i].base < candidate.start_seq) {
            operation_discard(candidate.arrivals[i].operation);
            candidate.arrivals[i].operation = NULL;
            candidate.arrivals[i].base = candidate.start_seq;
        }
    return candidate;
}

/* In steps that become smaller: a start that does not show it says little about an earlier one. */
static void reduce_start(struct reduce *reduce, struct schedule *schedule)
{
    for (size_t step = schedule->count / 2; step > 0; step /= 2)
        while (step < schedule->count && keep_take(reduce, schedule, started_at(schedule, step))) {
        }
}

/* ---- Over a change of what was there ---- */

/* The change behind `at`, made of the one before it; NULL when it cannot pass the arrival. */
static struct operation *carry(const struct trial *trial, const struct type *type, uint64_t at,
                               const struct operation *before)
{
    const struct operation *passed = history_operation(&trial->history, at, type);
    struct operation *moved = NULL;

    if (before == NULL || passed == NULL)
        return schedule_copy_operation(before);
    return type->transform(before, passed, SIDE_FIRST, &moved) == STATUS_OK ? moved : NULL;
}

static void bring_arrival(struct arrival *arrival, const struct operation *change)
{
    struct operation *moved = NULL;

    if (arrival->operation == NULL || change == NULL)
        return;
    if (change->type->transform(arrival->operation, change, SIDE_SECOND, &moved) != STATUS_OK)
        return; /* it then means another place; whether that shows it will be seen */
    operation_discard(arrival->operation);
    arrival->operation = moved;
}

/* `change` is made behind `seq`, where it was not when the schedule came about: each arrival that
 * has seen that place is brought over it. `trial` has what the arrivals were sequenced as. Takes
 * the change. */
static void bring_over_take(struct schedule *schedule, const struct trial *trial, uint64_t seq,
                            struct operation *change)
{
    size_t first = (size_t)(seq - schedule->start_seq); /* the arrival behind it */
    size_t count = schedule->count - first;
    struct operation **changes = memory_zeroed(count + 1, sizeof(struct operation *));

    changes[0] = change;
    for (size_t i = 0; i < count; i++)
        changes[i + 1] = carry(trial, schedule->type, seq + i + 1, changes[i]);
    for (size_t i = 0; i < count; i++) {
        struct arrival *arrival = &schedule->arrivals[first + i];

        if (arrival->base >= seq)
            bring_arrival(arrival, changes[arrival->base - seq]);
    }
    for (size_t i = 0; i <= count; i++)
        operation_discard(changes[i]);
    memory_free(changes);
}

/* What takes the arrival back, right behind it. */
static struct operation *inverse_of(const struct schedule *schedule, const struct trial *trial,
                                    size_t index)
{
    const struct type *type = schedule->type;
    struct content *before = type->copy(schedule->start);
    struct operation *inverse = NULL;
    const struct operation *operation = NULL;

    for (size_t i = 0; i <= index; i++) {
        operation = history_operation(&trial->history, schedule->start_seq + i + 1, type);
        if (operation != NULL && i < index)
            must(type->apply(before, operation, NULL) == STATUS_OK);
    }
    if (operation != NULL && type->invert(operation, before, &inverse) != STATUS_OK)
        inverse = NULL;
    content_destroy(before);
    return inverse;
}

void reduce_take_out(struct schedule *schedule, size_t index)
{
    struct arrival *arrival = &schedule->arrivals[index];
    struct trial trial;

    if (arrival->operation == NULL)
        return;
    trial_sequence(&trial, schedule);
    bring_over_take(schedule, &trial, schedule->start_seq + index + 1,
                    inverse_of(schedule, &trial, index));
    trial_finish(&trial);
    operation_discard(arrival->operation);
    arrival->operation = NULL;
}

/* ---- The fewest arrivals ---- */

/* A candidate without `size` of them from `first` on; false when none of them is there. */
static bool without(const struct schedule *schedule, size_t first, size_t size,
                    struct schedule *candidate)
{
    size_t end = first + size < schedule->count ? first + size : schedule->count;
    bool any = false;

    for (size_t i = first; i < end; i++)
        any = any || schedule->arrivals[i].operation != NULL;
    if (!any)
        return false;
    *candidate = schedule_copy(schedule);
    for (size_t i = end; i > first; i--) /* from the last on: the others are still what they were */
        reduce_take_out(candidate, i - 1);
    return true;
}

static void reduce_arrivals(struct reduce *reduce, struct schedule *schedule)
{
    for (size_t size = (schedule->count + 1) / 2; size > 0; size /= 2)
        for (size_t first = 0; first < schedule->count; first += size) {
            struct schedule candidate;

            if (without(schedule, first, size, &candidate))
                keep_take(reduce, schedule, candidate);
        }
}

/* Nothing is left of what was taken out; seqs count from 1. */
static void renumber(struct schedule *schedule)
{
    uint64_t *seqs = memory_zeroed(schedule->count + 1, sizeof(*seqs)); /* new ones, by old */
    size_t left = 0;

    for (size_t i = 0; i < schedule->count; i++) {
        struct arrival arrival = schedule->arrivals[i];

        arrival.base = seqs[arrival.base - schedule->start_seq];
        if (arrival.operation != NULL)
            schedule->arrivals[left++] = arrival;
        seqs[i + 1] = left;
    }
    schedule->start_seq = 0;
    schedule->count = left;
    memory_free(seqs);
}

/* ---- The least text ---- */

/* A candidate that starts with this content. */
static bool starting_with(const struct schedule *schedule, struct span json,
                          struct schedule *candidate)
{
    const struct type *type = schedule->type;
    struct content *start = NULL;
    struct operation *difference = NULL;
    struct trial trial;

    if (type->create(json, &start, NULL) != STATUS_OK)
        return false;
    if (type->difference(schedule->start, start, &difference) != STATUS_OK) {
        content_destroy(start);
        return false;
    }
    *candidate = schedule_copy(schedule);
    trial_sequence(&trial, candidate);
    bring_over_take(candidate, &trial, candidate->start_seq, difference);
    trial_finish(&trial);
    content_destroy(candidate->start);
    candidate->start = start;
    return true;
}

/* The text of a document whose JSON is a string; false when it is another one. */
static bool text_of(const struct schedule *schedule, struct buffer *text)
{
    struct buffer json = {0};

    schedule->type->encode(schedule->start, &json);
    bool is_text = json_kind(buffer_span(&json)) == JSON_KIND_STRING;

    if (is_text)
        json_string_append(buffer_span(&json), text);
    buffer_finish(&json);
    return is_text;
}

static bool begins_point(const struct buffer *text, size_t at)
{
    return at >= text->size || (text->data[at] & 0xC0) != 0x80;
}

/* Try without the bytes from `first` to `end`, which are whole code points. */
static bool cut_text(struct reduce *reduce, struct schedule *schedule, size_t first, size_t end)
{
    struct buffer text = {0};
    struct buffer json = {0};
    struct schedule candidate;
    bool kept = false;

    if (text_of(schedule, &text) && end <= text.size && begins_point(&text, first) &&
        begins_point(&text, end)) {
        buffer_append_byte(&json, '"');
        json_write_string_piece(&json, span_of(text.data, first));
        json_write_string_piece(&json, span_of(text.data + end, text.size - end));
        buffer_append_byte(&json, '"');
        kept = starting_with(schedule, buffer_span(&json), &candidate) &&
               keep_take(reduce, schedule, candidate);
    }
    buffer_finish(&text);
    buffer_finish(&json);
    return kept;
}

static size_t text_size(const struct schedule *schedule)
{
    struct buffer text = {0};
    size_t size = text_of(schedule, &text) ? text.size : 0;

    buffer_finish(&text);
    return size;
}

static void reduce_text(struct reduce *reduce, struct schedule *schedule)
{
    for (size_t size = text_size(schedule); size > 0; size /= 2)
        for (size_t first = 0; first + size <= text_size(schedule);)
            first += cut_text(reduce, schedule, first, first + size) ? 0 : size;
}

bool reduce_run(struct reduce *reduce, struct schedule *schedule)
{
    if (!shows(reduce, schedule))
        return false;
    reduce_end(reduce, schedule);
    reduce_start(reduce, schedule);
    reduce_arrivals(reduce, schedule);
    renumber(schedule);
    reduce_text(reduce, schedule);
    return true;
}
