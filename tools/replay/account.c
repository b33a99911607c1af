#include "tools/replay/account.h"

#include <inttypes.h>
#include <time.h>

#include "base/json_write.h"
#include "ot/tie.h"

/* Bytes of the content that are shown around what changed, and in all. */
enum { AROUND_BYTES = 60, EXCERPT_BYTES_MAX = 400 };

static void encode(const struct state *state, struct buffer *out)
{
    if (state->type != NULL)
        state->type->encode(state->content, out);
}

enum status account_make(struct account *account, struct walk *walk,
                         const struct derivation *derivation, struct fault *fault)
{
    *account = (struct account){.derivation = derivation};
    encode(&walk->state, &account->before);
    enum status status = walk_step(walk, fault);

    if (status == STATUS_OK)
        encode(&walk->state, &account->after);
    return status;
}

void account_finish(struct account *account)
{
    buffer_finish(&account->before);
    buffer_finish(&account->after);
}

/* ---- What changed ---- */

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Where two contents begin to differ, and how many bytes at their ends are equal again. */
struct change {
    size_t prefix;
    size_t suffix;
};

static struct change find_change(struct span a, struct span b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    struct change change = {0};

    while (change.prefix < shorter && a.data[change.prefix] == b.data[change.prefix])
        change.prefix++;
    while (change.suffix < shorter - change.prefix &&
           a.data[a.size - 1 - change.suffix] == b.data[b.size - 1 - change.suffix])
        change.suffix++;
    return change;
}

/* The part of a content around the change, cut at code points. */
static struct span excerpt(struct span content, struct change change, bool *cut_front,
                           bool *cut_back)
{
    size_t begin = change.prefix > AROUND_BYTES ? change.prefix - AROUND_BYTES : 0;
    size_t end = content.size - (change.suffix > AROUND_BYTES ? change.suffix - AROUND_BYTES : 0);

    if (end - begin > EXCERPT_BYTES_MAX)
        end = begin + EXCERPT_BYTES_MAX;
    while (begin > 0 && is_continuation(content.data[begin]))
        begin--;
    while (end < content.size && is_continuation(content.data[end]))
        end++;
    *cut_front = begin > 0;
    *cut_back = end < content.size;
    return span_of(content.data + begin, end - begin);
}

static void append_excerpt(struct buffer *out, const struct buffer *content, struct change change)
{
    bool cut_front;
    bool cut_back;
    struct span shown = excerpt(buffer_span(content), change, &cut_front, &cut_back);

    if (cut_front)
        buffer_append_text(out, "…");
    buffer_append(out, shown);
    if (cut_back)
        buffer_append_text(out, "…");
}

/* ---- JSON ---- */

static const char *side_text(enum side side)
{
    return side == SIDE_FIRST ? "first" : "second";
}

/* An operation of the log is JSON already; of a deletion there is none. */
static void member_operation(struct buffer *out, const char *name, struct span operation)
{
    buffer_append_format(out, ",\"%s\":", name);
    if (operation.size > 0)
        buffer_append(out, operation);
    else
        buffer_append_text(out, "null");
}

static void member_content(struct buffer *out, const char *name, const struct buffer *content,
                           struct change change)
{
    struct buffer shown = {0};

    buffer_append_format(out, ",\"%s\":", name);
    if (content->size == 0) {
        buffer_append_text(out, "null");
        return;
    }
    append_excerpt(&shown, content, change);
    json_write_string(out, buffer_span(&shown));
    buffer_finish(&shown);
}

