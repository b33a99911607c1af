#include "tools/replay/rerun.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/limits.h"
#include "base/memory.h"

/* Bytes of a message or of a write that are shown. */
enum { SHOWN_BYTES = 400 };

/* ---- The store of the first run ---- */

static void rerun_submit(struct store *store, struct store_request *request)
{
    struct rerun *rerun = container_of(store, struct rerun, store);
    struct store_request **last = &rerun->pending;

    while (*last != NULL)
        last = &(*last)->next;
    request->next = NULL;
    *last = request;
}

static size_t rerun_poll(struct store *store)
{
    (void)store; /* the records say when something comes back */
    return 0;
}

static void rerun_destroy(struct store *store)
{
    (void)store;
}

static const struct store_ops rerun_ops = {
    .submit = rerun_submit, .poll = rerun_poll, .destroy = rerun_destroy};

static struct store_request *take_pending(struct rerun *rerun, uint64_t number)
{
    struct store_request **at = &rerun->pending;

    while (*at != NULL && (*at)->number != number)
        at = &(*at)->next;
    struct store_request *request = *at;

    if (request != NULL)
        *at = request->next;
    return request;
}

/* ---- The end ---- */

static void stop(struct rerun *rerun, enum rerun_end end, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void stop(struct rerun *rerun, enum rerun_end end, const char *format, ...)
{
    struct buffer text = {0};
    va_list values;

    va_start(values, format);
    buffer_append_values(&text, format, values);
    va_end(values);
    rerun->end = end;
    fault_set(&rerun->fault, STATUS_CORRUPT, "record %" PRIu64 ": %.*s", rerun->records,
              SPAN_PRINT(buffer_span(&text)));
    buffer_finish(&text);
}

/* Nobody asks for what comes now: the hub only has to let go of what is in flight. */
static void finish(struct rerun *rerun)
{
    struct rerun_link *link;
    struct rerun_link *next;

    while (rerun->pending != NULL) {
        struct store_request *request = rerun->pending;

        rerun->pending = request->next;
        request->status = STATUS_AWAY;
        request->done(request);
    }
    if (rerun->hub != NULL)
        hub_destroy(rerun->hub);
    HASH_ITER (hh, rerun->links, link, next) {
        HASH_DEL(rerun->links, link);
        memory_free(link);
    }
    memory_free(rerun->node);
    rerun->hub = NULL;
    rerun->node = NULL;
}

/* ---- Records ---- */

static void begin(struct rerun *rerun, const struct capture_record *record)
{
    struct hub_config config = record->config;

    if (rerun->hub != NULL) {
        stop(rerun, RERUN_DAMAGED, "a second beginning");
        return;
    }
    rerun->node = memory_zeroed(record->text.size + 1, 1);
    if (record->text.size > 0)
        memcpy(rerun->node, record->text.data, record->text.size);
    config.node = rerun->node;
    rerun->hub = hub_create(&config, &rerun->store);
}

static struct rerun_link *find_link(struct rerun *rerun, uint64_t number)
{
    struct rerun_link *link = NULL;

    HASH_FIND(hh, rerun->links, &number, sizeof(number), link);
    if (link == NULL)
        stop(rerun, RERUN_DIFFERS, "link %" PRIu64 " is not there in this run", number);
    return link;
}

static void connect(struct rerun *rerun, const struct capture_record *record)
{
    struct rerun_link *link;

    if (record->number >= DIALECT_COUNT) {
        stop(rerun, RERUN_DAMAGED, "a dialect that this build does not know");
        return;
    }
    link = memory_zeroed(1, sizeof(*link));
    link->number = record->link;
    link->link = hub_connect(rerun->hub, (enum dialect_kind)record->number, record->text, link,
                             record->now_ms);
    HASH_ADD(hh, rerun->links, number, sizeof(link->number), link);
}

static void disconnect(struct rerun *rerun, struct rerun_link *link)
{
    link_disconnect(link->link);
    HASH_DEL(rerun->links, link);
    memory_free(link);
}

static void break_link(struct rerun_link *link, const struct capture_record *record)
{
    struct buffer reason = {0};

    buffer_append(&reason, record->text);
    buffer_append_byte(&reason, 0);
    link_break(link->link, (uint16_t)record->number, (const char *)reason.data);
    buffer_finish(&reason);
}

static void compare_next(struct rerun *rerun, const struct capture_record *record)
{
    struct link *named = hub_next_output(rerun->hub);
    const struct rerun_link *link = named != NULL ? link_context(named) : NULL;

    if (link == NULL)
        stop(rerun, RERUN_DIFFERS, "link %" PRIu64 " had something to write, and has nothing",
             record->link);
    else if (link->number != record->link)
        stop(rerun, RERUN_DIFFERS,
             "link %" PRIu64 " had something to write, and it is link %" PRIu64, record->link,
             link->number);
}

static void append_shown(struct buffer *out, struct span bytes)
{
    for (size_t i = 0; i < bytes.size && i < SHOWN_BYTES; i++) {
        uint8_t byte = bytes.data[i];

        if (byte >= 0x20 && byte < 0x7F)
            buffer_append_byte(out, byte);
        else
            buffer_append_format(out, "\\x%02x", byte);
    }
    if (bytes.size > SHOWN_BYTES)
        buffer_append_text(out, " …");
}

static void compare_written(struct rerun *rerun, struct rerun_link *link,
                            const struct capture_record *record)
{
    struct span spans[LIMIT_WRITE_SPANS];
    size_t count = link_output(link->link, spans, LIMIT_WRITE_SPANS);
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += spans[i].size;
    if (record->number <= size && capture_hash(spans, count, record->number) == record->hash) {
        rerun->writes++;
        rerun->bytes += record->number;
        link_written(link->link, (size_t)record->number, record->now_ms);
        return;
    }
    struct buffer shown = {0};

    for (size_t i = 0; i < count && shown.size < SHOWN_BYTES; i++)
        append_shown(&shown, spans[i]);
    stop(rerun, RERUN_DIFFERS,
         "link %" PRIu64 " was written %" PRIu64 " bytes that are not what this run has for it, "
         "%zu bytes: %.*s",
         record->link, record->number, size, SPAN_PRINT(buffer_span(&shown)));
    buffer_finish(&shown);
}

static void give_back(struct rerun *rerun, const struct capture_record *record)
{
    struct store_request *request = take_pending(rerun, record->number);
    struct archive archive = {.in = record->text, .arena = store_arena_create()};

    if (request == NULL) {
        store_arena_destroy(archive.arena);
        stop(rerun, RERUN_DIFFERS, "request %" PRIu64 " came back, and was not made in this run",
             record->number);
        return;
    }
    capture_describe_outcome(&archive, request);
    bool taken = request->status == STATUS_OK &&
                 (request->call == STORE_LOAD || request->call == STORE_SINCE ||
                  request->call == STORE_SESSION || request->call == STORE_VERSIONS);

    if (!taken)
        store_arena_destroy(archive.arena);
    if (archive.failed || archive.in.size > 0)
        stop(rerun, RERUN_DIFFERS, "request %" PRIu64 " was another one in this run",
             record->number);
    else if (rerun->returned != NULL && request->status == STATUS_OK)
        rerun->returned(rerun, request);
    request->done(request);
}

static void run_on_link(struct rerun *rerun, const struct capture_record *record)
{
    struct rerun_link *link = find_link(rerun, record->link);

    if (link == NULL)
        return;
    switch ((enum capture_kind)record->kind) {
    case CAPTURE_RECEIVE:
        link_receive(link->link, record->text, record->now_ms);
        break;
    case CAPTURE_BREAK:
        break_link(link, record);
        break;
    case CAPTURE_DISCONNECT:
        disconnect(rerun, link);
        break;
    case CAPTURE_WRITTEN:
        compare_written(rerun, link, record);
        break;
    default:
        must(false);
    }
}

static void run_one(struct rerun *rerun, const struct capture_record *record)
{
    if ((rerun->hub == NULL) != (record->kind == CAPTURE_BEGIN)) {
        stop(rerun, RERUN_DAMAGED, "a capture begins with its beginning, and has one");
        return;
    }
    switch ((enum capture_kind)record->kind) {
    case CAPTURE_BEGIN:
        begin(rerun, record);
        break;
    case CAPTURE_CONNECT:
        connect(rerun, record);
        break;
    case CAPTURE_NEXT:
        compare_next(rerun, record);
        break;
    case CAPTURE_TURN:
        hub_turn(rerun->hub, record->now_ms);
        break;
    case CAPTURE_DELIVER:
        hub_deliver(rerun->hub, record->now_ms);
        break;
    case CAPTURE_RETURNED:
        give_back(rerun, record);
        break;
    case CAPTURE_SHUTDOWN:
        hub_shutdown(rerun->hub, record->now_ms);
        break;
    case CAPTURE_GOODBYE:
        hub_say_goodbye(rerun->hub, record->now_ms);
        break;
    default:
        run_on_link(rerun, record);
        break;
    }
}

/* The next record; false at the end, whichever it is. */
static bool read_one(struct rerun *rerun, struct span *capture, struct capture_record *record)
{
    switch (capture_read(capture, rerun->records, &rerun->now_ms, record, &rerun->fault)) {
    case STATUS_OK:
        return record->kind != CAPTURE_END;
    case STATUS_MORE:
        rerun->end = RERUN_CUT_OFF;
        return false;
    default:
        rerun->end = RERUN_DAMAGED;
        return false;
    }
}

void rerun_run(struct rerun *rerun, struct span capture)
{
    struct capture_record record;
    struct span magic = SPAN(CAPTURE_MAGIC);

    rerun->store.ops = &rerun_ops;
    if (capture.size < magic.size || !span_equal(span_of(capture.data, magic.size), magic)) {
        rerun->end = RERUN_DAMAGED;
        fault_set(&rerun->fault, STATUS_CORRUPT, "this is not a capture");
        return;
    }
    capture = span_of(capture.data + magic.size, capture.size - magic.size);
    while (rerun->end == RERUN_WHOLE && read_one(rerun, &capture, &record)) {
        if (rerun->tell != NULL)
            rerun->tell(rerun, &record);
        run_one(rerun, &record);
        rerun->records++;
    }
    finish(rerun);
}

/* ---- In words ---- */

void rerun_describe(const struct capture_record *record, struct buffer *out)
{
    static const char *const kinds[CAPTURE_KIND_COUNT] = {
        [CAPTURE_BEGIN] = "the server begins as",
        [CAPTURE_CONNECT] = "connects",
        [CAPTURE_RECEIVE] = "says",
        [CAPTURE_BREAK] = "breaks the protocol",
        [CAPTURE_DISCONNECT] = "is gone",
        [CAPTURE_NEXT] = "has something to read",
        [CAPTURE_WRITTEN] = "is written",
        [CAPTURE_TURN] = "turn",
        [CAPTURE_DELIVER] = "deliver",
        [CAPTURE_RETURNED] = "the store answers",
        [CAPTURE_SHUTDOWN] = "shutdown",
        [CAPTURE_GOODBYE] = "goodbye",
    };

    if (record->link > 0)
        buffer_append_format(out, "link %" PRIu64 " ", record->link);
    buffer_append_text(out, kinds[record->kind]);
    if (record->kind == CAPTURE_WRITTEN)
        buffer_append_format(out, " %" PRIu64 " bytes", record->number);
    else if (record->kind == CAPTURE_RETURNED)
        buffer_append_format(out, " request %" PRIu64, record->number);
    else if (record->text.size > 0) {
        buffer_append_byte(out, ' ');
        append_shown(out, record->text);
    }
}
