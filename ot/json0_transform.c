/* One component over one other. The cases are those of ot-json0 1.1.0's transformComponent, one
 * function for each kind of the other component. */
#include "base/limits.h"
#include "ot/json0.h"

/* A pair of components in which `key` is where the other one works, within both paths. */
struct pair {
    struct json0_component *component; /* ours: changed in place */
    const struct json0_component *other;
    size_t at;         /* number of the key; SIZE_MAX: the whole document */
    bool same_operand; /* both work on the same list, object or string */
    enum side side;
};

enum verdict { KEEP, VANISH };

/* Keys of the path, and one more for what works within a value instead of on its place. */
static size_t reach(const struct json0_component *component)
{
    bool within = component->kind == JSON0_ADD || component->embedded != NULL;

    return component->path->count + (within ? 1 : 0);
}

/* Does `a` work on something that `b` works on or below? Then `at` is the number of a's last key,
 * SIZE_MAX when that is the whole document. */
static bool reaches(const struct json0_component *a, const struct json0_component *b, size_t *at)
{
    size_t ours = reach(a), theirs = reach(b);

    if (ours == 0) {
        *at = SIZE_MAX;
        return true;
    }
    if (theirs == 0)
        return false;
    for (size_t i = 0; i + 1 < ours; i++)
        if (i + 1 >= theirs || !json0_key_equal(&a->path->keys[i], &b->path->keys[i]))
            return false;
    *at = ours - 1;
    return true;
}

/* NULL where the path has no such key. */
static const struct json0_key *key_at(const struct json0_component *component, size_t at)
{
    return at < component->path->count ? &component->path->keys[at] : NULL;
}

static bool same_key(const struct json0_component *a, const struct json0_component *b, size_t at)
{
    const struct json0_key *ours = key_at(a, at), *theirs = key_at(b, at);

    if (ours == NULL || theirs == NULL)
        return ours == theirs;
    return json0_key_equal(ours, theirs);
}

/* The indexes of both at the common place; false when one of them has none there, which
 * cannot be when both were made on one document. */
static bool indexes(const struct pair *pair, uint64_t *ours, uint64_t *theirs)
{
    const struct json0_key *own = key_at(pair->component, pair->at);
    const struct json0_key *other = key_at(pair->other, pair->at);

    if (own == NULL || other == NULL || own->name != NULL || other->name != NULL)
        return false;
    *ours = own->index;
    *theirs = other->index;
    return true;
}

static void set_index(struct pair *pair, uint64_t index)
{
    json0_own_key(pair->component, pair->at)->index = index;
}

/* ---- The payload of a deletion follows what others change in it ---- */

static enum status update_payload(struct json0_component *component,
                                  const struct json0_component *other)
{
    json_t *payload;
    size_t at;

    if (component->kind != JSON0_LIST && component->kind != JSON0_OBJECT)
        return STATUS_OK;
    if (component->remove == NULL || !reaches(component, other, &at) ||
        reach(other) <= reach(component) || !same_key(component, other, at))
        return STATUS_OK;
    payload = value_copy(component->remove);
    enum status status = json0_apply_to_value(&payload, other, component->path->count, NULL);
    if (status == STATUS_OK) {
        json_decref(component->remove);
        component->remove = payload;
    } else {
        json_decref(payload);
    }
    return status;
}

/* ---- Over lists ---- */

static enum verdict over_list_replace(struct pair *pair)
{
    struct json0_component *ours = pair->component;

    if (!same_key(ours, pair->other, pair->at))
        return KEEP;
    if (!pair->same_operand)
        return VANISH; /* below what was replaced */
    if (ours->kind != JSON0_LIST || ours->remove == NULL)
        return KEEP;
    if (ours->insert == NULL || pair->side == SIDE_SECOND)
        return VANISH;
    json_decref(ours->remove);
    ours->remove = json_incref(pair->other->insert); /* both replaced it: the first one's stays */
    return KEEP;
}

static enum verdict over_list_insert(struct pair *pair)
{
    struct json0_component *ours = pair->component;
    bool plain_insert = ours->kind == JSON0_LIST && ours->remove == NULL;
    uint64_t at, other_at;

    if (!indexes(pair, &at, &other_at))
        return KEEP;
    bool tie = plain_insert && pair->same_operand && at == other_at;
    if (tie ? pair->side == SIDE_SECOND : other_at <= at)
        set_index(pair, at + 1);
    if (ours->kind == JSON0_MOVE && pair->same_operand && other_at <= ours->to)
        ours->to++;
    return KEEP;
}

static enum verdict over_list_delete(struct pair *pair)
{
    struct json0_component *ours = pair->component;
    uint64_t at, other_at;

