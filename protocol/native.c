#include "protocol/native.h"

#include "base/base64.h"
#include "base/json_scan.h"
#include "base/limits.h"
#include "protocol/fields.h"

/* No message of a client is longer; one more tells that it is. */
enum { ELEMENTS_MAX = 4 };

/* The session's secret: 128 bits and their spelling. */
enum { RESUME_BYTES = 16, RESUME_LETTERS = 22 };

struct array {
    struct span elements[ELEMENTS_MAX];
    size_t count;
};

static void decode_edit(struct fields *fields, const struct array *array, struct message *message)
{
    fields->message = "edit";
    fields_expect_count(fields, array->count, 4, 4);
    message->kind = MESSAGE_EDIT;
    message->channel = fields_unsigned(fields, array->elements[0], "ch", 1);
    message->edit.serial = fields_unsigned(fields, array->elements[1], "serial", 1);
    message->edit.base = fields_unsigned(fields, array->elements[2], "base", 0);
    message->edit.operation = array->elements[3];
    if (fields->status == STATUS_OK && json_repeats_a_name(message->edit.operation))
        fields->status = fault_set(fields->fault, STATUS_MALFORMED_OPERATION,
                                   "a name is repeated in an object of the operation");
}

static void decode_delete(struct fields *fields, const struct array *array, struct message *message)
{
    fields_expect_count(fields, array->count, 4, 4);
    message->kind = MESSAGE_DELETE;
    message->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    message->edit.serial = fields_unsigned(fields, array->elements[2], "serial", 1);
    message->edit.base = fields_unsigned(fields, array->elements[3], "base", 0);
    message->edit.operation = SPAN_NONE;
}

static void decode_close(struct fields *fields, const struct array *array, struct message *message)
{
    fields_expect_count(fields, array->count, 2, 2);
    message->kind = MESSAGE_CLOSE;
    message->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
}

/* 64 bits as 16 hexadecimal digits in lower case. */
static bool read_hash(struct span text, uint64_t *hash)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t read = 0;

    if (text.size != 16)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        const char *digit = memchr(digits, text.data[i], 16);

        if (digit == NULL)
            return false;
        read = read << 4 | (uint64_t)(digit - digits);
    }
    *hash = read;
    return true;
}

/* What is passed on to others as it came: of one reading, and not too large for them. */
static struct span take_json(struct fields *fields, struct span json, size_t size_max)
{
    if (fields->status != STATUS_OK)
        return SPAN_NONE;
    if (json.size > size_max)
        fields->status = fault_set(fields->fault, STATUS_TOO_LARGE, "%s: %zu bytes are allowed",
                                   fields->message, size_max);
    else if (json_repeats_a_name(json))
        fields_fail(fields, "a name is repeated in an object");
    return json;
}

static void decode_here(struct fields *fields, const struct array *array, struct message *message)
{
    fields_expect_count(fields, array->count, 4, 4);
    message->kind = MESSAGE_HERE;
    message->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    message->here.seq = fields_unsigned(fields, array->elements[2], "seq", 0);
    message->here.state = take_json(fields, array->elements[3], LIMIT_PRESENCE_BYTES);
    if (fields->status == STATUS_OK && json_kind(message->here.state) == JSON_KIND_NULL)
        message->here.state = SPAN_NONE;
}

static void decode_say(struct fields *fields, const struct array *array, struct message *message)
{
    fields_expect_count(fields, array->count, 3, 4);
    message->kind = MESSAGE_SAY;
    message->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    message->say.event = take_json(fields, array->elements[2], LIMIT_SIGNAL_BYTES);
    message->say.to =
        array->count > 3 ? fields_string(fields, array->elements[3], "to") : SPAN_NONE;
}

static void decode_check(struct fields *fields, const struct array *array, struct message *message)
{
    fields_expect_count(fields, array->count, 4, 4);
    message->kind = MESSAGE_CHECK;
    message->channel = fields_unsigned(fields, array->elements[1], "ch", 1);
    message->check.seq = fields_unsigned(fields, array->elements[2], "seq", 1);
    struct span hash = fields_string(fields, array->elements[3], "the hash");

    if (fields->status == STATUS_OK && !read_hash(hash, &message->check.hash))
        fields_fail(fields, "the hash has to be 16 digits of 0-9 a-f");
}

