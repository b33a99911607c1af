#include "ot/json0_journal.h"

#include "base/memory.h"

enum change_kind { CHANGE_SET, CHANGE_INSERT, CHANGE_REMOVE, CHANGE_MOVE };

/* Holds references to what it needs to go back. */
struct json0_change {
    enum change_kind kind;
    struct json0_place place;
    json_t *old; /* of SET and REMOVE; NULL: there was no such member */
    size_t to;   /* of MOVE */
};

/* ---- Raw changes ---- */

static void place_set_take(struct json0_journal *journal, const struct json0_place *place,
                           json_t *value)
{
    struct span name;

    if (place->container == NULL) {
        json_decref(*journal->root);
        *journal->root = value;
    } else if (place->name == NULL) {
        must(json_array_set_new(place->container, place->index, value) == 0);
    } else {
        name = value_string(place->name);
        if (value != NULL)
            value_object_set_take(place->container, name, value);
        else
            json_object_deln(place->container, (const char *)name.data, name.size);
    }
}

static void array_move(json_t *array, size_t from, size_t to)
{
    json_t *value = json_incref(json_array_get(array, from));

    must(json_array_remove(array, from) == 0);
    must(json_array_insert_new(array, to, value) == 0);
}

json_t *json0_place_value(const struct json0_journal *journal, const struct json0_place *place)
{
    if (place->container == NULL)
        return *journal->root;
    return place->name == NULL ? json_array_get(place->container, place->index)
                               : value_object_get(place->container, value_string(place->name));
}

/* ---- Recording ---- */

static void record(struct json0_journal *journal, enum change_kind kind,
                   const struct json0_place *place, json_t *old, size_t to)
{
    if (!journal->keeps)
        return;
    if (journal->count == journal->capacity) {
        journal->capacity = journal->capacity == 0 ? 4 : journal->capacity * 2;
        journal->changes =
            memory_resize(journal->changes, journal->capacity * sizeof(struct json0_change));
    }
    journal->changes[journal->count++] =
        (struct json0_change){.kind = kind, .place = *place, .old = json_incref(old), .to = to};
    json_incref(place->container);
    json_incref(place->name);
}

static void count_in(struct json0_journal *journal, const struct json0_place *place,
                     const json_t *value)
{
    if (value == NULL || !journal->keeps)
        return;
    struct value_size size = value_measure(value);

    journal->size.bytes += size.bytes + 1;
    journal->size.nodes += size.nodes;
    if (place->name != NULL)
        journal->size.bytes += json_string_length(place->name) + 3;
}

static void count_out(struct json0_journal *journal, const struct json0_place *place,
                      const json_t *value)
{
    if (value == NULL || !journal->keeps)
        return;
    struct value_size size = value_measure(value);

    size.bytes += 1;
    if (place->name != NULL)
        size.bytes += json_string_length(place->name) + 3;
    /* Estimates may be a byte off for the first member; never wrap. */
    journal->size.bytes -= size.bytes < journal->size.bytes ? size.bytes : journal->size.bytes;
    journal->size.nodes -= size.nodes < journal->size.nodes ? size.nodes : journal->size.nodes;
}

void json0_journal_set_take(struct json0_journal *journal, const struct json0_place *place,
                            json_t *value)
{
    json_t *old = json0_place_value(journal, place);

    count_out(journal, place, old);
    count_in(journal, place, value);
    record(journal, CHANGE_SET, place, old, 0);
    place_set_take(journal, place, value);
}

void json0_journal_insert_take(struct json0_journal *journal, const struct json0_place *place,
                               json_t *value)
{
    count_in(journal, place, value);
    record(journal, CHANGE_INSERT, place, NULL, 0);
    must(json_array_insert_new(place->container, place->index, value) == 0);
}

void json0_journal_remove(struct json0_journal *journal, const struct json0_place *place)
{
    json_t *old = json0_place_value(journal, place);

    count_out(journal, place, old);
    record(journal, CHANGE_REMOVE, place, old, 0);
    must(json_array_remove(place->container, place->index) == 0);
}

void json0_journal_move(struct json0_journal *journal, const struct json0_place *place, size_t to)
{
    record(journal, CHANGE_MOVE, place, NULL, to);
    array_move(place->container, place->index, to);
}

/* ---- Going back ---- */

static void change_undo(struct json0_journal *journal, const struct json0_change *change)
{
    const struct json0_place *place = &change->place;

    switch (change->kind) {
    case CHANGE_SET:
        place_set_take(journal, place, json_incref(change->old));
        break;
    case CHANGE_INSERT:
        must(json_array_remove(place->container, place->index) == 0);
        break;
    case CHANGE_REMOVE:
        must(json_array_insert(place->container, place->index, change->old) == 0);
        break;
    case CHANGE_MOVE:
        array_move(place->container, change->to, place->index);
        break;
    }
}

void json0_journal_undo(struct json0_journal *journal)
{
    for (size_t i = journal->count; i-- > 0;)
        change_undo(journal, &journal->changes[i]);
}

void json0_journal_finish(struct json0_journal *journal)
{
    for (size_t i = 0; i < journal->count; i++) {
        json_decref(journal->changes[i].place.container);
        json_decref(journal->changes[i].place.name);
        json_decref(journal->changes[i].old);
    }
    memory_free(journal->changes);
    *journal = (struct json0_journal){0};
}