    if (!indexes(pair, &at, &other_at))
        return KEEP;
    if (ours->kind == JSON0_MOVE && pair->same_operand) {
        if (at == other_at)
            return VANISH;
        if (other_at < ours->to || (other_at == ours->to && at < ours->to))
            ours->to--;
    }
    if (other_at < at) {
        set_index(pair, at - 1);
    } else if (other_at == at) {
        if (reach(pair->other) < reach(ours))
            return VANISH; /* below what was deleted */
        if (ours->kind == JSON0_LIST && ours->remove != NULL) {
            if (ours->insert == NULL)
                return VANISH;
            json0_drop(&ours->remove); /* our replacement becomes an insertion */
        }
    }
    return KEEP;
}

/* ---- Over moves ---- */

/* Two moves in one list: first where our element is now, then where it shall go. */
static enum verdict move_over_move(struct pair *pair, uint64_t from, uint64_t other_from)
{
    struct json0_component *ours = pair->component;
    uint64_t to = ours->to, other_to = pair->other->to;
    uint64_t now = from, target = to;

    if (other_from == other_to)
        return KEEP;
    if (from == other_from) {
        if (pair->side == SIDE_SECOND)
            return VANISH;
        set_index(pair, other_to);
        if (from == to)
            ours->to = other_to;
        return KEEP;
    }
    if (from > other_from)
        now--;
    if (from > other_to) {
        now++;
    } else if (from == other_to && other_from > other_to) {
        now++;
        if (from == to)
            target++;
    }
    if (to > other_from || (to == other_from && to > from))
        target--;
    if (to > other_to) {
        target++;
    } else if (to == other_to) {
        bool same_direction =
            (other_to > other_from && to > from) || (other_to < other_from && to < from);

        if (same_direction ? pair->side == SIDE_SECOND : to > from)
            target++;
    }
    set_index(pair, now);
    ours->to = target;
    return KEEP;
}

static enum verdict over_move(struct pair *pair)
{
    struct json0_component *ours = pair->component;
    uint64_t at, from, to = pair->other->to;

    if (!indexes(pair, &at, &from))
        return KEEP;
    if (ours->kind == JSON0_MOVE && pair->same_operand)
        return move_over_move(pair, at, from);

    bool gap = ours->kind == JSON0_LIST && ours->insert != NULL && ours->remove == NULL &&
               pair->same_operand;
    uint64_t now = at;
    if (!gap && at == from) {
        now = to; /* the element itself was moved */
    } else {
        if (at > from)
            now--;
        if (at > to || (!gap && at == to && from > to))
            now++;
    }
    if (now != at)
        set_index(pair, now);
    return KEEP;
}

/* ---- Over objects ---- */

static bool sets_member(const struct json0_component *component)
{
    return component->kind == JSON0_OBJECT && component->insert != NULL;
}

static enum verdict over_object_replace(struct pair *pair)
{
    struct json0_component *ours = pair->component;

    if (!same_key(ours, pair->other, pair->at))
        return KEEP;
    if (!sets_member(ours) || !pair->same_operand || pair->side == SIDE_SECOND)
        return VANISH;
    json_decref(ours->remove);
    ours->remove = json_incref(pair->other->insert); /* ours replaces what they put there */
    return KEEP;
}

/* Both set a member that was absent: the first one's stays, by deleting the other's before it. */
static enum status over_object_insert(struct components *list, struct pair *pair,
                                      enum verdict *verdict)
{
    struct json0_component *ours = pair->component;

    *verdict = KEEP;
    if (!sets_member(ours) || !same_key(ours, pair->other, pair->at))
        return STATUS_OK;
    if (pair->side == SIDE_SECOND) {
        *verdict = VANISH;
        return STATUS_OK;
    }
    struct json0_component removal = {
        .kind = JSON0_OBJECT, .path = ours->path, .remove = pair->other->insert};
    return json0_append(list, &removal);
}

static enum verdict over_object_remove(struct pair *pair)
{
    struct json0_component *ours = pair->component;

    if (!same_key(ours, pair->other, pair->at))
        return KEEP;
    if (!pair->same_operand || !sets_member(ours))
        return VANISH;
    json0_drop(&ours->remove);
    return KEEP;
}

/* ---- Over edits of strings and of embedded types ---- */

/* Append our component with each part that the transform left. */
static enum status append_string_parts(struct components *list, const struct json0_component *ours,
                                       const struct components *parts)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < parts->count && status == STATUS_OK; i++) {
        const struct text0_part *part = components_at(&text0_pairwise, parts, i);
        struct json0_component piece = *ours;

        piece.insert = part->insert ? part->text : NULL;
        piece.remove = part->insert ? NULL : part->text;
        json0_path_share(piece.path);
        json0_own_key(&piece, piece.path->count - 1)->index = part->at_utf16;
        status = json0_append(list, &piece);
        json0_path_release(piece.path);
    }
    return status;
}

