#include "ot/text0.h"

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/utf8.h"

/* ---- Parts ---- */

struct text0_part text0_part_make(bool insert, uint64_t at_utf16, json_t *text)
{
    return (struct text0_part){.insert = insert,
                               .at_utf16 = at_utf16,
                               .utf16 = utf8_utf16(value_string(text)),
                               .text = json_incref(text)};
}

static void part_share(void *to, const void *from)
{
    struct text0_part *part = to;

    (void)from;
    json_incref(part->text);
}

static void part_finish(void *component)
{
    json_decref(((struct text0_part *)component)->text);
}

/* Append `part` as it stands, with its reference. */
static enum status append_take(struct components *list, struct text0_part part)
{
    enum status status = text0_pairwise.append(list, &part);

    json_decref(part.text);
    return status;
}

/* The units `from` to `to` of the part's text, as a part at `at_utf16`. */
static enum status slice(const struct text0_part *part, uint64_t from, uint64_t to,
                         uint64_t at_utf16, struct text0_part *result)
{
    struct span text = value_string(part->text);
    size_t begin, end;

    if (!utf8_offset_of_utf16(text, (size_t)from, &begin) ||
        !utf8_offset_of_utf16(text, (size_t)to, &end))
        return STATUS_NOT_APPLICABLE;
    *result = (struct text0_part){.insert = part->insert,
                                  .at_utf16 = at_utf16,
                                  .utf16 = to - from,
                                  .text = value_of_string(span_of(text.data + begin, end - begin))};
    return STATUS_OK;
}

/* ---- Composing ---- */

/* `inner` put into `outer` at unit `at` of it, as a new value. */
static enum status inject(const json_t *outer, uint64_t at, const json_t *inner, json_t **result)
{
    struct span text = value_string(outer), middle = value_string(inner);
    struct buffer joined = {0};
    size_t offset;

    if (!utf8_offset_of_utf16(text, (size_t)at, &offset))
        return STATUS_NOT_APPLICABLE;
    buffer_append(&joined, span_of(text.data, offset));
    buffer_append(&joined, middle);
    buffer_append(&joined, span_of(text.data + offset, text.size - offset));
    *result = value_of_string(buffer_span(&joined));
    buffer_finish(&joined);
    return STATUS_OK;
}

enum status text0_merge(struct text0_part *last, const struct text0_part *part, bool *merged)
{
    enum status status = STATUS_OK;
    json_t *text = NULL;
    uint64_t last_end = last->at_utf16 + last->utf16, part_end = part->at_utf16 + part->utf16;

    if (last->insert && part->insert && last->at_utf16 <= part->at_utf16 &&
        part->at_utf16 <= last_end)
        status = inject(last->text, part->at_utf16 - last->at_utf16, part->text, &text);
    else if (!last->insert && !part->insert && part->at_utf16 <= last->at_utf16 &&
             last->at_utf16 <= part_end)
        status = inject(part->text, last->at_utf16 - part->at_utf16, last->text, &text);
    if (status != STATUS_OK)
        return status;
    *merged = text != NULL;
    if (*merged) {
        json_decref(last->text);
        if (part->at_utf16 < last->at_utf16)
            last->at_utf16 = part->at_utf16;
        last->utf16 += part->utf16;
        last->text = text;
    }
    return STATUS_OK;
}

static enum status part_append(struct components *list, const void *component)
{
    const struct text0_part *part = component;
    struct text0_part *last = components_last(&text0_pairwise, list);
    bool merged = false;

    if (part->utf16 == 0)
        return STATUS_OK;
    if (last != NULL) {
        enum status status = text0_merge(last, part, &merged);

        if (status != STATUS_OK)
            return status;
    }
    if (!merged)
        components_push(&text0_pairwise, list, part);
    return STATUS_OK;
}

/* ---- Transform ---- */

/* Where the offset `at` is after `other`; `behind` an insertion right there. */
static uint64_t move_offset(uint64_t at, const struct text0_part *other, bool behind)
{
    if (other->insert) {
        bool moves = other->at_utf16 < at || (other->at_utf16 == at && behind);
        return moves ? at + other->utf16 : at;
    }
    if (at <= other->at_utf16)
        return at;
    return at <= other->at_utf16 + other->utf16 ? other->at_utf16 : at - other->utf16;
}

static enum status move_part(struct components *list, const struct text0_part *part, uint64_t at)
{
    struct text0_part moved = *part;

