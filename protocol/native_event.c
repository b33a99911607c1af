/* The other direction of native.h: what the server sends, decoded for a client. */
#include "protocol/fields.h"
#include "protocol/native.h"

/* Elements that a message beginning with a word may have; frames of operations have any number. */
enum { ELEMENTS_MAX = 6 };

/* The elements of a frame of operations before the first one: ch and seq. */
enum { FRAME_HEAD = 2 };

/* A server may send a document of any size, but nobody may end our stack. */
static const struct json_limits event_limits = {.depth = 512, .nodes = SIZE_MAX};

struct array {
    struct span elements[ELEMENTS_MAX];
    size_t count;
};

static int decode_code(struct fields *fields, struct span value)
{
    uint64_t code = fields_unsigned(fields, value, "the code", 0);

    if (code <= INT32_MAX)
        return (int)code;
    fields_fail(fields, "the code is too large");
    return 0;
}

/* A session's public id: it never needs escapes. */
static struct span decode_who(struct fields *fields, struct span value)
{
    struct span who = fields_string(fields, value, "who");

    if (fields->status == STATUS_OK && (who.size == 0 || who.data != value.data + 1))
        fields_fail(fields, "who has to be plain characters");
    return who;
}

static void decode_welcome(struct fields *fields, const struct array *array,
                           struct native_event *event)
{
    enum { WHO, USER, LIMITS, HEARTBEAT_MS, COUNT };
    static const char *const names[COUNT] = {"who", "user", "limits", "heartbeat_ms"};
    static const char *const bounds[] = {"message_bytes_max", "document_bytes_max"};
    struct span found[COUNT];
    struct span found_bounds[2];

    event->kind = NATIVE_WELCOME;
    fields_expect_count(fields, array->count, 2, 2);
    fields_members(fields, array->elements[1], names, found, COUNT);
    struct span limits = span_present(found[LIMITS]) ? found[LIMITS] : SPAN("{}");
    fields_members(fields, limits, bounds, found_bounds, 2);
    event->who = decode_who(fields, found[WHO]);
    event->user = fields_member_string(fields, found[USER], "user");
    event->message_bytes_max = fields_member_unsigned(fields, found_bounds[0], bounds[0]);
    event->document_bytes_max = fields_member_unsigned(fields, found_bounds[1], bounds[1]);
    event->heartbeat_ms = fields_unsigned(fields, found[HEARTBEAT_MS], "heartbeat_ms", 1);
}

static void decode_opened(struct fields *fields, const struct array *array,
                          struct native_event *event)
{
    enum { TYPE, SNAPSHOT, SERIAL, EPOCH, CHECK_EVERY, RELOAD, COUNT };
    static const char *const names[COUNT] = {"type",  "snapshot",    "serial",
                                             "epoch", "check_every", "reload"};
    struct span found[COUNT];

    event->kind = NATIVE_OPENED;
    fields_expect_count(fields, array->count, 5, 5);
    fields_members(fields, array->elements[4], names, found, COUNT);
    event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->name = fields_string(fields, array->elements[2], "the name");
    event->seq = fields_unsigned(fields, array->elements[3], "seq", 0);
    event->type = fields_string(fields, found[TYPE], "type");
    event->data = found[SNAPSHOT];
    event->serial = fields_unsigned(fields, found[SERIAL], "serial", 0);
    event->epoch = fields_unsigned(fields, found[EPOCH], "epoch", 0);
    event->check_every = fields_member_unsigned(fields, found[CHECK_EVERY], "check_every");
    event->reload = fields_member_string(fields, found[RELOAD], "reload");
}

static void decode_refused(struct fields *fields, const struct array *array,
                           struct native_event *event)
{
    enum { RETRY_AFTER_MS, SEQ, COUNT };
    static const char *const names[COUNT] = {"retry_after_ms", "seq"};
    struct span found[COUNT];

