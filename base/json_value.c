/* The walking half of json_scan.h: looking at text that the scan has passed. */
#include "base/json_scan.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/utf8.h"

/* Number literals up to this size are read without an allocation. */
enum { NUMBER_ROOM = 64 };

/* Digits of an integer that surely fits into 64 bits, and of which every safe one is made. */
enum { INTEGER_DIGITS_MAX = 16 };

/* Up to this many names are compared pair by pair. */
enum { PAIRWISE_MAX = 8 };

/* ---- Stepping ---- */

static inline bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline const uint8_t *skip_space(const uint8_t *at)
{
    while (is_space(*at))
        at++;
    return at;
}

/* Behind the string literal at `at`. */
static const uint8_t *skip_string(const uint8_t *at)
{
    for (at++; *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at + 1;
}

static inline bool is_delimiter(uint8_t byte)
{
    return byte == ',' || byte == ']' || byte == '}' || is_space(byte);
}

/* Behind the value at `at`, which is inside a container. */
static const uint8_t *skip_value(const uint8_t *at)
{
    size_t depth = 0;

    do {
        switch (*at) {
        case '"':
            at = skip_string(at);
            break;
        case '[':
        case '{':
            depth++;
            at++;
            break;
        case ']':
        case '}':
            depth--;
            at++;
            break;
        default:
            /* Inside a container also separators and white space: all of it is passed by. */
            at++;
            if (depth == 0)
                while (!is_delimiter(*at))
                    at++;
        }
    } while (depth > 0);
    return at;
}

struct span json_value(struct span text)
{
    while (is_space(text.data[0]))
        text = span_of(text.data + 1, text.size - 1);
    while (is_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

enum json_kind json_kind(struct span value)
{
    switch (value.data[0]) {
    case 'n':
        return JSON_KIND_NULL;
    case 'f':
        return JSON_KIND_FALSE;
    case 't':
        return JSON_KIND_TRUE;
    case '"':
        return JSON_KIND_STRING;
    case '[':
        return JSON_KIND_ARRAY;
    case '{':
        return JSON_KIND_OBJECT;
    default:
        return JSON_KIND_NUMBER;
    }
}

/* `at` is always at the next value or name, or at the closing bracket. */
void json_walk_init(struct json_walk *walk, struct span container)
{
    walk->at = skip_space(container.data + 1);
    walk->end = container.data + container.size;
}

/* Step behind the value that ends at `at`, and behind the comma. */
static void walk_on(struct json_walk *walk, const uint8_t *at)
{
    at = skip_space(at);
    walk->at = *at == ',' ? skip_space(at + 1) : at;
}

static bool walk_ended(const struct json_walk *walk)
{
    return walk->at + 1 == walk->end;
}

bool json_walk_element(struct json_walk *walk, struct span *value)
{
    if (walk_ended(walk))
        return false;
    const uint8_t *after = skip_value(walk->at);
    *value = span_of(walk->at, (size_t)(after - walk->at));
    walk_on(walk, after);
    return true;
}

bool json_walk_member(struct json_walk *walk, struct span *name, struct span *value)
{
    if (walk_ended(walk))
        return false;
    const uint8_t *after = skip_string(walk->at);
    *name = span_of(walk->at, (size_t)(after - walk->at));
    const uint8_t *first = skip_space(skip_space(after) + 1);
    after = skip_value(first);
    *value = span_of(first, (size_t)(after - first));
    walk_on(walk, after);
    return true;
}

struct span json_member(struct span object, const char *name)
{
    struct json_walk walk;
    struct span found;
    struct span value;

    json_walk_init(&walk, object);
    while (json_walk_member(&walk, &found, &value))
        if (json_string_is(found, name))
            return value;
    return SPAN_NONE;
}

size_t json_count(struct span container)
{
    struct json_walk walk;
    struct span name;
    struct span value;
    size_t count = 0;
    bool object = json_kind(container) == JSON_KIND_OBJECT;

    json_walk_init(&walk, container);
    while (object ? json_walk_member(&walk, &name, &value) : json_walk_element(&walk, &value))
        count++;
    return count;
}

/* ---- Numbers ---- */

/* An integer written as digits alone, few enough to fit. */
static bool plain_integer(struct span number, int64_t *out)
{
    bool negative = number.data[0] == '-';
    int64_t value = 0;

    if (number.size - negative > INTEGER_DIGITS_MAX)
        return false;
    for (size_t i = negative; i < number.size; i++) {
        if (number.data[i] < '0' || number.data[i] > '9')
            return false;
        value = value * 10 + (number.data[i] - '0');
    }
    *out = negative ? -value : value;
    return true;
}

bool json_read_integer(struct span value, int64_t *out)
{
    int64_t integer;
    double number;

    if (json_kind(value) != JSON_KIND_NUMBER)
        return false;
    if (!plain_integer(value, &integer)) {
        if (!json_read_double(value, &number) || fabs(number) > (double)JSON_INTEGER_MAX ||
            number != floor(number))
            return false;
        integer = (int64_t)number;
    }
    if (integer > JSON_INTEGER_MAX || integer < -JSON_INTEGER_MAX)
        return false;
    *out = integer;
    return true;
}

bool json_read_unsigned(struct span value, uint64_t *out)
{
    int64_t integer;

    if (!json_read_integer(value, &integer) || integer < 0)
        return false;
    *out = (uint64_t)integer;
    return true;
}

bool json_read_double(struct span number, double *out)
{
    char room[NUMBER_ROOM];
    char *text = number.size < sizeof(room) ? room : memory_allocate(number.size + 1);

    memcpy(text, number.data, number.size);
    text[number.size] = '\0';
    double value = strtod(text, NULL);
    if (text != room)
        memory_free(text);
    if (!isfinite(value))
        return false;
    *out = value == 0 ? 0.0 : value;
    return true;
}

/* ---- Strings ---- */

static uint32_t hex_unit(const uint8_t *at)
{
    uint32_t unit = 0;

    for (int i = 0; i < 4; i++) {
        uint8_t byte = at[i];

        unit = unit << 4 | (uint32_t)(byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10);
    }
    return unit;
}

/* Decode the escape at `at`; returns the place behind it. */
static const uint8_t *decode_escape(const uint8_t *at, uint32_t *point)
{
    static const char named[] = "b\bf\fn\nr\rt\t";
    uint8_t letter = at[1];

    if (letter != 'u') {
        const char *found = strchr(named, letter);

        *point = found != NULL ? (uint8_t)found[1] : letter;
        return at + 2;
    }
    *point = hex_unit(at + 2);
    if (*point < 0xD800 || *point > 0xDFFF)
        return at + 6;
    *point = 0x10000 + ((*point - 0xD800) << 10) + (hex_unit(at + 8) - 0xDC00);
    return at + 12;
}

static struct span inside(struct span literal)
{
    return span_of(literal.data + 1, literal.size - 2);
}

/* The first backslash of `text`; its end when there is none. */
static size_t plain_size(struct span text)
{
    const uint8_t *found = text.size > 0 ? memchr(text.data, '\\', text.size) : NULL;

    return found != NULL ? (size_t)(found - text.data) : text.size;
}

void json_string_append(struct span literal, struct buffer *out)
{
    struct span rest = inside(literal);

    for (;;) {
        uint32_t point;
        size_t plain = plain_size(rest);

        buffer_append(out, span_of(rest.data, plain));
        if (plain == rest.size)
            return;
        const uint8_t *after = decode_escape(rest.data + plain, &point);
        buffer_grow(out, utf8_encode(buffer_reserve(out, 4), point));
        rest = span_of(after, rest.size - (size_t)(after - rest.data));
    }
}

struct span json_read_string(struct span literal, struct buffer *scratch)
{
    struct span text = inside(literal);

    if (plain_size(text) == text.size)
        return text;
    size_t first = scratch->size;
    json_string_append(literal, scratch);
    return span_of(scratch->data + first, scratch->size - first);
}

bool json_string_is(struct span literal, const char *text)
{
    struct span wanted = span_of_string(text);
    struct span rest = inside(literal);

    if (plain_size(rest) == rest.size)
        return span_equal(rest, wanted);
    while (rest.size > 0) {
        uint8_t bytes[4] = {rest.data[0]};
        const uint8_t *after = rest.data + 1;
        size_t size = 1;

        if (rest.data[0] == '\\') {
            uint32_t point;

            after = decode_escape(rest.data, &point);
            size = utf8_encode(bytes, point);
        }
        if (size > wanted.size || memcmp(wanted.data, bytes, size) != 0)
            return false;
        wanted = span_of(wanted.data + size, wanted.size - size);
        rest = span_of(after, rest.size - (size_t)(after - rest.data));
    }
    return wanted.size == 0;
}

/* ---- Repeated names ---- */

/* The next code point inside a literal, escapes resolved. */
static uint32_t next_point(struct span *rest)
{
    uint32_t point;
    const uint8_t *after = rest->data[0] == '\\' ? decode_escape(rest->data, &point)
                                                 : rest->data + utf8_decode(rest->data, &point);

    *rest = span_of(after, rest->size - (size_t)(after - rest->data));
    return point;
}

/* Order two name literals by their code points, which is the order of their bytes. */
static int compare_names(const void *first, const void *second)
{
    struct span a = inside(*(const struct span *)first);
    struct span b = inside(*(const struct span *)second);

    if (plain_size(a) == a.size && plain_size(b) == b.size)
        return span_compare(a, b);
    while (a.size > 0 && b.size > 0) {
        uint32_t point_a = next_point(&a);
        uint32_t point_b = next_point(&b);

        if (point_a != point_b)
            return point_a < point_b ? -1 : 1;
    }
    return (a.size > 0) - (b.size > 0);
}

static bool names_repeat(struct span *names, size_t count)
{
    if (count > PAIRWISE_MAX) {
        qsort(names, count, sizeof(names[0]), compare_names);
        for (size_t i = 1; i < count; i++)
            if (compare_names(&names[i - 1], &names[i]) == 0)
                return true;
        return false;
    }
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (compare_names(&names[k], &names[i]) == 0)
                return true;
    return false;
}

/* Step over the value at `at`, which is a container or inside one; true as soon as an object
 * repeats a name. `names` has one span for each name so far of the objects around it. */
static bool step_repeats(const uint8_t **at, struct buffer *names)
{
    if (**at != '[' && **at != '{') {
        *at = skip_value(*at);
        return false;
    }
    bool object = **at == '{';
    size_t mark = names->size;
    *at = skip_space(*at + 1);
    while (**at != ']' && **at != '}') {
        if (object) {
            const uint8_t *after = skip_string(*at);
            struct span name = span_of(*at, (size_t)(after - *at));

            buffer_append(names, span_of(&name, sizeof(name)));
            *at = skip_space(skip_space(after) + 1);
        }
        if (step_repeats(at, names))
            return true;
        *at = skip_space(*at);
        if (**at == ',')
            *at = skip_space(*at + 1);
    }
    ++*at;
    size_t count = (names->size - mark) / sizeof(struct span);
    bool repeats = count > 1 && names_repeat((struct span *)(void *)(names->data + mark), count);
    names->size = mark;
    return repeats;
}

bool json_repeats_a_name(struct span value)
{
    struct buffer names = {0};
    const uint8_t *at = value.data;

    /* Most operations have no object at all. */
    if ((*at != '[' && *at != '{') || memchr(at, '{', value.size) == NULL)
        return false;
    bool repeats = step_repeats(&at, &names);
    buffer_finish(&names);
    return repeats;
}
