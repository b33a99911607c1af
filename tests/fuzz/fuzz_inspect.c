/* Any bytes as a request of the inspector: three lines (path, query, Last-Event-ID), of which those
 * that do not come are absent. What is accepted keeps its promises. */
#include <stddef.h>
#include <stdint.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "protocol/inspect.h"
#include "protocol/message.h"
#include "protocol/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own block of the exact size, so that a read behind it is seen. */
    uint8_t *copy = memory_copy(data, size);
    struct span rest = span_of(copy, size);
    struct buffer scratch = {0};
    struct inspect_input input = {.path = url_cut(&rest, '\n')};
    struct inspect_request request;
    struct fault fault = {""};

    input.query = url_cut(&rest, '\n');
    input.last_event = rest;
    enum status status = inspect_decode(&input, &scratch, &request, &fault);

    if (status != STATUS_OK)
        must(fault.text[0] != '\0');
    else if (request.view == INSPECT_DOCUMENT || request.view == INSPECT_LOG)
        must(message_check_name(request.name, &fault) == STATUS_OK);
    else
        must(request.from == 0);
    must(status != STATUS_OK || request.from <= JSON_INTEGER_MAX + 1);
    buffer_finish(&scratch);
    memory_free(copy);
    return 0;
}
