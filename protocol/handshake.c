#include "protocol/handshake.h"

#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"

/* RFC 6455, section 1.3: proves that the answer is from somebody who speaks WebSocket. */
#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

enum { KEY_TEXT_SIZE = 24 }; /* 16 bytes in base64, with their padding */

/* ---- Header values ---- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static struct span trim(struct span text)
{
    while (text.size > 0 && is_blank(text.data[0]))
        text = span_of(text.data + 1, text.size - 1);
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

/* What stands before the first `separator`, which is dropped; `rest` keeps what follows. */
static struct span cut(struct span *rest, char separator)
{
    const uint8_t *found = rest->size > 0 ? memchr(rest->data, separator, rest->size) : NULL;
    struct span piece = *rest;

    if (found == NULL) {
        *rest = span_of(piece.data + piece.size, 0);
        return piece;
    }
    piece.size = (size_t)(found - piece.data);
    *rest = span_of(found + 1, rest->size - piece.size - 1);
    return piece;
}

typedef bool (*equal_fn)(struct span a, struct span b);

/* Is `token` one of the list's, which are parted by commas? */
static bool list_has(struct span list, struct span token, equal_fn equal)
{
    while (list.size > 0)
        if (equal(trim(cut(&list, ',')), token))
            return true;
    return false;
}

/* Is it base64 of exactly 16 bytes? Of the last digit four bits are not used and have to be 0. */
static bool key_valid(struct span key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t digit = 0;

    if (key.size != KEY_TEXT_SIZE || memcmp(key.data + KEY_TEXT_SIZE - 2, "==", 2) != 0)
        return false;
    for (size_t i = 0; i < KEY_TEXT_SIZE - 2; i++) {
        const char *found = memchr(digits, key.data[i], sizeof(digits) - 1);

        if (found == NULL)
            return false;
        digit = (size_t)(found - digits);
    }
    return digit % 16 == 0;
}

static void compute_accept(struct span key, uint8_t out[HANDSHAKE_ACCEPT_SIZE])
{
    struct buffer text = {0};
    uint8_t digest[HASH_SHA1_SIZE];

    buffer_append(&text, key);
    buffer_append_text(&text, ACCEPT_SUFFIX);
    hash_sha1(buffer_span(&text), digest);
    buffer_clear(&text);
    base64_write(&text, span_of(digest, sizeof(digest)));
    must(text.size == HANDSHAKE_ACCEPT_SIZE);
    memcpy(out, text.data, text.size);
    buffer_finish(&text);
}

/* ---- The server's side ---- */

bool handshake_wanted(const struct handshake_request *request)
{
    return list_has(request->upgrade, SPAN("websocket"), span_equal_without_case);
}

static int refuse(int code, const char *text, struct fault *fault)
{
    (void)fault_set(fault, STATUS_PROTOCOL, "%s", text);
    return code;
}

/* The code of the answer. */
static int judge(const struct handshake_request *request, const struct origins *origins,
                 struct fault *fault)
{
    if (!span_equal(request->method, SPAN("GET")))
        return refuse(400, "a WebSocket begins with GET", fault);
    if (trim(request->host).size == 0)
        return refuse(400, "the Host header is missing", fault);
    if (!handshake_wanted(request))
        return refuse(400, "the Upgrade header does not say websocket", fault);
    if (!list_has(request->connection, SPAN("upgrade"), span_equal_without_case))
        return refuse(400, "the Connection header does not say Upgrade", fault);
    if (!span_equal(trim(request->version), SPAN(HANDSHAKE_VERSION)))
        return refuse(426, "Sec-WebSocket-Version has to be " HANDSHAKE_VERSION, fault);
    if (!key_valid(trim(request->key)))
        return refuse(400, "Sec-WebSocket-Key has to be 16 bytes in base64", fault);
    if (!origin_is_allowed(trim(request->origin), trim(request->host), origins))
        return refuse(403, "pages of this origin may not connect", fault);
    return 101;
}

