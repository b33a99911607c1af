#include "ot/type.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/prng.h"
#include "base/utf8.h"
#include "tests/ot/laws.h"

static struct operation *op(const char *json)
{
    return law_operation(&type_text, json);
}

/* ---- Tables ---- */

static void expect_apply(const char *document, const char *operation_json, enum status expected,
                         const char *after)
{
    struct content *content = law_content(&type_text, document);
    struct operation *operation = op(operation_json);
    struct fault fault = {0};

    ck_assert_int_eq(type_text.check(content, operation, &fault), expected);
    ck_assert_int_eq(type_text.apply(content, operation, &fault), expected);
    law_expect_content(content, after);
    ck_assert((expected == STATUS_OK) == (fault.text[0] == '\0'));
    operation_discard(operation);
    content_destroy(content);
}

START_TEST(apply_changes_all_or_nothing)
{
    expect_apply("\"abc\"", "[]", STATUS_OK, "\"abc\"");
    expect_apply("\"abc\"", "[1,\"X\",{\"d\":1},1,\"Y\"]", STATUS_OK, "\"aXcY\"");
    expect_apply("\"a😀c\"", "[1,{\"d\":1},\"é\"]", STATUS_OK, "\"aéc\"");
    expect_apply("\"a😀c\"", "[1,{\"d\":\"😀c\"}]", STATUS_OK, "\"a\"");
    expect_apply("\"abc\"", "[\"X\",4,\"Y\"]", STATUS_NOT_APPLICABLE, "\"abc\"");
    expect_apply("\"abc\"", "[\"X\",{\"d\":4}]", STATUS_NOT_APPLICABLE, "\"abc\"");
    expect_apply("\"abc\"", "[{\"d\":1},1,{\"d\":\"b\"}]", STATUS_NOT_APPLICABLE, "\"abc\"");
    expect_apply("\"abc\"", "[2,{\"d\":\"cd\"}]", STATUS_NOT_APPLICABLE, "\"abc\"");
}
END_TEST

START_TEST(a_document_has_a_largest_size)
{
    struct content *content = law_content(&type_text, "\"\"");
    size_t half = LIMIT_DOCUMENT_BYTES / 2;
    struct buffer json = {0};
    struct operation *operation;
    struct operation *twice;
    struct fault fault;

    buffer_append_text(&json, "[\"");
    memset(buffer_reserve(&json, half), 'x', half);
    buffer_grow(&json, half);
    buffer_append_text(&json, "\"]");
    ck_assert_int_eq(type_text.decode(buffer_span(&json), &operation, &fault), STATUS_OK);
    ck_assert_int_eq(type_text.apply(content, operation, &fault), STATUS_OK);
    ck_assert_int_eq(type_text.compose(operation, operation, &twice), STATUS_OK);
    ck_assert_int_eq(type_text.check(content, twice, &fault), STATUS_TOO_LARGE);
    ck_assert_int_eq(type_text.apply(content, operation, &fault), STATUS_OK);
    ck_assert_int_eq(type_text.apply(content, operation, &fault), STATUS_TOO_LARGE);
    ck_assert_uint_eq(type_text.size(content), LIMIT_DOCUMENT_BYTES + 2);
    struct operation *exchange = op("[{\"d\":1},\"y\"]");
    ck_assert_int_eq(type_text.apply(content, exchange, &fault), STATUS_OK);
    struct operation *wider = op("[{\"d\":1},\"ü\"]");
    ck_assert_int_eq(type_text.apply(content, wider, &fault), STATUS_TOO_LARGE);
    operation_discard(exchange);
    operation_discard(wider);
    operation_discard(twice);
    operation_discard(operation);
    buffer_finish(&json);
    content_destroy(content);
}
END_TEST

