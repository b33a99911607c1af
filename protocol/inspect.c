#include "protocol/inspect.h"

#include <string.h>

#include "protocol/url.h"

static enum status no_path(struct fault *fault)
{
    return fault_set(fault, STATUS_NO_PATH, "%s", status_text(STATUS_NO_PATH));
}

/* The value of the one parameter that the view knows; absent when it was not given. */
static enum status read_query(struct span query, const char *name, struct span *value,
                              struct fault *fault)
{
    *value = SPAN_NONE;
    while (query.size > 0) {
        struct span given = url_cut(&query, '&');
        struct span given_name = url_cut(&given, '=');

        if (name == NULL || !span_equal(given_name, span_of_string(name)) || span_present(*value))
            return fault_set(fault, STATUS_MALFORMED_MESSAGE,
                             "the query has a parameter that is not known here, or twice");
        *value = span_present(given) ? given : SPAN("");
    }
    return STATUS_OK;
}

static enum status decode_documents(const struct inspect_input *input, struct buffer *scratch,
                                    struct inspect_request *request, struct fault *fault)
{
    struct span prefix;
    enum status status = read_query(input->query, "prefix", &prefix, fault);

    if (status == STATUS_OK && !url_decode_value(prefix, scratch))
        status =
            fault_set(fault, STATUS_MALFORMED_MESSAGE, "the query has a broken percent-encoding");
    request->view = INSPECT_DOCUMENTS;
    request->prefix = buffer_span(scratch);
    return status;
}

/* Of a browser that comes back, from behind the event that it saw last. */
static enum status decode_from(const struct inspect_input *input, struct inspect_request *request,
                               struct fault *fault)
{
    struct span from;
    enum status status = read_query(input->query, "from", &from, fault);

    if (status == STATUS_OK && span_present(from) &&
        (!url_read_number(from, &request->from) || request->from == 0))
        status = fault_set(fault, STATUS_MALFORMED_MESSAGE, "from has to be a seq");
    if (url_read_number(input->last_event, &request->from))
        request->from++;
    return status;
}

/* `rest` is what comes behind /api/documents/. */
static enum status decode_document(const struct inspect_input *input, struct span rest,
                                   struct buffer *scratch, struct inspect_request *request,
                                   struct fault *fault)
{
    struct span collection = url_cut(&rest, '/');
    struct span id = url_cut(&rest, '/');
    struct span unused;

    if (!span_present(id) || (span_present(rest) && !span_equal(rest, SPAN("log"))))
        return no_path(fault);
    enum status status = url_decode_name(collection, id, scratch, fault);

    if (status != STATUS_OK)
        return status;
    request->name = buffer_span(scratch);
    request->view = span_present(rest) ? INSPECT_LOG : INSPECT_DOCUMENT;
    if (request->view == INSPECT_LOG)
        return decode_from(input, request, fault);
    return read_query(input->query, NULL, &unused, fault);
}

enum status inspect_decode(const struct inspect_input *input, struct buffer *scratch,
                           struct inspect_request *request, struct fault *fault)
{
    struct span documents = SPAN("/api/documents/");
    struct span path = input->path;
    struct inspect_request decoded = {.view = INSPECT_SERVER};
    struct span unused;
    enum status status;

    buffer_clear(scratch);
    if (span_equal(path, SPAN("/api/server")))
        status = read_query(input->query, NULL, &unused, fault);
    else if (span_equal(path, SPAN("/api/documents")))
        status = decode_documents(input, scratch, &decoded, fault);
    else if (path.size >= documents.size && memcmp(path.data, documents.data, documents.size) == 0)
        status =
            decode_document(input, span_of(path.data + documents.size, path.size - documents.size),
                            scratch, &decoded, fault);
    else
        status = no_path(fault);
    if (status == STATUS_OK)
        *request = decoded;
    return status;
}