    event->kind = NATIVE_REFUSED;
    fields_expect_count(fields, array->count, 6, 6);
    fields_members(fields, array->elements[5], names, found, COUNT);
    event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->serial = fields_unsigned(fields, array->elements[2], "serial", 1);
    event->code = decode_code(fields, array->elements[3]);
    event->text = fields_string(fields, array->elements[4], "the text");
    event->after_ms = fields_member_unsigned(fields, found[RETRY_AFTER_MS], "retry_after_ms");
    event->seq = fields_member_unsigned(fields, found[SEQ], "seq");
}

static void decode_made(struct fields *fields, const struct array *array,
                        struct native_event *event)
{
    event->kind = NATIVE_MADE;
    fields_expect_count(fields, array->count, 5, 6);
    event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->seq = fields_unsigned(fields, array->elements[2], "seq", 1);
    event->who = decode_who(fields, array->elements[3]);
    event->type = fields_string(fields, array->elements[4], "type");
    event->data = array->elements[5];
}

static void decode_epoch(struct fields *fields, const struct array *array,
                         struct native_event *event)
{
    event->kind = NATIVE_EPOCH;
    fields_expect_count(fields, array->count, 3, 3);
    event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->epoch = fields_unsigned(fields, array->elements[2], "epoch", 0);
}

static void decode_composed(struct fields *fields, const struct array *array,
                            struct native_event *event)
{
    event->kind = NATIVE_COMPOSED;
    fields_expect_count(fields, array->count, 5, 5);
    event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->seq = fields_unsigned(fields, array->elements[2], "seq", 1);
    event->data = array->elements[3];
    event->epoch = fields_unsigned(fields, array->elements[4], "epoch", 0);
}

static void decode_closed(struct fields *fields, const struct array *array,
                          struct native_event *event)
{
    event->kind = NATIVE_CLOSED;
    fields_expect_count(fields, array->count, 4, 4);
    if (fields->status != STATUS_OK)
        return;
    if (json_kind(array->elements[1]) == JSON_KIND_STRING)
        event->name = fields_string(fields, array->elements[1], "the name");
    else
        event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->code = decode_code(fields, array->elements[2]);
    event->text = fields_string(fields, array->elements[3], "the text");
}

static void decode_here(struct fields *fields, const struct array *array,
                        struct native_event *event)
{
    event->kind = NATIVE_HERE;
    fields_expect_count(fields, array->count, 3, 5);
    event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->seq = fields_unsigned(fields, array->elements[2], "seq", 0);
    if (array->count == 3)
        return;
    fields_expect_count(fields, array->count, 5, 5);
    event->who = decode_who(fields, array->elements[3]);
    if (fields->status == STATUS_OK && json_kind(array->elements[4]) != JSON_KIND_NULL)
        event->data = array->elements[4];
}

static void decode_say(struct fields *fields, const struct array *array, struct native_event *event)
{
    event->kind = NATIVE_SAY;
    fields_expect_count(fields, array->count, 4, 4);
    event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->who = decode_who(fields, array->elements[2]);
    event->data = array->elements[3];
}

static void decode_diverged(struct fields *fields, const struct array *array,
                            struct native_event *event)
{
    event->kind = NATIVE_DIVERGED;
    fields_expect_count(fields, array->count, 3, 3);
    event->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    event->seq = fields_unsigned(fields, array->elements[2], "seq", 1);
}

static void decode_goaway(struct fields *fields, const struct array *array,
                          struct native_event *event)
{
    enum { AFTER_MS, WITHIN_MS, COUNT };
    static const char *const names[COUNT] = {"after_ms", "within_ms"};
    struct span found[COUNT];

    event->kind = NATIVE_GOAWAY;
    fields_expect_count(fields, array->count, 2, 2);
    fields_members(fields, array->elements[1], names, found, COUNT);
    event->after_ms = fields_member_unsigned(fields, found[AFTER_MS], "after_ms");
    event->within_ms = fields_member_unsigned(fields, found[WITHIN_MS], "within_ms");
}

