#include "base/json_scan.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "ot/rich_delta.h"

/* Names that every JavaScript object answers to: the reference takes them for attributes that are
 * there already. */
static const char *const reserved[] = {
    "constructor",      "hasOwnProperty",   "isPrototypeOf",    "propertyIsEnumerable",
    "toLocaleString",   "toString",         "valueOf",          "__proto__",
    "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
};

/* Values within attributes and embeds may nest this deep: a document around them is still one that
 * can be scanned. */
enum { VALUE_DEPTH_MAX = LIMIT_JSON_DEPTH - 8 };

static enum status refuse(struct fault *fault, const char *reason)
{
    return fault_set(fault, STATUS_MALFORMED_OPERATION, "%s", reason);
}

static enum status decode_value(struct span json, json_t **value, struct fault *fault)
{
    json_t *loaded;

    if (json_kind(json) != JSON_KIND_OBJECT)
        return refuse(fault, "attributes and embeds are objects");
    if (value_load(json, &loaded, fault) != STATUS_OK)
        return STATUS_MALFORMED_OPERATION;
    if (value_measure(loaded).depth > VALUE_DEPTH_MAX) {
        json_decref(loaded);
        return fault_set(fault, STATUS_TOO_DEEP, "attributes or an embed nested deeper than %d",
                         VALUE_DEPTH_MAX);
    }
    *value = loaded;
    return STATUS_OK;
}

static enum status decode_attributes(struct span json, json_t **attributes, struct fault *fault)
{
    enum status status = decode_value(json, attributes, fault);

    if (status != STATUS_OK)
        return status;
    if (json_object_size(*attributes) == 0)
        return refuse(fault, "attributes that are empty have to be left out");
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (value_object_get(*attributes, span_of_string(reserved[i])) != NULL)
            return fault_set(fault, STATUS_MALFORMED_OPERATION, "no attribute may be called %s",
                             reserved[i]);
    return STATUS_OK;
}

static enum status decode_insert(struct span json, struct rich_piece *piece, struct buffer *scratch,
                                 struct fault *fault)
{
    if (json_kind(json) != JSON_KIND_STRING) {
        piece->utf16 = 1;
        return decode_value(json, &piece->embed, fault);
    }
    buffer_clear(scratch);
    piece->text = json_read_string(json, scratch);
    piece->utf16 = utf8_utf16(piece->text);
    return piece->utf16 > 0 ? STATUS_OK : refuse(fault, "an insertion must not be empty");
}

/* The members of a part. What the piece then points to is its own. */
static enum status decode_members(struct span json, struct rich_piece *piece,
                                  struct buffer *scratch, struct fault *fault)
{
    struct json_walk walk;
    struct span name, value;
    bool known = false;
    enum status status = STATUS_OK;

    json_walk_init(&walk, json);
    while (status == STATUS_OK && json_walk_member(&walk, &name, &value)) {
        bool insert = json_string_is(name, "insert"), retain = json_string_is(name, "retain");

        if (json_string_is(name, "attributes") && piece->attributes == NULL) {
            status = decode_attributes(value, &piece->attributes, fault);
        } else if (known || !(insert || retain || json_string_is(name, "delete"))) {
            status = refuse(fault, "a part has one of insert, retain, delete, and attributes");
        } else if (insert) {
            piece->kind = RICH_INSERT;
            status = decode_insert(value, piece, scratch, fault);
            known = true;
        } else {
            piece->kind = retain ? RICH_RETAIN : RICH_DELETE;
            if (!json_read_unsigned(value, &piece->utf16) || piece->utf16 == 0)
                status = refuse(fault, "retain and delete are at least 1");
            known = true;
        }
    }
    if (status == STATUS_OK && !known)
        return refuse(fault, "a part has one of insert, retain, delete, and attributes");
    if (status == STATUS_OK && piece->kind == RICH_DELETE && piece->attributes != NULL)
        return refuse(fault, "a deletion has no attributes");
    return status;
}

static enum status decode_part(struct span json, bool only_inserts, struct rich_delta *delta,
                               struct fault *fault)
{
    struct rich_piece piece = {.text = SPAN("")};
    struct buffer scratch = {0};
    enum status status = STATUS_OK;

    if (json_kind(json) != JSON_KIND_OBJECT)
        status = refuse(fault, "a part is an object");
    else
        status = decode_members(json, &piece, &scratch, fault);
    if (status == STATUS_OK && only_inserts && piece.kind != RICH_INSERT)
        status = refuse(fault, "a document has insertions alone");
    if (status == STATUS_OK && only_inserts)
        rich_delta_push(delta, &piece);
    else if (status == STATUS_OK)
        rich_delta_push_raw(delta, &piece);
    json_decref(piece.embed);
    json_decref(piece.attributes);
    buffer_finish(&scratch);
    return status;
}

/* The array of parts; absent when there is none. */
static struct span find_parts(struct span json)
{
    struct span parts = json;

    if (json_kind(json) == JSON_KIND_OBJECT) {
        if (json_count(json) != 1)
            return SPAN_NONE;
        parts = json_member(json, "ops");
    }
    return span_present(parts) && json_kind(parts) == JSON_KIND_ARRAY ? parts : SPAN_NONE;
}

enum status rich_delta_decode(struct span json, bool only_inserts, struct rich_delta *delta,
                              struct fault *fault)
{
    struct span parts = find_parts(json), part;
    struct json_walk walk;
    struct fault inner = {0};
    size_t at = 0;

    if (!span_present(parts))
        return refuse(fault, "it has to be {\"ops\": [parts]} or [parts]");
    if (!only_inserts && json_count(parts) > LIMIT_OPERATION_COMPONENTS)
        return fault_set(fault, STATUS_TOO_LARGE, "more than %d components",
                         LIMIT_OPERATION_COMPONENTS);
    json_walk_init(&walk, parts);
    while (json_walk_element(&walk, &part)) {
        enum status status = decode_part(part, only_inserts, delta, &inner);

        if (status != STATUS_OK) {
            rich_delta_finish(delta);
            return fault_set(fault, status, "component %zu: %s", at, inner.text);
        }
        at++;
    }
    return STATUS_OK;
}
