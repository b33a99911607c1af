#include "protocol/api.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/limits.h"
#include "protocol/fields.h"
#include "protocol/url.h"

#define ROOT "/v1/documents/"

/* What a decoder of an action looks at. */
struct decoder {
    const struct api_input *input;
    struct api_request *request;
    struct fields fields; /* where the first fault sticks */
};

/* ---- The query ---- */

/* One of the parameters that an action knows. */
struct parameter {
    const char *name;
    const char *what; /* what is said of a value that it cannot have */
    uint64_t *value;
    uint64_t min;
    bool given;
};

#define AN_OPERATION "has to be the number of an operation"
#define A_TIME "has to be a time in whole milliseconds since 1970"

static void fail(struct decoder *decoder, const char *name, const char *what)
{
    if (decoder->fields.status == STATUS_OK)
        decoder->fields.status =
            fault_set(decoder->fields.fault, STATUS_MALFORMED_MESSAGE, "%s %s", name, what);
}

static void fail_unknown(struct decoder *decoder, struct span name)
{
    if (decoder->fields.status == STATUS_OK)
        decoder->fields.status =
            fault_set(decoder->fields.fault, STATUS_MALFORMED_MESSAGE,
                      "the query has a parameter that is not known here: %.*s", SPAN_PRINT(name));
}

static void read_parameter(struct decoder *decoder, struct span pair, struct parameter *parameters,
                           size_t count)
{
    struct span value = pair;
    struct span name = url_cut(&value, '=');

    for (size_t i = 0; i < count; i++) {
        struct parameter *parameter = &parameters[i];

        if (!span_equal(name, span_of_string(parameter->name)))
            continue;
        if (parameter->given)
            fail(decoder, parameter->name, "is given twice");
        parameter->given = true;
        if (!url_read_number(value, parameter->value) || *parameter->value < parameter->min)
            fail(decoder, parameter->name, parameter->what);
        return;
    }
    fail_unknown(decoder, name);
}

static void read_query(struct decoder *decoder, struct parameter *parameters, size_t count)
{
    struct span rest = decoder->input->query;

    while (rest.size > 0)
        read_parameter(decoder, url_cut(&rest, '&'), parameters, count);
}

/* ---- The actions ---- */

static void expect_no_body(struct decoder *decoder)
{
    read_query(decoder, NULL, 0);
    if (decoder->input->body.size > 0)
        fail(decoder, "the body", "has to be empty");
}

static void take_key(struct decoder *decoder)
{
    struct span key = decoder->input->key;

    if (!span_present(key) || key.size == 0)
        fail(decoder, "Idempotency-Key", "is missing");
    else if (key.size > LIMIT_KEY_BYTES)
        fail(decoder, "Idempotency-Key", "is too long");
    decoder->request->key = key;
}

/* The members of the body, which has to be an object. */
static void read_body(struct decoder *decoder, const char *const *names, struct span *found,
                      size_t count)
{
    struct fields *fields = &decoder->fields;
    struct span body = decoder->input->body;

    read_query(decoder, NULL, 0);
    for (size_t i = 0; i < count; i++)
        found[i] = SPAN_NONE;
    if (fields->status == STATUS_OK)
        fields->status = json_scan(body, &json_limits_default, fields->fault);
    if (fields->status != STATUS_OK)
        return;
    fields->message = "the body";
    fields_members(fields, json_value(body), names, found, count);
}

static void decode_read(struct decoder *decoder)
{
    struct api_request *request = decoder->request;
    struct parameter parameters[] = {
        {.name = "seq", .what = AN_OPERATION, .value = &request->seq},
        {.name = "time", .what = A_TIME, .value = &request->time_ms},
    };

    request->seq = UINT64_MAX;
    request->time_ms = UINT64_MAX;
    read_query(decoder, parameters, 2);
    if (parameters[0].given && parameters[1].given)
        fail(decoder, "the query", "has both seq and time");
}