START_TEST(invert_brings_deleted_text_back)
{
    struct content *content = law_content(&type_text, "\"a😀bc\"");
    struct operation *operation = op("[{\"d\":2},\"x\",1,{\"d\":\"c\"}]");
    struct operation *inverse;

    ck_assert_int_eq(type_text.invert(operation, content, &inverse), STATUS_OK);
    law_expect_operation(inverse, "[\"a😀\",{\"d\":\"x\"},1,\"c\"]");
    operation_discard(inverse);
    operation_discard(operation);
    content_destroy(content);
}
END_TEST

static void expect_difference(const char *before, const char *after, const char *expected)
{
    struct content *a = law_content(&type_text, before);
    struct content *b = law_content(&type_text, after);
    struct operation *difference;

    ck_assert_int_eq(type_text.difference(a, b, &difference), STATUS_OK);
    law_expect_operation(difference, expected);
    operation_discard(difference);
    ck_assert(law_differs(a, b));
    content_destroy(a);
    content_destroy(b);
}

START_TEST(difference_is_between_code_points)
{
    expect_difference("\"\"", "\"\"", "[]");
    expect_difference("\"aaa\"", "\"aa\"", "[2,{\"d\":1}]");
    expect_difference("\"héllo\"", "\"hèllo\"", "[1,\"è\",{\"d\":1}]");
    expect_difference("\"😀\"", "\"😁\"", "[\"😁\",{\"d\":1}]");
    expect_difference("\"é\"", "\"©\"", "[\"©\",{\"d\":1}]");
    expect_difference("\"é\"", "\"éé\"", "[1,\"é\"]");
}
END_TEST

/* ---- Exhaustive ---- */

enum { COMPONENTS_MAX = 2, OPERATIONS_MAX = 400 };

/* Every operation of at most two components, besides skips, on a document of `points` characters:
 * at each place an insertion, a deletion of each length, or both in either order, once or twice. */
struct every_operation {
    struct operation *operations[OPERATIONS_MAX];
    size_t count;
};

static void add_operation(struct every_operation *every, const struct buffer *components)
{
    struct buffer json = {0};

    buffer_append_byte(&json, '[');
    if (components->size > 0) /* without the last comma */
        buffer_append(&json, span_of(components->data, components->size - 1));
    buffer_append_byte(&json, ']');
    buffer_append_byte(&json, '\0');
    ck_assert_uint_lt(every->count, OPERATIONS_MAX);
    every->operations[every->count++] = op((const char *)json.data);
    buffer_finish(&json);
}

/* Add all operations that go on from here: `rest` characters of the document are left. */
static void enumerate(struct every_operation *every, const struct buffer *so_far, size_t rest,
                      size_t components, char last)
{
    struct buffer next = {0};

    if (last != 's')
        add_operation(every, so_far);
    if (components == COMPONENTS_MAX)
        return;
    if (last != 'i') {
        buffer_append(&next, buffer_span(so_far));
        buffer_append_text(&next, components == 0 ? "\"X\"," : "\"é\",");
        enumerate(every, &next, rest, components + 1, 'i');
    }
    for (size_t points = 1; points <= rest; points++) {
        if (last != 'd') {
            buffer_clear(&next);
            buffer_append(&next, buffer_span(so_far));
            buffer_append_format(&next, "{\"d\":%zu},", points);
            enumerate(every, &next, rest - points, components + 1, 'd');
        }
        if (last != 's') {
            buffer_clear(&next);
            buffer_append(&next, buffer_span(so_far));
            buffer_append_format(&next, "%zu,", points);
            enumerate(every, &next, rest - points, components, 's');
        }
    }
    buffer_finish(&next);
}

static void every_init(struct every_operation *every, size_t points)
{
    struct buffer none = {0};

    every->count = 0;
    enumerate(every, &none, points, 0, ' ');
}

static void every_finish(struct every_operation *every)
{
    for (size_t i = 0; i < every->count; i++)
        operation_discard(every->operations[i]);
}

static const char *const documents[] = {"\"\"", "\"a\"", "\"a😀\"", "\"a😀c\""};