static void append_steps(struct buffer *out, const struct derivation *derivation)
{
    buffer_append_text(out, ",\"passed\":[");
    for (size_t i = 0; i < derivation->count; i++) {
        const struct derivation_step *step = &derivation->steps[i];
        struct who who = who_of(&step->session);

        buffer_append_format(out, "%s{\"seq\":%" PRIu64 ",\"who\":\"%.8s\",\"side\":\"%s\"",
                             i > 0 ? "," : "", step->seq, who.text, side_text(step->side));
        member_operation(out, "operation", buffer_span(&step->over));
        member_operation(out, "result", buffer_span(&step->result));
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
}

void account_json(const struct account *account, struct buffer *out)
{
    const struct derivation *derivation = account->derivation;
    const struct entry *entry = derivation->entry;
    struct who who = who_of(&entry->session);
    struct change change = find_change(buffer_span(&account->before), buffer_span(&account->after));

    buffer_append_format(out,
                         "{\"seq\":%" PRIu64 ",\"epoch\":%" PRIu64 ",\"time\":%" PRIu64
                         ",\"kind\":\"%s\",\"who\":\"%.8s\",\"user\":",
                         entry->seq, entry->epoch, entry->time_ms, entry_kind_text(entry->kind),
                         who.text);
    json_write_string(out, entry->user);
    buffer_append_format(out, ",\"serial\":%" PRIu64 ",\"base\":%" PRIu64 ",\"rule\":\"%s\"",
                         entry->serial, entry->base, entry->rule == TIE_WHO ? "who" : "later");
    member_operation(out, "arrived", entry->arrived);
    append_steps(out, derivation);
    member_operation(out, "sequenced", entry->sequenced);
    if (!derivation->equal)
        member_operation(out, "derived", buffer_span(&derivation->result));
    member_content(out, "before", &account->before, change);
    member_content(out, "after", &account->after, change);
    buffer_append_byte(out, '}');
}

/* ---- Lines ---- */

static void append_time(struct buffer *out, uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm utc;
    char text[sizeof("2026-11-24T08:00:00")];

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    buffer_append_format(out, "%s.%03uZ", text, (unsigned)(time_ms % 1000));
}

static void line_operation(struct buffer *out, const char *name, struct span operation)
{
    if (operation.size > 0)
        buffer_append_format(out, "  %-10s %.*s\n", name, SPAN_PRINT(operation));
}

static void line_step(struct buffer *out, const struct derivation_step *step)
{
    struct who who = who_of(&step->session);

    buffer_append_format(out, "  over %-5" PRIu64 " %.*s by %.8s, goes %s: %.*s\n", step->seq,
                         SPAN_PRINT(buffer_span(&step->over)), who.text, side_text(step->side),
                         SPAN_PRINT(buffer_span(&step->result)));
}

static void line_content(struct buffer *out, const char *name, const struct buffer *content,
                         struct change change)
{
    buffer_append_format(out, "  %-10s ", name);
    if (content->size > 0)
        append_excerpt(out, content, change);
    else
        buffer_append_text(out, "(no document)");
    buffer_append_byte(out, '\n');
}

void account_lines(const struct account *account, struct buffer *out)
{
    const struct derivation *derivation = account->derivation;
    const struct entry *entry = derivation->entry;
    struct who who = who_of(&entry->session);
    struct change change = find_change(buffer_span(&account->before), buffer_span(&account->after));

    buffer_append_format(out, "seq %" PRIu64 ": %s by %.8s", entry->seq,
                         entry_kind_text(entry->kind), who.text);
    if (entry->user.size > 0)
        buffer_append_format(out, " (%.*s)", SPAN_PRINT(entry->user));
    buffer_append_format(out, ", serial %" PRIu64 ", base %" PRIu64 ", epoch %" PRIu64 ", ",
                         entry->serial, entry->base, entry->epoch);
    append_time(out, entry->time_ms);
    buffer_append_byte(out, '\n');
    line_operation(out, "arrived", entry->arrived);
    for (size_t i = 0; i < derivation->count; i++)
        line_step(out, &derivation->steps[i]);
    line_operation(out, "sequenced", entry->sequenced);
    if (!derivation->equal)
        line_operation(out, "DERIVED", buffer_span(&derivation->result));
    line_content(out, "before", &account->before, change);
    line_content(out, "after", &account->after, change);
}