static void decode_history(struct decoder *decoder)
{
    struct api_request *request = decoder->request;
    struct parameter parameters[] = {
        {.name = "from", .what = AN_OPERATION, .value = &request->from, .min = 1},
        {.name = "to", .what = AN_OPERATION, .value = &request->to, .min = 1},
    };

    request->from = 1;
    request->to = UINT64_MAX;
    read_query(decoder, parameters, 2);
}

static void decode_blame(struct decoder *decoder)
{
    struct api_request *request = decoder->request;
    struct parameter parameters[] = {
        {.name = "seq", .what = AN_OPERATION, .value = &request->seq},
        {.name = "from", .what = AN_OPERATION, .value = &request->from, .min = 1},
    };

    request->seq = UINT64_MAX;
    request->from = 1;
    read_query(decoder, parameters, 2);
}

/* The id of an event, EPOCH-SEQ. One that we did not give asks for everything anew. */
static void decode_events(struct decoder *decoder)
{
    struct api_request *request = decoder->request;
    struct span seq = decoder->input->last_event;
    struct span epoch = url_cut(&seq, '-');

    read_query(decoder, NULL, 0);
    if (!url_read_number(epoch, &request->last_epoch) || !url_read_number(seq, &request->last_seq))
        request->last_seq = request->last_epoch = 0;
}

static void decode_create(struct decoder *decoder)
{
    enum { TYPE, DATA, COUNT };
    static const char *const names[COUNT] = {"type", "data"};
    struct span found[COUNT];

    take_key(decoder);
    read_body(decoder, names, found, COUNT);
    decoder->request->type = fields_string(&decoder->fields, found[TYPE], "type");
    decoder->request->data = found[DATA];
}

static void decode_submit(struct decoder *decoder)
{
    enum { BASE, OPERATION, TYPE, CREATE, COUNT };
    static const char *const names[COUNT] = {"base", "operation", "type", "create"};
    struct span found[COUNT];
    struct fields *fields = &decoder->fields;
    struct api_request *request = decoder->request;

    take_key(decoder);
    read_body(decoder, names, found, COUNT);
    request->at_head = !span_present(found[BASE]);
    request->base = fields_member_unsigned(fields, found[BASE], "base");
    request->operation = found[OPERATION];
    request->type = fields_member_string(fields, found[TYPE], "type");
    request->create = fields_member_bool(fields, found[CREATE], "create");
    if (fields->status == STATUS_OK && !span_present(request->operation))
        fields_fail(fields, "operation is missing");
    if (request->create && !span_present(request->type))
        fields_fail(fields, "create needs a type");
    if (request->create && !request->at_head)
        fields_fail(fields, "create and base exclude each other");
}

static void decode_versions(struct decoder *decoder)
{
    read_query(decoder, NULL, 0);
}

/* {version, seq}: a name that has an end, a seq that is an entry's. */
static void read_version(struct decoder *decoder)
{
    enum { VERSION, SEQ, COUNT };
    static const char *const names[COUNT] = {"version", "seq"};
    struct span found[COUNT];
    struct api_request *request = decoder->request;

    read_body(decoder, names, found, COUNT);
    request->version = fields_member_string(&decoder->fields, found[VERSION], "version");
    request->seq = UINT64_MAX;
    request->time_ms = UINT64_MAX;
    if (span_present(found[SEQ]))
        request->seq = fields_unsigned(&decoder->fields, found[SEQ], "seq", 1);
    if (span_present(request->version) &&
        (request->version.size == 0 || request->version.size > LIMIT_VERSION_BYTES))
        fail(decoder, "version", "is empty or too long");
}

static void decode_name_version(struct decoder *decoder)
{
    read_version(decoder);
    if (!span_present(decoder->request->version))
        fail(decoder, "version", "is missing");
}

