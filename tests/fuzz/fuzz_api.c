/* Any bytes as a request of the API: six lines (method, path, query, key, Last-Event-ID, body), of
 * which those that do not come are absent. What is accepted keeps its promises. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/limits.h"
#include "base/memory.h"
#include "protocol/api.h"
#include "protocol/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span next_line(struct span *rest)
{
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    struct span line = *rest;

    if (end == NULL) {
        *rest = SPAN_NONE;
        return line;
    }
    line.size = (size_t)(end - rest->data);
    *rest = span_of(end + 1, rest->size - line.size - 1);
    return line;
}

static bool writes(enum api_action action)
{
    return action == API_CREATE || action == API_DELETE || action == API_SUBMIT ||
           action == API_RESTORE;
}

static void check(const struct api_request *request)
{
    struct fault fault;

    must(message_check_name(request->name, &fault) == STATUS_OK);
    must(request->action != API_HISTORY || (request->from > 0 && request->to > 0));
    must(request->last_seq <= JSON_INTEGER_MAX && request->last_epoch <= JSON_INTEGER_MAX);
    if (writes(request->action))
        must(request->key.size > 0 && request->key.size <= LIMIT_KEY_BYTES);
    if (request->action == API_SUBMIT) {
        must(json_scan(request->operation, &json_limits_default, &fault) == STATUS_OK);
        must(!json_repeats_a_name(request->operation));
        must(!request->create || span_present(request->type));
    }
    if (request->action == API_CREATE && span_present(request->data))
        must(json_scan(request->data, &json_limits_default, &fault) == STATUS_OK);
    if (request->action == API_RESTORE)
        must(span_present(request->version) != (request->seq != UINT64_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own block of the exact size, so that a read behind it is seen. */
    uint8_t *copy = memory_copy(data, size);
    struct span rest = span_of(copy, size);
    struct buffer scratch = {0};
    struct api_input input = {.method = next_line(&rest), .path = next_line(&rest)};
    struct api_request request;
    const char *allow = NULL;
    struct fault fault = {""};

    input.query = next_line(&rest);
    input.key = next_line(&rest);
    input.last_event = next_line(&rest);
    input.body = rest;
    enum status status = api_decode(&input, &scratch, &request, &allow, &fault);

    if (status == STATUS_OK)
        check(&request);
    else
        must(fault.text[0] != '\0' && (status == STATUS_WRONG_METHOD) == (allow != NULL));
    buffer_finish(&scratch);
    memory_free(copy);
    return 0;
}
