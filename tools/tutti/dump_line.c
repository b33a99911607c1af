#include "tools/tutti/dump_line.h"

#include "base/json_scan.h"
#include "base/limits.h"
#include "protocol/fields.h"
#include "protocol/message.h"

enum member {
    MEMBER_COLLECTION,
    MEMBER_ID,
    MEMBER_VERSION,
    MEMBER_OP,
    MEMBER_CREATE,
    MEMBER_DEL,
    MEMBER_TYPE,
    MEMBER_DATA,
    MEMBER_SOURCE,
    MEMBER_SEQ,
    MEMBER_ABOUT,
    MEMBERS
};

static const char *const names[MEMBERS] = {
    [MEMBER_COLLECTION] = "c", [MEMBER_ID] = "d",          [MEMBER_VERSION] = "v",
    [MEMBER_OP] = "op",        [MEMBER_CREATE] = "create", [MEMBER_DEL] = "del",
    [MEMBER_TYPE] = "type",    [MEMBER_DATA] = "data",     [MEMBER_SOURCE] = "src",
    [MEMBER_SEQ] = "seq",      [MEMBER_ABOUT] = "m",
};

/* A line is an object around a document, and a few words. */
static const struct json_limits line_limits = {
    .depth = LIMIT_JSON_DEPTH + 2,
    .nodes = LIMIT_DOCUMENT_NODES + 64,
};
static const struct json_limits document_limits = {
    .depth = LIMIT_JSON_DEPTH,
    .nodes = LIMIT_DOCUMENT_NODES,
};

static bool is_said(struct span value)
{
    return span_present(value) && json_kind(value) != JSON_KIND_NULL;
}

static void read_name(struct fields *fields, const struct span *members, struct dump_line *line)
{
    struct span collection = fields_string(fields, members[MEMBER_COLLECTION], "c");
    struct span id = fields_string(fields, members[MEMBER_ID], "d");

    if (fields->status != STATUS_OK)
        return;
    if (memchr(collection.data, '/', collection.size) != NULL) {
        fields_fail(fields, "c has a slash");
        return;
    }
    buffer_clear(&line->name);
    message_join_name(&line->name, collection, id);
    line->document = buffer_span(&line->name);
    fields->status = message_check_name(line->document, fields->fault);
}

static void read_create(struct fields *fields, struct span create, struct dump_line *line)
{
    line->kind = DUMP_CREATE;
    if (json_kind(create) != JSON_KIND_OBJECT) {
        fields_fail(fields, "create is no object");
        return;
    }
    line->type = fields_string(fields, json_member(create, "type"), "create.type");
    line->data = json_member(create, "data");
}

static void read_operation(struct fields *fields, const struct span *members,
                           struct dump_line *line)
{
    struct span create = members[MEMBER_CREATE];

    line->kind = DUMP_NOTHING;
    line->operation = members[MEMBER_OP];
    if (is_said(create) + is_said(members[MEMBER_OP]) + is_said(members[MEMBER_DEL]) > 1)
        fields_fail(fields, "only one of op, create and del can be");
    else if (is_said(create))
        read_create(fields, create, line);
    else if (is_said(members[MEMBER_OP]))
        line->kind = DUMP_EDIT;
    else if (is_said(members[MEMBER_DEL]))
        line->kind = DUMP_DELETE;
    if (is_said(members[MEMBER_SOURCE]))
        line->source = fields_string(fields, members[MEMBER_SOURCE], "src");
    if (is_said(members[MEMBER_SEQ]))
        line->serial = fields_unsigned(fields, members[MEMBER_SEQ], "seq", 0);
}

static void read_snapshot(struct fields *fields, const struct span *members, struct dump_line *line)
{
    line->kind = DUMP_SNAPSHOT;
    if (is_said(members[MEMBER_OP]) || is_said(members[MEMBER_CREATE]) ||
        is_said(members[MEMBER_DEL]))
        fields_fail(fields, "a snapshot has no op, create or del");
    if (line->version == 0)
        fields_fail(fields, "a snapshot is of version 1 or a later one");
    if (!is_said(members[MEMBER_TYPE]))
        return;
    line->type = fields_string(fields, members[MEMBER_TYPE], "type");
    line->data = members[MEMBER_DATA];
}

static void read_time(struct fields *fields, struct span about, const char *name,
                      struct dump_line *line)
{
    if (!is_said(about) || json_kind(about) != JSON_KIND_OBJECT)
        return;
    struct span time = json_member(about, name);
    double time_ms = 0;

    if (!is_said(time))
        return;
    if (json_kind(time) != JSON_KIND_NUMBER || !json_read_double(time, &time_ms) || time_ms < 0 ||
        time_ms > (double)JSON_INTEGER_MAX)
        fields_fail(fields, "the time in m is no count of milliseconds");
    else
        line->time_ms = (uint64_t)time_ms;
}

/* What the server reads of its log later, it reads within the limits of a message. */
static enum status check_limits(const struct dump_line *line, struct fault *fault)
{
    enum status status = STATUS_OK;

    if (line->kind == DUMP_EDIT)
        status = json_scan(line->operation, &json_limits_default, fault);
    else if (span_present(line->data))
        status = json_scan(
            line->data, line->kind == DUMP_CREATE ? &json_limits_default : &document_limits, fault);
    return status;
}

enum status dump_line_read(struct dump_line *line, struct span text, struct fault *fault)
{
    struct fields fields = {.message = "line", .scratch = &line->strings, .fault = fault};
    struct span members[MEMBERS];
    enum status status = json_scan(text, &line_limits, fault);

    if (status != STATUS_OK)
        return status;
    text = json_value(text);
    if (json_kind(text) != JSON_KIND_OBJECT)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "it is no object");
    *line = (struct dump_line){.name = line->name, .strings = line->strings};
    fields_reserve(&fields, text);
    fields_members(&fields, text, names, members, MEMBERS);
    read_name(&fields, members, line);
    line->version = fields_unsigned(&fields, members[MEMBER_VERSION], "v", 0);
    if (span_present(members[MEMBER_TYPE]))
        read_snapshot(&fields, members, line);
    else
        read_operation(&fields, members, line);
    read_time(&fields, members[MEMBER_ABOUT], line->kind == DUMP_SNAPSHOT ? "mtime" : "ts", line);
    return fields.status == STATUS_OK ? check_limits(line, fault) : fields.status;
}

void dump_line_finish(struct dump_line *line)
{
    buffer_finish(&line->name);
    buffer_finish(&line->strings);
}