static struct text0_part string_part(const struct json0_component *component)
{
    return text0_part_make(component->insert != NULL, json0_last_key(component)->index,
                           component->insert != NULL ? component->insert : component->remove);
}

static enum status over_string(struct components *list, const struct pair *pair)
{
    struct text0_part part = string_part(pair->component), other = string_part(pair->other);
    struct components parts = {0};
    enum status status = text0_pairwise.transform(&parts, &part, &other, pair->side);

    if (status == STATUS_OK)
        status = append_string_parts(list, pair->component, &parts);
    components_finish(&text0_pairwise, &parts);
    text0_pairwise.finish(&part);
    text0_pairwise.finish(&other);
    return status;
}

static enum status over_text0(struct components *list, struct pair *pair)
{
    struct json0_component *ours = pair->component;
    struct components parts = {0};
    enum status status = pairwise_transform(&text0_pairwise, &ours->embedded->parts,
                                            &pair->other->embedded->parts, pair->side, &parts);

    if (status != STATUS_OK || parts.count == 0) {
        components_finish(&text0_pairwise, &parts);
        return status;
    }
    json0_embedded_release(ours->embedded);
    ours->embedded = json0_embedded_take(NULL, parts);
    return json0_append(list, ours);
}

static enum status over_embedded(struct components *list, struct pair *pair)
{
    struct json0_component *ours = pair->component;
    const struct operation *operation = ours->embedded->operation;
    const struct type *type = operation->type;
    enum side side = pair->side == SIDE_FIRST ? type->left : side_other(type->left);
    struct operation *moved;
    enum status status = type->transform(operation, pair->other->embedded->operation, side, &moved);

    if (status != STATUS_OK)
        return status;
    if (json0_subtype_of(moved)->drops_empty && type->is_empty(moved)) {
        type->discard(moved);
        return STATUS_OK;
    }
    json0_embedded_release(ours->embedded);
    ours->embedded = json0_embedded_take(moved, (struct components){0});
    return json0_append(list, ours);
}

/* ---- The pair ---- */

static enum status move_over(struct components *list, struct pair *pair)
{
    const struct json0_component *ours = pair->component, *other = pair->other;
    enum verdict verdict = KEEP;
    enum status status = STATUS_OK;

    switch (other->kind) {
    case JSON0_ADD:
        break;
    case JSON0_STRING:
        if (ours->kind == JSON0_STRING)
            return over_string(list, pair);
        break;
    case JSON0_TEXT0:
        if (ours->kind == JSON0_TEXT0)
            return over_text0(list, pair);
        break;
    case JSON0_EMBEDDED:
        if (ours->kind == JSON0_EMBEDDED &&
            ours->embedded->operation->type == other->embedded->operation->type)
            return over_embedded(list, pair);
        break;
    case JSON0_LIST:
        if (other->insert != NULL && other->remove != NULL)
            verdict = over_list_replace(pair);
        else
            verdict = other->insert != NULL ? over_list_insert(pair) : over_list_delete(pair);
        break;
    case JSON0_MOVE:
        verdict = over_move(pair);
        break;
    case JSON0_OBJECT:
        if (other->insert != NULL && other->remove != NULL)
            verdict = over_object_replace(pair);
        else if (other->insert != NULL)
            status = over_object_insert(list, pair, &verdict);
        else
            verdict = over_object_remove(pair);
        break;
    }
    if (status != STATUS_OK || verdict == VANISH)
        return status;
    return json0_append(list, ours);
}

enum status json0_transform_component(struct components *list, const void *item,
                                      const void *other_item, enum side side)
{
    const struct json0_component *other = other_item;
    struct json0_component ours = *(const struct json0_component *)item;
    struct pair pair = {.component = &ours, .other = other, .side = side};
    enum status status;

    json0_pairwise.share(&ours, item);
    pair.same_operand = reach(&ours) == reach(other);
    status = update_payload(&ours, other);
    if (status == STATUS_OK) {
        if (reaches(other, &ours, &pair.at))
            status = move_over(list, &pair);
        else
            status = json0_append(list, &ours);
    }
    json0_pairwise.finish(&ours);
    return status;
}

enum status json0_transform(const struct operation *operation, const struct operation *other,
                            enum side side, struct operation **result)
{
    struct json0_operation *moved = json0_operation_create();
    enum status status =
        pairwise_transform(&json0_pairwise, &json0_operation_of(operation)->components,
                           &json0_operation_of(other)->components, side, &moved->components);

    if (status == STATUS_OK && moved->components.count > LIMIT_JSON0_COMPONENTS)
        status = STATUS_TOO_LARGE;
    if (status == STATUS_OK)
        *result = &moved->operation;
    else
        type_json0.discard(&moved->operation);
    return status;
}
