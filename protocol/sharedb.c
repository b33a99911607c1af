#include "protocol/sharedb.h"

#include "base/json_scan.h"
#include "base/limits.h"
#include "protocol/sharedb_mend.h"

/* Deeper than a message may be, for finding out whom to answer about one that is too deep. */
static const struct json_limits generous_limits = {.depth = 1000, .nodes = SIZE_MAX};

/* The members that mean something, in the order of the enumeration. */
enum member {
    MEMBER_ACTION,
    MEMBER_COLLECTION,
    MEMBER_ID,
    MEMBER_VERSION,
    MEMBER_SOURCE,
    MEMBER_SEQ,
    MEMBER_OP,
    MEMBER_CREATE,
    MEMBER_DEL,
    MEMBER_BULK,
    MEMBER_REQUEST,
    MEMBER_TIME,
    MEMBER_CHANNEL,
    MEMBER_PRESENCE,
    MEMBER_PRESENCE_VERSION,
    MEMBER_TYPE,
    MEMBER_PROTOCOL,
    MEMBER_PROTOCOL_MINOR,
    MEMBERS
};
static const char *const names[MEMBERS] = {"a",  "c",      "d",   "v", "src",      "seq",
                                           "op", "create", "del", "b", "id",       "ts",
                                           "ch", "p",      "pv",  "t", "protocol", "protocolMinor"};

struct request {
    struct span members[MEMBERS]; /* absent where there is none, or where it is null */
    bool has_op;                  /* `op` is there, maybe null */
    struct buffer *scratch;
    struct message *message;
    struct sharedb_error *error;
};

/* The name of everything that each JavaScript object has: the reference takes none of them. */
static const char *const reserved[] = {
    "constructor",      "hasOwnProperty",   "isPrototypeOf",    "propertyIsEnumerable",
    "toLocaleString",   "toString",         "valueOf",          "__proto__",
    "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
};

static enum status refuse_as(struct request *request, const char *code, const char *text)
{
    *request->error = (struct sharedb_error){.code = code, .text = text};
    return STATUS_MALFORMED_MESSAGE;
}

static enum status refuse(struct request *request, const char *text)
{
    return refuse_as(request, "ERR_MESSAGE_BADLY_FORMED", text);
}

static enum status refuse_op(struct request *request, const char *text)
{
    return refuse_as(request, "ERR_OT_OP_BADLY_FORMED", text);
}

/* ---- Fields ---- */

static bool is_reserved(struct span literal)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (json_string_is(literal, reserved[i]))
            return true;
    return false;
}

static bool read_name(struct request *request, struct span value, struct span *name)
{
    if (!span_present(value) || json_kind(value) != JSON_KIND_STRING || is_reserved(value))
        return false;
    *name = json_read_string(value, request->scratch);
    return true;
}

static bool read_version(struct span value, uint64_t *version)
{
    *version = MESSAGE_NOW;
    return !span_present(value) || json_kind(value) == JSON_KIND_NULL ||
           json_read_unsigned(value, version);
}

/* A collection and an id make a document's name, which has its own bounds. */
static bool names_a_document(struct span collection, struct span id)
{
    struct buffer name = {0};

    message_join_name(&name, collection, id);
    bool good = message_check_name(buffer_span(&name), NULL) == STATUS_OK;
    buffer_finish(&name);
    return good;
}

static enum status read_collection(struct request *request)
{
    struct span collection = SPAN_NONE;

    if (!read_name(request, request->members[MEMBER_COLLECTION], &collection) ||
        !names_a_document(collection, SPAN("x")) ||
        memchr(collection.data, '/', collection.size) != NULL)
        return refuse(request, "Invalid collection");
    request->message->collection = collection;
    return STATUS_OK;
}

static enum status read_document(struct request *request)
{
    struct span id = SPAN_NONE;

    if (!read_name(request, request->members[MEMBER_ID], &id) || !names_a_document(SPAN("x"), id))
        return refuse(request, "Invalid id");
    request->message->id = id;
    return read_collection(request);
}

/* ---- Reading ---- */

static enum status decode_one(struct request *request)
{
    enum status status = read_document(request);

    if (status == STATUS_OK &&
        !read_version(request->members[MEMBER_VERSION], &request->message->follow.from))
        status = refuse(request, "Invalid version");
    return status;
}

static enum status check_several(struct request *request, struct span several)
{
    bool has_versions = json_kind(several) == JSON_KIND_OBJECT;
    struct json_walk walk;
    struct span literal;
    struct span version = SPAN_NONE;
    struct span id;
    uint64_t from;