START_TEST(every_small_pair_converges)
{
    for (size_t points = 0; points <= 3; points++) {
        struct content *content = law_content(&type_text, documents[points]);
        struct every_operation every;

        every_init(&every, points);
        for (size_t a = 0; a < every.count; a++)
            for (size_t b = 0; b < every.count; b++)
                ck_assert(law_converges(content, every.operations[a], every.operations[b]));
        every_finish(&every);
        content_destroy(content);
    }
}
END_TEST

/* The characters that an operation leaves. */
static size_t points_after(size_t points, const struct operation *operation)
{
    return (size_t)type_text.move_position(operation, points, true);
}

START_TEST(every_small_operation_composes_and_inverts)
{
    struct every_operation every[8];

    for (size_t points = 0; points < 8; points++)
        every[points].count = 0;
    for (size_t points = 0; points <= 5; points++)
        every_init(&every[points], points);
    for (size_t points = 0; points <= 3; points++) {
        struct content *content = law_content(&type_text, documents[points]);

        for (size_t a = 0; a < every[points].count; a++) {
            const struct operation *first = every[points].operations[a];
            const struct every_operation *next = &every[points_after(points, first)];

            ck_assert(law_inverts(content, first));
            ck_assert(law_reads_back(first));
            ck_assert_uint_gt(next->count, 0);
            for (size_t b = 0; b < next->count; b++)
                ck_assert(law_composes(content, first, next->operations[b]));
        }
        content_destroy(content);
    }
    for (size_t points = 0; points <= 5; points++)
        every_finish(&every[points]);
}
END_TEST

/* ---- Seeded ---- */

static void append_characters(struct prng *prng, size_t points, struct buffer *out)
{
    static const char *const alphabet[] = {"a", "b", " ", "é", "€", "😀", "\\n", "\\u0000"};

    for (size_t i = 0; i < points; i++)
        buffer_append_text(out, alphabet[prng_below(prng, 8)]);
}

static struct content *random_content(struct prng *prng)
{
    struct buffer json = {0};

    buffer_append_byte(&json, '"');
    append_characters(prng, (size_t)prng_below(prng, 40), &json);
    buffer_append_text(&json, "\"");
    buffer_append_byte(&json, '\0');
    struct content *content = law_content(&type_text, (const char *)json.data);
    buffer_finish(&json);
    return content;
}

static size_t points_of(const struct content *content)
{
    struct buffer out = {0};
    struct buffer text = {0};

    content->type->encode(content, &out);
    json_string_append(buffer_span(&out), &text);
    size_t points = utf8_points(buffer_span(&text));
    buffer_finish(&text);
    buffer_finish(&out);
    return points;
}

/* Append the text that stands at code point `at`, as JSON. */
static void append_standing(const struct content *content, size_t at, size_t points,
                            struct buffer *json)
{
    struct buffer out = {0};
    struct buffer text = {0};

    content->type->encode(content, &out);
    json_string_append(buffer_span(&out), &text);
    size_t from = utf8_offset_of_points(buffer_span(&text), at);
    size_t to = utf8_offset_of_points(buffer_span(&text), at + points);
    struct buffer literal = {0};
    struct content *part;
    buffer_append_byte(&literal, '"');
    for (size_t i = from; i < to; i++)
        if (text.data[i] < 0x20)
            buffer_append_format(&literal, "\\u%04x", text.data[i]);
        else
            buffer_append_byte(&literal, text.data[i]);
    buffer_append_byte(&literal, '"');
    ck_assert_int_eq(type_text.create(buffer_span(&literal), &part, NULL), STATUS_OK);
    type_text.encode(part, json);
    content_destroy(part);
    buffer_finish(&literal);
    buffer_finish(&text);
    buffer_finish(&out);
}

static struct operation *random_operation(struct prng *prng, const struct content *content)
{
    size_t points = points_of(content);
    struct buffer json = {0};
    size_t at = 0;
    uint64_t components = prng_below(prng, 7);