static void decode_history(struct fields *fields, const struct array *array,
                           struct native_event *event)
{
    struct span none;

    event->kind = NATIVE_HISTORY;
    fields_expect_count(fields, array->count, 3, 3);
    event->request = fields_unsigned(fields, array->elements[1], "request", 0);
    event->past = array->elements[2];
    fields_members(fields, event->past, NULL, &none, 0);
}

/* The messages that begin with a word. */
static const struct {
    const char *word;
    void (*decode)(struct fields *fields, const struct array *array, struct native_event *event);
} words[] = {
    {"closed", decode_closed},   {"composed", decode_composed}, {"diverged", decode_diverged},
    {"epoch", decode_epoch},     {"goaway", decode_goaway},     {"here", decode_here},
    {"history", decode_history}, {"made", decode_made},         {"opened", decode_opened},
    {"refused", decode_refused}, {"say", decode_say},           {"welcome", decode_welcome},
};

static void decode_word(struct fields *fields, const struct array *array,
                        struct native_event *event)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (json_string_is(array->elements[0], words[i].word)) {
            fields->message = words[i].word;
            words[i].decode(fields, array, event);
            return;
        }
    }
    fields_fail(fields, "it begins with a word that is not known");
}

/* ---- Frames of operations ---- */

static void walk_frame(struct native_operations_walk *walk, struct span frame, uint64_t seq)
{
    struct span skipped;

    json_walk_init(&walk->elements, frame);
    for (int i = 0; i < FRAME_HEAD; i++)
        json_walk_element(&walk->elements, &skipped);
    walk->seq = seq;
}

void native_operations_walk_init(struct native_operations_walk *walk,
                                 const struct native_event *event)
{
    walk_frame(walk, event->operations, event->seq);
}

bool native_operations_walk_next(struct native_operations_walk *walk, uint64_t *seq,
                                 struct span *who, struct span *operation)
{
    struct span literal;

    if (!json_walk_element(&walk->elements, &literal))
        return false;
    must(json_walk_element(&walk->elements, operation));
    *who = span_of(literal.data + 1, literal.size - 2);
    *seq = walk->seq++;
    return true;
}

static void decode_operations(struct fields *fields, const struct array *array, struct span frame,
                              struct native_event *event)
{
    struct native_operations_walk walk;
    struct span literal;
    struct span operation;

    fields->message = "operations";
    if (array->count < FRAME_HEAD + 2 || array->count % 2 != 0) {
        fields_fail(fields, "an element is missing");
        return;
    }
    event->kind = NATIVE_OPERATIONS;
    event->channel = fields_unsigned(fields, array->elements[0], "ch", 1);
    event->seq = fields_unsigned(fields, array->elements[1], "seq", 1);
    event->operations = frame;
    walk_frame(&walk, frame, event->seq);
    while (json_walk_element(&walk.elements, &literal) &&
           json_walk_element(&walk.elements, &operation))
        decode_who(fields, literal);
}

enum status native_event_decode(struct span text, struct buffer *scratch,
                                struct native_event *event, struct fault *fault)
{
    struct fields fields = {.message = "message", .scratch = scratch, .fault = fault};
    struct native_event decoded = {0};
    struct array array = {0};

    fields.status =
        json_scan_array(text, &event_limits, array.elements, ELEMENTS_MAX, &array.count, fault);
    if (fields.status == STATUS_OK) {
        fields_reserve(&fields, text);
        if (array.count == 0)
            decoded.kind = NATIVE_HEARTBEAT;
        else if (json_kind(array.elements[0]) == JSON_KIND_NUMBER)
            decode_operations(&fields, &array, json_value(text), &decoded);
        else if (json_kind(array.elements[0]) == JSON_KIND_STRING)
            decode_word(&fields, &array, &decoded);
        else
            fields_fail(&fields, "it begins with neither a number nor a word");
    }
    if (fields.status == STATUS_OK)
        *event = decoded;
    return fields.status;
}