    moved.at_utf16 = at;
    json_incref(moved.text);
    return append_take(list, moved);
}

/* A deletion that somebody typed into is cut in two around what was typed. */
static enum status delete_over_insert(struct components *list, const struct text0_part *part,
                                      const struct text0_part *other)
{
    struct text0_part piece;
    uint64_t before = 0; /* units that stay in front of the insertion */
    enum status status = STATUS_OK;

    if (part->at_utf16 < other->at_utf16) {
        before = other->at_utf16 - part->at_utf16;
        if (before > part->utf16)
            before = part->utf16;
        status = slice(part, 0, before, part->at_utf16, &piece);
        if (status == STATUS_OK)
            status = append_take(list, piece);
    }
    if (status != STATUS_OK || before == part->utf16)
        return status;
    status = slice(part, before, part->utf16, part->at_utf16 + other->utf16, &piece);
    return status == STATUS_OK ? append_take(list, piece) : status;
}

/* Both deletions name the same text where they overlap. */
static bool overlap_agrees(const struct text0_part *part, const struct text0_part *other,
                           uint64_t start, uint64_t end)
{
    struct text0_part ours, theirs;
    bool equal = false;

    if (slice(part, start - part->at_utf16, end - part->at_utf16, 0, &ours) != STATUS_OK)
        return false;
    if (slice(other, start - other->at_utf16, end - other->at_utf16, 0, &theirs) == STATUS_OK) {
        equal = value_equal(ours.text, theirs.text);
        json_decref(theirs.text);
    }
    json_decref(ours.text);
    return equal;
}

/* What of a deletion is left after a deletion that overlaps it: its front, its end, or both. */
static enum status delete_over_delete(struct components *list, const struct text0_part *part,
                                      const struct text0_part *other)
{
    uint64_t end = part->at_utf16 + part->utf16, other_end = other->at_utf16 + other->utf16;
    uint64_t from = part->at_utf16 > other->at_utf16 ? part->at_utf16 : other->at_utf16;
    uint64_t to = end < other_end ? end : other_end;
    struct text0_part left, right, whole;
    enum status status;

    if (part->at_utf16 >= other_end)
        return move_part(list, part, part->at_utf16 - other->utf16);
    if (end <= other->at_utf16)
        return move_part(list, part, part->at_utf16);
    if (!overlap_agrees(part, other, from, to))
        return STATUS_NOT_APPLICABLE;
    uint64_t at = move_offset(part->at_utf16, other, false);
    status = slice(part, 0, from - part->at_utf16, at, &left);
    if (status != STATUS_OK)
        return status;
    status = slice(part, to - part->at_utf16, part->utf16, at, &right);
    if (status == STATUS_OK) {
        whole = left;
        whole.utf16 += right.utf16;
        status = inject(left.text, left.utf16, right.text, &whole.text);
        json_decref(right.text);
        if (status == STATUS_OK)
            status = append_take(list, whole);
    }
    json_decref(left.text);
    return status;
}

static enum status part_transform(struct components *list, const void *component,
                                  const void *other_component, enum side side)
{
    const struct text0_part *part = component, *other = other_component;

    if (part->insert)
        return move_part(list, part, move_offset(part->at_utf16, other, side == SIDE_SECOND));
    return other->insert ? delete_over_insert(list, part, other)
                         : delete_over_delete(list, part, other);
}

const struct pairwise text0_pairwise = {.size = sizeof(struct text0_part),
                                        .share = part_share,
                                        .finish = part_finish,
                                        .append = part_append,
                                        .transform = part_transform};

/* ---- Applying ---- */

/* Bytes of `part` within `text`, whose length is `utf16`; why not, when it does not fit. */
static enum status locate(const struct text0_part *part, struct span text, uint64_t utf16,
                          size_t *begin, struct fault *fault)
{
    struct span wanted = value_string(part->text);

    if (part->at_utf16 > utf16)
        return fault_set(fault, STATUS_NOT_APPLICABLE, "offset %llu is beyond the string's end",
                         (unsigned long long)part->at_utf16);
    if (!utf8_offset_of_utf16(text, (size_t)part->at_utf16, begin))
        return fault_set(fault, STATUS_NOT_APPLICABLE, "offset %llu is within a surrogate pair",
                         (unsigned long long)part->at_utf16);
    if (!part->insert && (text.size - *begin < wanted.size ||
                          !span_equal(wanted, span_of(text.data + *begin, wanted.size))))
        return fault_set(fault, STATUS_NOT_APPLICABLE,
                         "the text to delete at offset %llu is not there",
                         (unsigned long long)part->at_utf16);
    return STATUS_OK;
}