static bool is_resume(struct span text)
{
    uint8_t secret[RESUME_BYTES];
    size_t size;

    return text.size == RESUME_LETTERS && base64url_read(text, secret, &size);
}

static void decode_hello(struct fields *fields, const struct array *array, struct message *message)
{
    enum { RESUME, TOKEN, CLIENT, COUNT };
    static const char *const names[COUNT] = {"resume", "token", "client"};
    struct span found[COUNT];

    fields_expect_count(fields, array->count, 2, 2);
    fields_members(fields, array->elements[1], names, found, COUNT);
    message->kind = MESSAGE_HELLO;
    message->hello.resume = fields_string(fields, found[RESUME], "resume");
    message->hello.token = fields_member_string(fields, found[TOKEN], "token");
    message->hello.client = fields_member_string(fields, found[CLIENT], "client");
    if (fields->status == STATUS_OK && !is_resume(message->hello.resume))
        fields_fail(fields, "resume has to be 128 bits as 22 characters of base64url");
}

static void decode_open(struct fields *fields, const struct array *array, struct message *message)
{
    enum { TYPE, CREATE, DATA, FROM, EPOCH, PENDING, DIVERGED, COUNT };
    static const char *const names[COUNT] = {"type",  "create",  "data",    "from",
                                             "epoch", "pending", "diverged"};
    struct span found[COUNT];
    struct message_open *open = &message->open;

    fields_expect_count(fields, array->count, 2, 3);
    fields_members(fields, array->count > 2 ? array->elements[2] : SPAN("{}"), names, found, COUNT);
    message->kind = MESSAGE_OPEN;
    open->name = fields_string(fields, array->elements[1], "the name");
    open->type = fields_member_string(fields, found[TYPE], "type");
    open->create = fields_member_bool(fields, found[CREATE], "create");
    open->data = found[DATA];
    open->from = fields_member_unsigned(fields, found[FROM], "from");
    open->epoch = fields_member_unsigned(fields, found[EPOCH], "epoch");
    open->pending = fields_member_unsigned(fields, found[PENDING], "pending");
    open->diverged = fields_member_bool(fields, found[DIVERGED], "diverged");
    if (open->create && !span_present(open->type))
        fields_fail(fields, "create needs a type");
    if (fields->status == STATUS_OK)
        fields->status = message_check_name(open->name, fields->fault);
}

enum { READ_SEQ, READ_TIME, READ_FROM, READ_TO, READ_WITH_BLAME, READ_MEMBERS };

/* What is asked, by the members that are there. */
static enum read_kind read_kind(struct fields *fields, const struct span *found)
{
    bool seq = span_present(found[READ_SEQ]);
    bool time = span_present(found[READ_TIME]);
    bool range = span_present(found[READ_FROM]) || span_present(found[READ_TO]);

    if (fields_member_bool(fields, found[READ_WITH_BLAME], "blame")) {
        if (time || span_present(found[READ_TO]))
            fields_fail(fields, "blame goes with seq and from alone");
        return READ_BLAME;
    }
    if (seq + time + range > 1)
        fields_fail(fields, "seq, time and a range exclude each other");
    return range ? READ_OPERATIONS : seq ? READ_AT_SEQ : time ? READ_AT_TIME : READ_NOW;
}