    json_walk_init(&walk, several);
    while (has_versions ? json_walk_member(&walk, &literal, &version)
                        : json_walk_element(&walk, &literal)) {
        if (!read_name(request, literal, &id) || !names_a_document(SPAN("x"), id))
            return refuse(request, "Invalid id");
        if (!read_version(version, &from))
            return refuse(request, "Invalid version");
    }
    return json_repeats_a_name(several) ? refuse(request, "Invalid id") : STATUS_OK;
}

static enum status decode_several(struct request *request)
{
    struct span several = request->members[MEMBER_BULK];

    if (!span_present(several) ||
        (json_kind(several) != JSON_KIND_ARRAY && json_kind(several) != JSON_KIND_OBJECT))
        return refuse(request, "Invalid bulk subscribe data");
    enum status status = check_several(request, several);

    request->message->follow.several = several;
    request->message->follow.from = MESSAGE_NOW;
    return status == STATUS_OK ? read_collection(request) : status;
}

/* ---- History ---- */

/* What the reply bears, and of which document it is. */
static enum status decode_read(struct request *request)
{
    struct message *message = request->message;
    struct buffer *scratch = request->scratch;
    struct span id = request->members[MEMBER_REQUEST];
    enum status status = read_document(request);

    if (status != STATUS_OK)
        return status;
    if (!span_present(id) || !json_read_unsigned(id, &message->read.request))
        return refuse(request, "Missing query ID");
    size_t begin = scratch->size;
    message_join_name(scratch, message->collection, message->id);
    message->read.name = span_of(scratch->data + begin, scratch->size - begin);
    message_split_name(message->read.name, &message->collection, &message->id);
    return STATUS_OK;
}

static enum status decode_at_version(struct request *request)
{
    struct message_read *read = &request->message->read;
    enum status status = decode_read(request);

    if (status == STATUS_OK && !read_version(request->members[MEMBER_VERSION], &read->seq))
        status = refuse(request, "Invalid version");
    read->kind = read->seq == MESSAGE_NOW ? READ_NOW : READ_AT_SEQ;
    return status;
}

static enum status decode_at_time(struct request *request)
{
    struct message_read *read = &request->message->read;
    struct span time = request->members[MEMBER_TIME];
    enum status status = decode_read(request);
    double time_ms = (double)JSON_INTEGER_MAX;

    if (status == STATUS_OK && span_present(time) &&
        (json_kind(time) != JSON_KIND_NUMBER || !json_read_double(time, &time_ms) || time_ms < 0))
        status = refuse(request, "Invalid timestamp");
    read->kind = READ_AT_TIME;
    read->time_ms = time_ms < (double)JSON_INTEGER_MAX ? (uint64_t)time_ms : UINT64_MAX;
    return status;
}

/* ---- Presence ---- */

static enum status decode_channel(struct request *request)
{
    struct message_room *room = &request->message->room;

    if (!read_name(request, request->members[MEMBER_CHANNEL], &room->name) ||
        room->name.size == 0 || room->name.size > LIMIT_ROOM_NAME_BYTES)
        return refuse(request, "Invalid presence channel");
    if (!read_version(request->members[MEMBER_SEQ], &room->seq) || room->seq == MESSAGE_NOW)
        room->seq = 0;
    return STATUS_OK;
}

/* Of which document the value is: of none when there is no version. */
static enum status decode_place(struct request *request)
{
    struct message_room *room = &request->message->room;
    struct span type = request->members[MEMBER_TYPE];

    if (!span_present(request->members[MEMBER_COLLECTION]) &&
        !span_present(request->members[MEMBER_ID]))
        return STATUS_OK;
    enum status status = read_document(request);

    if (status != STATUS_OK)
        return status;
    if (!read_version(request->members[MEMBER_VERSION], &room->at))
        return refuse(request, "Invalid version");
    if (room->at != MESSAGE_NOW && span_present(type) && json_kind(type) == JSON_KIND_STRING)
        room->type = json_read_string(type, request->scratch);
    return STATUS_OK;
}

static enum status decode_show(struct request *request)
{
    struct message_room *room = &request->message->room;
    struct span state = request->members[MEMBER_PRESENCE];
    enum status status = decode_channel(request);

    if (status != STATUS_OK)
        return status;
    if (!read_name(request, request->members[MEMBER_REQUEST], &room->id) || room->id.size == 0 ||
        room->id.size > LIMIT_ROOM_NAME_BYTES)
        return refuse(request, "Invalid presence ID");
    if (!read_version(request->members[MEMBER_PRESENCE_VERSION], &room->version) ||
        room->version == MESSAGE_NOW)
        return refuse(request, "Invalid presence version");
    room->state = span_present(state) ? state : SPAN("null");
    if (json_repeats_a_name(room->state))
        return refuse(request, "A name is repeated");
    return decode_place(request);
}

/* ---- Writing ---- */