static void splice(struct buffer *text, size_t begin, const struct text0_part *part)
{
    struct span piece = value_string(part->text);

    if (piece.size == 0)
        return;
    if (part->insert) {
        buffer_reserve(text, piece.size);
        memmove(text->data + begin + piece.size, text->data + begin, text->size - begin);
        memcpy(text->data + begin, piece.data, piece.size);
        buffer_grow(text, piece.size);
    } else {
        memmove(text->data + begin, text->data + begin + piece.size,
                text->size - begin - piece.size);
        text->size -= piece.size;
    }
}

enum status text0_apply(const json_t *string, const struct components *parts, json_t **result,
                        struct fault *fault)
{
    struct buffer text = {0};
    uint64_t utf16 = utf8_utf16(value_string(string));
    enum status status = STATUS_OK;

    buffer_append(&text, value_string(string));
    for (size_t i = 0; i < parts->count && status == STATUS_OK; i++) {
        const struct text0_part *part = components_at(&text0_pairwise, parts, i);
        size_t begin;

        status = locate(part, buffer_span(&text), utf16, &begin, fault);
        if (status == STATUS_OK) {
            splice(&text, begin, part);
            utf16 = part->insert ? utf16 + part->utf16 : utf16 - part->utf16;
        }
    }
    if (status == STATUS_OK)
        *result = value_of_string(buffer_span(&text));
    buffer_finish(&text);
    return status;
}

void text0_invert(const struct components *parts, struct components *result)
{
    for (size_t i = parts->count; i-- > 0;) {
        struct text0_part part =
            *(const struct text0_part *)components_at(&text0_pairwise, parts, i);

        part.insert = !part.insert;
        components_push(&text0_pairwise, result, &part);
    }
}

/* ---- JSON ---- */

static enum status decode_part(struct span json, struct text0_part *part, struct fault *fault)
{
    struct json_walk walk;
    struct span name, value;
    bool positioned = false;
    enum status status = STATUS_OK;

    if (json_kind(json) != JSON_KIND_OBJECT)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "an edit of a string is an object");
    json_walk_init(&walk, json);
    while (status == STATUS_OK && json_walk_member(&walk, &name, &value)) {
        bool insert = json_string_is(name, "i");

        if (json_string_is(name, "p") && !positioned)
            positioned = json_read_unsigned(value, &part->at_utf16);
        else if ((insert || json_string_is(name, "d")) && part->text == NULL &&
                 json_kind(value) == JSON_KIND_STRING) {
            part->insert = insert;
            status = value_load(value, &part->text, fault);
        } else
            status = STATUS_MALFORMED_OPERATION;
    }
    if (status == STATUS_OK && positioned && part->text != NULL) {
        part->utf16 = utf8_utf16(value_string(part->text));
        return STATUS_OK;
    }
    json_decref(part->text);
    return fault_set(fault, STATUS_MALFORMED_OPERATION,
                     "an edit of a string is {p: offset, i: text} or {p: offset, d: text}");
}

enum status text0_decode(struct span json, struct components *parts, struct fault *fault)
{
    struct json_walk walk;
    struct span element;

    if (json_kind(json) != JSON_KIND_ARRAY)
        return fault_set(fault, STATUS_MALFORMED_OPERATION, "edits of a string are an array");
    json_walk_init(&walk, json);
    while (json_walk_element(&walk, &element)) {
        struct text0_part part = {0};
        enum status status = decode_part(element, &part, fault);

        if (status != STATUS_OK) {
            components_finish(&text0_pairwise, parts);
            return status;
        }
        components_push_take(&text0_pairwise, parts, &part);
    }
    return STATUS_OK;
}

void text0_write(const struct components *parts, struct buffer *out)
{
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < parts->count; i++) {
        const struct text0_part *part = components_at(&text0_pairwise, parts, i);

        buffer_append_text(out, i > 0 ? "," : "");
        buffer_append_text(out, part->insert ? "{\"i\":" : "{\"d\":");
        json_write_string(out, value_string(part->text));
        buffer_append_text(out, ",\"p\":");
        buffer_append_unsigned(out, part->at_utf16);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
}
