/* random_rich - rich text documents and operations on them, close together so that they collide. */
#ifndef TESTS_OT_RANDOM_RICH_H
#define TESTS_OT_RANDOM_RICH_H

#include "base/prng.h"
#include "ot/rich.h"
#include "tests/ot/values.h"

static inline void random_attributes(struct prng *prng, bool nulls, struct buffer *out)
{
    static const char *const attributes[] = {"{\"b\":true}", "{\"c\":1,\"b\":true}", "{\"c\":[1]}",
                                             "{\"b\":null}", "{\"c\":null}"};
    uint64_t kind = prng_below(prng, nulls ? 8 : 6);

    if (kind >= 3)
        buffer_append_format(out, ",\"attributes\":%s", attributes[kind - 3]);
}

static inline void random_insertion(struct prng *prng, struct buffer *out)
{
    static const char *const inserted[] = {"\"a\"",     "\"bé\"",    "\"😀\"",
                                           "{\"e\":1}", "{\"e\":2}", "\"word \""};

    buffer_append_format(out, "{\"insert\":%s", inserted[prng_below(prng, 6)]);
    random_attributes(prng, false, out);
    buffer_append_byte(out, '}');
}

static inline struct content *random_rich_content(struct prng *prng)
{
    struct buffer json = {0};
    uint64_t parts = prng_below(prng, 12);

    buffer_append_byte(&json, '[');
    for (uint64_t i = 0; i < parts; i++) {
        buffer_append_text(&json, i > 0 ? "," : "");
        random_insertion(prng, &json);
    }
    buffer_append_byte(&json, ']');
    buffer_append_byte(&json, 0);
    struct content *content = law_content(&type_rich, (const char *)json.data);
    buffer_finish(&json);
    return content;
}

static inline struct operation *random_rich_operation(struct prng *prng,
                                                      const struct content *content)
{
    const struct rich_run *runs = rich_content_of(content)->runs;
    uint64_t at = 0, end = rich_runs_sum(runs).utf16;
    uint64_t parts = prng_below(prng, 7);
    struct buffer json = {0};

    buffer_append_byte(&json, '[');
    for (uint64_t i = 0; i < parts; i++) {
        uint64_t length = at < end ? 1 + prng_below(prng, (end - at + 2) / 3) : 0;

        if (at + length < end && !rich_runs_is_boundary(runs, at + length))
            length++;
        buffer_append_text(&json, i > 0 ? "," : "");
        if (length == 0 || prng_below(prng, 3) == 0) {
            random_insertion(prng, &json);
            continue;
        }
        at += length;
        bool retain = prng_below(prng, 3) > 0;
        buffer_append_format(&json, "{\"%s\":%llu", retain ? "retain" : "delete",
                             (unsigned long long)length);
        if (retain)
            random_attributes(prng, true, &json);
        buffer_append_byte(&json, '}');
    }
    buffer_append_byte(&json, ']');
    buffer_append_byte(&json, 0);
    struct operation *operation = law_operation(&type_rich, (const char *)json.data);
    buffer_finish(&json);
    return operation;
}

#endif