static enum status decode_create(struct request *request)
{
    struct span create = request->members[MEMBER_CREATE];
    struct message_edit *edit = &request->message->edit;

    if (json_kind(create) != JSON_KIND_OBJECT)
        return refuse_op(request, "Create data must be an object");
    struct span type = json_member(create, "type");

    if (!span_present(type) || json_kind(type) != JSON_KIND_STRING)
        return refuse_op(request, "Missing create type");
    request->message->kind = MESSAGE_CREATE;
    edit->type = json_read_string(type, request->scratch);
    edit->data = json_member(create, "data");
    return json_repeats_a_name(create) ? refuse_op(request, "A name is repeated") : STATUS_OK;
}

static enum status decode_change(struct request *request)
{
    const struct span *members = request->members;
    struct message *message = request->message;

    if (request->has_op) {
        message->kind = MESSAGE_EDIT;
        message->edit.operation =
            span_present(members[MEMBER_OP]) ? members[MEMBER_OP] : SPAN("null");
        return json_repeats_a_name(message->edit.operation)
                   ? refuse_op(request, "A name is repeated")
                   : STATUS_OK;
    }
    if (span_present(members[MEMBER_CREATE]))
        return decode_create(request);
    message->kind = MESSAGE_DELETE;
    if (!span_present(members[MEMBER_DEL]))
        return refuse(request, "Invalid op message");
    if (json_kind(members[MEMBER_DEL]) != JSON_KIND_TRUE)
        return refuse_op(request, "del value must be true");
    return STATUS_OK;
}

/* Of an operation all but what it does. */
static enum status decode_submission(struct request *request)
{
    const struct span *members = request->members;
    struct message_edit *edit = &request->message->edit;
    enum status status = read_document(request);
    double seq;

    if (status != STATUS_OK)
        return status;
    if (!read_version(members[MEMBER_VERSION], &edit->base))
        return refuse(request, "Invalid version");
    if (!span_present(members[MEMBER_SEQ]))
        return refuse_op(request, "Both src and seq must be set together");
    if (json_kind(members[MEMBER_SEQ]) == JSON_KIND_NUMBER &&
        json_read_double(members[MEMBER_SEQ], &seq) && seq >= (double)JSON_INTEGER_MAX)
        return refuse_as(
            request, "ERR_CONNECTION_SEQ_INTEGER_OVERFLOW",
            "Connection seq has exceeded the max safe integer, maybe from being open for too long");
    if (!json_read_unsigned(members[MEMBER_SEQ], &edit->serial) || edit->serial == 0)
        return refuse(request, "Invalid seq");
    if (span_present(members[MEMBER_SOURCE])) {
        if (json_kind(members[MEMBER_SOURCE]) != JSON_KIND_STRING)
            return refuse_op(request, "src must be a string");
        edit->source = json_read_string(members[MEMBER_SOURCE], request->scratch);
    }
    return STATUS_OK;
}

static enum status decode_op(struct request *request)
{
    enum status status = decode_submission(request);

    return status == STATUS_OK ? decode_change(request) : status;
}

/* ---- The connection ---- */

static bool is_protocol(struct span value)
{
    return !span_present(value) || json_kind(value) == JSON_KIND_NUMBER ||
           json_kind(value) == JSON_KIND_STRING;
}

static enum status decode_handshake(struct request *request)
{
    struct span id = request->members[MEMBER_REQUEST];

    if (!is_protocol(request->members[MEMBER_PROTOCOL]) ||
        !is_protocol(request->members[MEMBER_PROTOCOL_MINOR]))
        return refuse(request, "Invalid protocol");
    if (span_present(id) && json_kind(id) == JSON_KIND_STRING)
        request->message->hello.resume = json_read_string(id, request->scratch);
    return STATUS_OK;
}

static enum status decode_ping(struct request *request)
{
    (void)request;
    return STATUS_OK;
}

static enum status decode_query(struct request *request)
{
    struct span id = request->members[MEMBER_REQUEST];

    if (!span_present(id) || json_kind(id) != JSON_KIND_NUMBER)
        return refuse(request, "Missing query ID");
    return refuse_as(request, "ERR_DATABASE_METHOD_NOT_IMPLEMENTED",
                     "This server has no queries: subscribe to the documents by their ids");
}

/* ---- All of them ---- */