    buffer_append_byte(&json, '[');
    for (uint64_t i = 0; i < components; i++) {
        size_t length = at < points ? 1 + (size_t)prng_below(prng, points - at) / 3 : 0;

        if (length > 0 && prng_below(prng, 2) == 0) {
            at += length;
            if (i > 0)
                buffer_append_byte(&json, ',');
            buffer_append_format(&json, "%zu,\"-\"", length);
        }
        length = at < points ? 1 + (size_t)prng_below(prng, points - at) / 3 : 0;
        if (json.data[json.size - 1] != '[')
            buffer_append_byte(&json, ',');
        if (length > 0 && prng_below(prng, 2) == 0) {
            buffer_append_text(&json, "{\"d\":");
            if (prng_below(prng, 2) == 0)
                append_standing(content, at, length, &json);
            else
                buffer_append_unsigned(&json, length);
            buffer_append_byte(&json, '}');
            at += length;
        } else {
            buffer_append_byte(&json, '"');
            append_characters(prng, 1 + (size_t)prng_below(prng, 4), &json);
            buffer_append_byte(&json, '"');
        }
    }
    buffer_append_text(&json, "]");
    buffer_append_byte(&json, '\0');
    struct operation *operation = op((const char *)json.data);
    buffer_finish(&json);
    return operation;
}

/* compose(compose(a, b), c) and compose(a, compose(b, c)) do the same. The two may be written
 * differently, where an insertion stands before or behind a deletion. */
static bool associates(const struct content *content, const struct operation *a,
                       const struct operation *b, const struct operation *c)
{
    struct operation *ab;
    struct operation *bc;
    struct operation *left;
    struct operation *right;

    ck_assert_int_eq(type_text.compose(a, b, &ab), STATUS_OK);
    ck_assert_int_eq(type_text.compose(b, c, &bc), STATUS_OK);
    ck_assert_int_eq(type_text.compose(ab, c, &left), STATUS_OK);
    ck_assert_int_eq(type_text.compose(a, bc, &right), STATUS_OK);
    struct content *one = law_applied(content, left);
    struct content *two = law_applied(content, right);
    bool same = content_equal(one, two);
    content_destroy(one);
    content_destroy(two);
    operation_discard(ab);
    operation_discard(bc);
    operation_discard(left);
    operation_discard(right);
    return same;
}

START_TEST(random_operations_obey_the_laws)
{
    for (uint64_t seed = 1; seed <= 4000; seed++) {
        struct prng prng;
        prng_init(&prng, seed);
        struct content *content = random_content(&prng);
        struct operation *a = random_operation(&prng, content);
        struct operation *b = random_operation(&prng, content);
        struct content *between = law_applied(content, a);
        struct operation *c = random_operation(&prng, between);
        struct content *after = law_applied(between, c);
        struct operation *d = random_operation(&prng, after);
        unsigned long long shown = (unsigned long long)seed;

        ck_assert_msg(law_reads_back(a), "seed %llu: does not read back", shown);
        ck_assert_msg(law_converges(content, a, b), "seed %llu: TP1", shown);
        ck_assert_msg(law_composes(content, a, c), "seed %llu: compose", shown);
        ck_assert_msg(associates(content, a, c, d), "seed %llu: associativity", shown);
        ck_assert_msg(law_inverts(content, a), "seed %llu: invert", shown);
        ck_assert_msg(law_differs(content, after), "seed %llu: difference", shown);
        operation_discard(a);
        operation_discard(b);
        operation_discard(c);
        operation_discard(d);
        content_destroy(content);
        content_destroy(between);
        content_destroy(after);
    }
}
END_TEST

TEST_MAIN("text", apply_changes_all_or_nothing, a_document_has_a_largest_size,
          invert_brings_deleted_text_back, difference_is_between_code_points,
          every_small_pair_converges, every_small_operation_composes_and_inverts,
          random_operations_obey_the_laws)
