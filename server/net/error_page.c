#include "server/net/error_page.h"

#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/buffer.h"
#include "base/must.h"
#include "base/status.h"
#include "protocol/api.h"

/* How its pages begin, behind a head of a few lines. No page of ours does. */
static const char page_start[] = "\r\n\r\n<HTML><HEAD>\n<TITLE>";
enum {
    PAGE_START_SIZE = sizeof(page_start) - 1,
    HEAD_BYTES_MAX = 1024,
    LINE_SIZE = 80,
    CODE_AT = 9
};

static const struct {
    const char *code; /* of HTTP; the last one stands for any other */
    enum status status;
    const char *text;
} refusals[] = {
    {"413", STATUS_TOO_LARGE, "the body is larger than the limit"},
    {"501", STATUS_WRONG_METHOD, "this method is not known here"},
    {"400", STATUS_MALFORMED_MESSAGE, "this is no HTTP request"},
};

static bool has_page(struct evbuffer *output)
{
    struct evbuffer_ptr end;
    size_t size = evbuffer_get_length(output);

    must(evbuffer_ptr_set(output, &end, size < HEAD_BYTES_MAX ? size : HEAD_BYTES_MAX,
                          EVBUFFER_PTR_SET) == 0);
    return evbuffer_search_range(output, page_start, PAGE_START_SIZE, NULL, &end).pos >= 0;
}

/* "HTTP/1.1 413 Request Entity Too Large"; what does not fit is left out. */
static void copy_line(struct evbuffer *output, char line[LINE_SIZE])
{
    struct evbuffer_ptr end = evbuffer_search_eol(output, NULL, NULL, EVBUFFER_EOL_CRLF);

    must(end.pos >= CODE_AT);
    size_t size = (size_t)end.pos < LINE_SIZE ? (size_t)end.pos : LINE_SIZE - 1;

    must(evbuffer_copyout(output, line, size) == (ssize_t)size);
    line[size] = '\0';
}

static size_t find_refusal(const char *line)
{
    const size_t last = sizeof(refusals) / sizeof(refusals[0]) - 1;
    size_t at = 0;

    while (at < last && strncmp(line + CODE_AT, refusals[at].code, 3) != 0)
        at++;
    return at;
}

static void write_answer(struct buffer *out, const char *line)
{
    struct buffer json = {0};
    size_t at = find_refusal(line);

    api_write_error(&json, status_code(refusals[at].status), refusals[at].text);
    buffer_append_text(out, line);
    buffer_append_format(out,
                         "\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                         "Connection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n",
                         json.size);
    buffer_append(out, buffer_span(&json));
    buffer_finish(&json);
}

static void on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *context)
{
    struct buffer answer = {0};
    char line[LINE_SIZE];

    (void)context;
    if (info->n_added == 0 || !has_page(output))
        return;
    copy_line(output, line);
    write_answer(&answer, line);
    must(evbuffer_drain(output, evbuffer_get_length(output)) == 0);
    must(evbuffer_add(output, answer.data, answer.size) == 0);
    buffer_finish(&answer);
}

void error_page_replace(struct bufferevent *connection)
{
    must(evbuffer_add_cb(bufferevent_get_output(connection), on_output, NULL) != NULL);
}