static const struct {
    const char *action;
    enum message_kind kind;
    enum status (*decode)(struct request *request);
} actions[] = {
    {"op", MESSAGE_EDIT, decode_op},
    {"f", MESSAGE_FETCH, decode_one},
    {"s", MESSAGE_SUBSCRIBE, decode_one},
    {"u", MESSAGE_UNSUBSCRIBE, decode_one},
    {"bf", MESSAGE_FETCH, decode_several},
    {"bs", MESSAGE_SUBSCRIBE, decode_several},
    {"bu", MESSAGE_UNSUBSCRIBE, decode_several},
    {"hs", MESSAGE_HELLO, decode_handshake},
    {"nf", MESSAGE_READ, decode_at_version},
    {"nt", MESSAGE_READ, decode_at_time},
    {"p", MESSAGE_SHOW, decode_show},
    {"ps", MESSAGE_LISTEN, decode_channel},
    {"pu", MESSAGE_UNLISTEN, decode_channel},
    {"pr", MESSAGE_ASK, decode_channel},
    {"pp", MESSAGE_HEARTBEAT, decode_ping},
    {"qf", MESSAGE_HEARTBEAT, decode_query},
    {"qs", MESSAGE_HEARTBEAT, decode_query},
    {"qu", MESSAGE_HEARTBEAT, decode_query},
};

static enum status decode_action(struct request *request)
{
    struct span action = request->members[MEMBER_ACTION];

    if (span_present(action) && json_kind(action) == JSON_KIND_STRING)
        for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
            if (json_string_is(action, actions[i].action)) {
                request->message->kind = actions[i].kind;
                return actions[i].decode(request);
            }
    return refuse(request, "Invalid or unknown message");
}

static void find_members(struct request *request, struct span object)
{
    struct json_walk walk;
    struct span name;
    struct span value;

    json_walk_init(&walk, object);
    while (json_walk_member(&walk, &name, &value))
        for (size_t i = 0; i < MEMBERS; i++)
            if (json_string_is(name, names[i])) {
                bool null = json_kind(value) == JSON_KIND_NULL;

                request->members[i] = null ? SPAN_NONE : value;
                request->has_op = request->has_op || i == MEMBER_OP;
                break;
            }
}

/* ---- What may not be looked at, and still has to be answered ---- */

/* A client sends an operation again until it is answered: one that we would not even scan has to be
 * refused, or its client never gets anywhere. */
static enum status refuse_unfit(struct request *request, struct span *text, enum status reason)
{
    *text = sharedb_mend(*text, request->scratch);
    if (json_scan(*text, &generous_limits, NULL) != STATUS_OK)
        return reason;
    *text = json_value(*text);
    if (json_kind(*text) != JSON_KIND_OBJECT)
        return STATUS_PROTOCOL;
    return refuse_op(request, status_text(reason));
}

enum status sharedb_decode(struct span text, struct buffer *scratch, struct message *message,
                           struct sharedb_error *error)
{
    struct message decoded = {0};
    struct request request = {.scratch = scratch, .message = &decoded, .error = error};
    enum status status = json_scan(text, &json_limits_default, NULL);

    /* Room for every string, so that none moves when the next is read. */
    buffer_clear(scratch);
    if (status != STATUS_OK || memchr(text.data, '\\', text.size) != NULL)
        buffer_reserve(scratch, text.size + 1);
    if (status != STATUS_OK) {
        status = refuse_unfit(&request, &text, status);
    } else {
        text = json_value(text);
        if (json_kind(text) != JSON_KIND_OBJECT)
            return STATUS_PROTOCOL;
        find_members(&request, text);
        status = decode_action(&request);
    }
    decoded.request = text;
    if (status == STATUS_OK)
        *message = decoded;
    else
        message->request = text;
    return status;
}

/* ---- The beginning of what was too large ---- */

/* It submits an operation, and says of which document and under which number. */
static bool submits(const struct request *request)
{
    struct span action = request->members[MEMBER_ACTION];

    return span_present(action) && json_kind(action) == JSON_KIND_STRING &&
           json_string_is(action, "op") && span_present(request->members[MEMBER_COLLECTION]) &&
           span_present(request->members[MEMBER_ID]) && span_present(request->members[MEMBER_SEQ]);
}

enum status sharedb_decode_beginning(struct span beginning, struct buffer *scratch,
                                     struct message *message, struct sharedb_error *error)
{
    struct message decoded = {.kind = MESSAGE_EDIT};
    struct request request = {.scratch = scratch, .message = &decoded, .error = error};

    /* Room for the object and every string in it, so that none moves when the next is read. */
    buffer_clear(scratch);
    buffer_reserve(scratch, 2 * (beginning.size + 1));
    struct span text = sharedb_close(beginning, scratch);

    if (json_scan(text, &json_limits_default, NULL) != STATUS_OK)
        return STATUS_PROTOCOL;
    text = json_value(text);
    find_members(&request, text);
    if (!submits(&request))
        return STATUS_PROTOCOL;
    enum status status = decode_submission(&request);

    decoded.request = text;
    if (status == STATUS_OK)
        *message = decoded;
    else
        message->request = text;
    return status;
}
