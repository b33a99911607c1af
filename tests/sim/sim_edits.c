#include "tests/sim/sim_edits.h"

#include "base/utf8.h"
#include "tests/ot/random_json0.h"
#include "tests/ot/random_rich.h"
#include "tests/ot/random_tree.h"

const struct type *sim_edits_type(struct prng *prng)
{
    size_t count = 0;

    while (type_at(count) != NULL)
        count++;
    return type_at((size_t)prng_below(prng, count));
}

static void write_content(struct content *content, struct buffer *out)
{
    content->type->encode(content, out);
    content_destroy(content);
}

void sim_edits_start(struct prng *prng, const struct type *type, struct buffer *out)
{
    if (type == &type_json0)
        write_content(random_json0_content(prng), out);
    else if (type == &type_rich)
        write_content(random_rich_content(prng), out);
    else
        write_content(law_content(type, type == &type_text      ? "\"sim\""
                                        : type == &type_counter ? "7"
                                                                : "{}"),
                      out);
}

static size_t points_of(const struct content *content)
{
    struct buffer json = {0};
    struct buffer text = {0};

    content->type->encode(content, &json);
    json_string_append(buffer_span(&json), &text);
    size_t points = utf8_points(buffer_span(&text));
    buffer_finish(&text);
    buffer_finish(&json);
    return points;
}

/* One insertion or deletion; the longer the text, the likelier a deletion. */
static struct operation *make_text(struct prng *prng, const struct content *content)
{
    static const char *const words[] = {"a", "bc", "é", "😀", "\\n", "word "};
    uint64_t points = points_of(content);
    uint64_t at = prng_below(prng, points + 1);
    struct buffer json = {0};

    buffer_append_byte(&json, '[');
    if (at > 0)
        buffer_append_format(&json, "%llu,", (unsigned long long)at);
    if (at < points && prng_below(prng, 60) < points)
        buffer_append_format(&json, "{\"d\":%llu}",
                             1 + (unsigned long long)prng_below(prng, points - at));
    else
        buffer_append_format(&json, "\"%s\"", words[prng_below(prng, 6)]);
    buffer_append_byte(&json, ']');
    buffer_append_byte(&json, 0);
    struct operation *operation = law_operation(content->type, (const char *)json.data);
    buffer_finish(&json);
    return operation;
}

static struct operation *make_counter(struct prng *prng)
{
    struct buffer json = {0};

    buffer_append_signed(&json, (int64_t)prng_below(prng, 99) - 40);
    buffer_append_byte(&json, 0);
    struct operation *operation = law_operation(&type_counter, (const char *)json.data);
    buffer_finish(&json);
    return operation;
}

static struct operation *make(struct prng *prng, const struct content *content)
{
    if (content->type == &type_json0)
        return random_json0_operation(prng, content);
    if (content->type == &type_rich)
        return random_rich_operation(prng, content);
    if (content->type == &type_tree)
        return random_tree_operation(prng, content);
    if (content->type == &type_counter)
        return make_counter(prng);
    return make_text(prng, content);
}

struct operation *sim_edits_make(struct prng *prng, const struct content *content)
{
    struct operation *operation = make(prng, content);

    while (content->type->is_empty(operation)) {
        operation_discard(operation);
        operation = make(prng, content);
    }
    return operation;
}