void handshake_check(const struct handshake_request *request, const struct origins *origins,
                     struct handshake_answer *answer, struct fault *fault)
{
    *answer = (struct handshake_answer){
        .code = judge(request, origins, fault),
    };
    if (answer->code != 101)
        return;
    if (list_has(request->protocols, SPAN(HANDSHAKE_SUBPROTOCOL), span_equal))
        answer->subprotocol = HANDSHAKE_SUBPROTOCOL;
    compute_accept(trim(request->key), answer->accept);
}

void handshake_response(struct buffer *out, const struct handshake_answer *answer)
{
    must(answer->code == 101);
    buffer_append_text(out, "HTTP/1.1 101 Switching Protocols\r\n"
                            "Upgrade: websocket\r\n"
                            "Connection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: ");
    buffer_append(out, span_of(answer->accept, sizeof(answer->accept)));
    if (answer->subprotocol != NULL) {
        buffer_append_text(out, "\r\nSec-WebSocket-Protocol: ");
        buffer_append_text(out, answer->subprotocol);
    }
    buffer_append_text(out, "\r\n\r\n");
}

/* ---- The client's side ---- */

void handshake_write_request(struct buffer *out, const char *host, const char *path,
                             struct span key)
{
    buffer_append_format(out,
                         "GET %s HTTP/1.1\r\n"
                         "Host: %s\r\n"
                         "Upgrade: websocket\r\n"
                         "Connection: Upgrade\r\n"
                         "Sec-WebSocket-Version: " HANDSHAKE_VERSION "\r\n"
                         "Sec-WebSocket-Protocol: " HANDSHAKE_SUBPROTOCOL "\r\n"
                         "Sec-WebSocket-Key: ",
                         path, host);
    buffer_append(out, key);
    buffer_append_text(out, "\r\n\r\n");
}

/* The next line of a head, without its end. */
static struct span next_line(struct span *head)
{
    struct span line = cut(head, '\n');

    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

/* The value of a header, absent when it is not there; `lines` follow the status line. */
static struct span header_value(struct span lines, struct span name)
{
    while (lines.size > 0) {
        struct span value = next_line(&lines);

        if (span_equal_without_case(cut(&value, ':'), name))
            return trim(value);
    }
    return SPAN_NONE;
}

enum status handshake_check_response(struct span head, struct span key, struct fault *fault)
{
    struct span start = SPAN("HTTP/1.1 101");
    uint8_t accept[HANDSHAKE_ACCEPT_SIZE];
    struct span lines = head;
    struct span line = next_line(&lines);

    if (line.size < start.size || memcmp(line.data, start.data, start.size) != 0 ||
        (line.size > start.size && line.data[start.size] != ' '))
        return fault_set(fault, STATUS_PROTOCOL, "the server did not switch protocols");
    if (!list_has(header_value(lines, SPAN("Upgrade")), SPAN("websocket"), span_equal_without_case))
        return fault_set(fault, STATUS_PROTOCOL, "the Upgrade header does not say websocket");
    if (!list_has(header_value(lines, SPAN("Connection")), SPAN("upgrade"),
                  span_equal_without_case))
        return fault_set(fault, STATUS_PROTOCOL, "the Connection header does not say Upgrade");
    compute_accept(key, accept);
    if (!span_equal(header_value(lines, SPAN("Sec-WebSocket-Accept")),
                    span_of(accept, sizeof(accept))))
        return fault_set(fault, STATUS_PROTOCOL, "Sec-WebSocket-Accept does not fit the key");
    if (span_present(header_value(lines, SPAN("Sec-WebSocket-Extensions"))))
        return fault_set(fault, STATUS_PROTOCOL, "an extension that was not asked for");

    struct span protocol = header_value(lines, SPAN("Sec-WebSocket-Protocol"));
    if (span_present(protocol) && !span_equal(protocol, SPAN(HANDSHAKE_SUBPROTOCOL)))
        return fault_set(fault, STATUS_PROTOCOL, "a subprotocol that was not asked for");
    return STATUS_OK;
}