static void decode_restore(struct decoder *decoder)
{
    const struct api_request *request = decoder->request;

    take_key(decoder);
    read_version(decoder);
    if (span_present(request->version) == (request->seq != UINT64_MAX))
        fail(decoder, "the body", "has to have either seq or version");
}

static void decode_delete(struct decoder *decoder)
{
    take_key(decoder);
    expect_no_body(decoder);
}

/* ---- The path ---- */

struct action {
    const char *method;
    enum api_action action;
    void (*decode)(struct decoder *decoder);
};

/* What lies below a document: its name, and what may be done there. */
struct place {
    const char *name;
    const char *allow;
    struct action actions[3];
};

static const struct place places[] = {
    {"",
     "GET, HEAD, PUT, DELETE",
     {{"GET", API_READ, decode_read},
      {"PUT", API_CREATE, decode_create},
      {"DELETE", API_DELETE, decode_delete}}},
    {"blame", "GET, HEAD", {{"GET", API_BLAME, decode_blame}}},
    {"events", "GET, HEAD", {{"GET", API_EVENTS, decode_events}}},
    {"history", "GET, HEAD", {{"GET", API_HISTORY, decode_history}}},
    {"operations", "POST", {{"POST", API_SUBMIT, decode_submit}}},
    {"restore", "POST", {{"POST", API_RESTORE, decode_restore}}},
    {"versions",
     "GET, HEAD, POST",
     {{"GET", API_VERSIONS, decode_versions}, {"POST", API_NAME, decode_name_version}}},
};

static const struct place *find_place(struct span name)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (span_equal(name, span_of_string(places[i].name)))
            return &places[i];
    return NULL;
}

static const struct action *find_action(const struct place *place, struct span method)
{
    for (size_t i = 0; i < 3 && place->actions[i].method != NULL; i++)
        if (span_equal(method, span_of_string(place->actions[i].method)))
            return &place->actions[i];
    return NULL;
}

bool api_has_path(struct span path)
{
    struct span root = SPAN("/v1/");

    return path.size >= root.size && memcmp(path.data, root.data, root.size) == 0;
}

/* Bytes of names and strings of one request, so that none moves when the next is appended. */
static void reserve(struct buffer *scratch, const struct api_input *input)
{
    buffer_clear(scratch);
    buffer_reserve(scratch, input->path.size + input->body.size + 1);
}

enum status api_decode(const struct api_input *input, struct buffer *scratch,
                       struct api_request *request, const char **allow, struct fault *fault)
{
    struct span rest = input->path;
    struct span root = SPAN(ROOT);
    struct api_request decoded = {0};
    struct decoder decoder = {
        .input = input,
        .request = &decoded,
        .fields = {.message = "the request", .scratch = scratch, .fault = fault}};

    if (rest.size < root.size || memcmp(rest.data, root.data, root.size) != 0)
        return fault_set(fault, STATUS_NO_PATH, "%s", status_text(STATUS_NO_PATH));
    rest = span_of(rest.data + root.size, rest.size - root.size);
    struct span collection = url_cut(&rest, '/');
    struct span id = url_cut(&rest, '/');
    const struct place *place = find_place(rest);

    if (!span_present(id) || place == NULL || (span_present(rest) && rest.size == 0))
        return fault_set(fault, STATUS_NO_PATH, "%s", status_text(STATUS_NO_PATH));
    const struct action *action = find_action(place, input->method);

    if (action == NULL) {
        *allow = place->allow;
        return fault_set(fault, STATUS_WRONG_METHOD, "%s", status_text(STATUS_WRONG_METHOD));
    }
    reserve(scratch, input);
    decoder.fields.status = url_decode_name(collection, id, scratch, fault);
    decoded.name = buffer_span(scratch);
    decoded.action = action->action;
    if (decoder.fields.status == STATUS_OK)
        action->decode(&decoder);
    if (decoder.fields.status == STATUS_OK)
        *request = decoded;
    return decoder.fields.status;
}