static void decode_read(struct fields *fields, const struct array *array, struct message *message)
{
    static const char *const names[READ_MEMBERS] = {"seq", "time", "from", "to", "blame"};
    struct span found[READ_MEMBERS];
    struct message_read *read = &message->read;

    fields_expect_count(fields, array->count, 3, 4);
    fields_members(fields, array->count > 3 ? array->elements[3] : SPAN("{}"), names, found,
                   READ_MEMBERS);
    message->kind = MESSAGE_READ;
    read->request = fields_unsigned(fields, array->elements[1], "request", 0);
    read->name = fields_string(fields, array->elements[2], "the name");
    read->seq = fields_member_unsigned(fields, found[READ_SEQ], "seq");
    read->time_ms = fields_member_unsigned(fields, found[READ_TIME], "time");
    read->from = 1;
    read->to = UINT64_MAX;
    if (span_present(found[READ_FROM]))
        read->from = fields_unsigned(fields, found[READ_FROM], "from", 1);
    if (span_present(found[READ_TO]))
        read->to = fields_unsigned(fields, found[READ_TO], "to", 1);
    read->kind = read_kind(fields, found);
    if (read->kind == READ_BLAME && !span_present(found[READ_SEQ]))
        read->seq = UINT64_MAX;
    if (fields->status == STATUS_OK)
        fields->status = message_check_name(read->name, fields->fault);
}

/* The messages that begin with a word. */
static const struct {
    const char *word;
    void (*decode)(struct fields *fields, const struct array *array, struct message *message);
} words[] = {
    {"check", decode_check}, {"close", decode_close}, {"delete", decode_delete},
    {"hello", decode_hello}, {"here", decode_here},   {"open", decode_open},
    {"read", decode_read},   {"say", decode_say},
};

static void decode_word(struct fields *fields, const struct array *array, struct message *message)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (json_string_is(array->elements[0], words[i].word)) {
            fields->message = words[i].word;
            words[i].decode(fields, array, message);
            return;
        }
    }
    fields_fail(fields, "it begins with a word that is not known");
}

/* ---- The place of a message that could not be decoded ---- */

static void skip_space(struct span *rest)
{
    while (rest->size > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t' ||
                              rest->data[0] == '\n' || rest->data[0] == '\r'))
        *rest = span_of(rest->data + 1, rest->size - 1);
}

/* Step over `token` and the white space before it. */
static bool step_over(struct span *rest, struct span token)
{
    skip_space(rest);
    if (rest->size < token.size || memcmp(rest->data, token.data, token.size) != 0)
        return false;
    *rest = span_of(rest->data + token.size, rest->size - token.size);
    return true;
}

/* Step over a positive safe integer and the comma behind it; 0 when that is not what comes. */
static uint64_t step_number(struct span *rest)
{
    uint64_t number = 0;

    skip_space(rest);
    while (rest->size > 0 && rest->data[0] >= '0' && rest->data[0] <= '9') {
        number = number * 10 + (uint64_t)(rest->data[0] - '0');
        if (number > JSON_INTEGER_MAX)
            return 0;
        *rest = span_of(rest->data + 1, rest->size - 1);
    }
    return step_over(rest, SPAN(",")) ? number : 0;
}

struct native_place native_find_place(struct span text)
{
    struct native_place place = {0};
    struct span rest = text;

    if (!step_over(&rest, SPAN("[")))
        return place;
    if (step_over(&rest, SPAN("\"delete\"")) && !step_over(&rest, SPAN(",")))
        return place;
    place.channel = step_number(&rest);
    place.serial = place.channel > 0 ? step_number(&rest) : 0;
    return place;
}

enum status native_decode(struct span text, struct buffer *scratch, struct message *message,
                          struct native_place *place, struct fault *fault)
{
    struct fields fields = {.message = "message", .scratch = scratch, .fault = fault};
    struct message decoded = {0};
    struct array array = {0};

    fields.status = json_scan_array(text, &json_limits_default, array.elements, ELEMENTS_MAX,
                                    &array.count, fault);
    if (fields.status == STATUS_OK) {
        if (array.count == 0) {
            decoded.kind = MESSAGE_HEARTBEAT;
        } else if (json_kind(array.elements[0]) == JSON_KIND_NUMBER) {
            decode_edit(&fields, &array, &decoded);
        } else if (json_kind(array.elements[0]) == JSON_KIND_STRING) {
            fields_reserve(&fields, text);
            decode_word(&fields, &array, &decoded);
        } else {
            fields_fail(&fields, "it begins with neither a number nor a word");
        }
    }
    if (fields.status == STATUS_OK)
        *message = decoded;
    else
        *place = native_find_place(text);
    return fields.status;
}
