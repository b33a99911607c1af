/* Any bytes as JSON: what the scan accepts can be walked to its last value, its strings decode to
 * well-formed UTF-8 that writes and reads back, its numbers print as the same numbers. And the same
 * bytes as UTF-8: whole and in pieces they get the same answer. */
#include <stddef.h>
#include <stdint.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/memory.h"
#include "base/prng.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void visit(struct span value, size_t depth);

static bool scans(struct span text)
{
    return json_scan(text, &json_limits_default, NULL) == STATUS_OK;
}

static void visit_string(struct span literal)
{
    struct buffer decoded = {0};
    struct buffer again = {0};
    struct buffer scratch = {0};

    json_string_append(literal, &decoded);
    struct span text = buffer_span(&decoded);
    must(utf8_check(text, NULL));
    must(utf8_utf16(text) >= utf8_points(text));
    must(span_equal(json_read_string(literal, &scratch), text));
    json_write_string(&again, text);
    must(scans(buffer_span(&again)));
    must(span_equal(json_read_string(buffer_span(&again), &scratch), text));
    if (memchr(text.data, 0, text.size) == NULL) {
        buffer_append_byte(&decoded, 0);
        must(json_string_is(literal, (const char *)decoded.data));
        must(json_string_is(buffer_span(&again), (const char *)decoded.data));
    }
    buffer_finish(&decoded);
    buffer_finish(&again);
    buffer_finish(&scratch);
}

static void visit_number(struct span number)
{
    struct buffer out = {0};
    double value;
    double again;
    int64_t integer;

    if (json_read_double(number, &value)) {
        json_write_double(&out, value);
        must(scans(buffer_span(&out)));
        must(json_read_double(buffer_span(&out), &again) && again == value);
    }
    if (json_read_integer(number, &integer))
        must((double)integer == value);
    buffer_finish(&out);
}

static void visit_container(struct span value, size_t depth)
{
    bool object = json_kind(value) == JSON_KIND_OBJECT;
    struct json_walk walk;
    struct span name;
    struct span inner;
    size_t count = 0;

    json_walk_init(&walk, value);
    while (object ? json_walk_member(&walk, &name, &inner) : json_walk_element(&walk, &inner)) {
        must(inner.data > value.data && inner.data + inner.size < value.data + value.size);
        if (object)
            visit_string(name);
        visit(inner, depth + 1);
        count++;
    }
    must(json_count(value) == count);
}

static void visit(struct span value, size_t depth)
{
    must(depth <= json_limits_default.depth);
    must(scans(value));
    must(span_equal(json_value(value), value));
    switch (json_kind(value)) {
    case JSON_KIND_STRING:
        visit_string(value);
        break;
    case JSON_KIND_NUMBER:
        visit_number(value);
        break;
    case JSON_KIND_ARRAY:
    case JSON_KIND_OBJECT:
        visit_container(value, depth);
        break;
    default:
        break;
    }
}

static void check_utf8(struct span text)
{
    struct utf8_checker checker = {0};
    struct prng prng;
    size_t at = 0;
    size_t bad = text.size;
    bool good = true;

    prng_init(&prng, text.size);
    while (good && at < text.size) {
        size_t size = 1 + prng_below(&prng, text.size - at);

        if (prng_below(&prng, 2) == 0)
            size = 1;
        good = utf8_checker_feed(&checker, span_of(text.data + at, size));
        at += size;
    }
    must(utf8_check(text, &bad) == (good && utf8_checker_complete(&checker)));
    must(utf8_check(span_of(text.data, bad), NULL));
}

static void check_elements(struct span text, enum status whole)
{
    struct span elements[4];
    size_t count = 0;
    enum status status = json_scan_array(text, &json_limits_default, elements, 4, &count, NULL);
    bool array = whole == STATUS_OK && json_kind(json_value(text)) == JSON_KIND_ARRAY;

    must(status == (whole == STATUS_OK && !array ? STATUS_MALFORMED_MESSAGE : whole));
    if (!array)
        return;
    struct json_walk walk;
    struct span element;
    size_t walked = 0;
    json_walk_init(&walk, json_value(text));
    for (; json_walk_element(&walk, &element); walked++)
        must(walked >= 4 ||
             (elements[walked].data == element.data && elements[walked].size == element.size));
    must(walked == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own block of the exact size, so that a read behind it is seen. */
    uint8_t *copy = memory_copy(data, size);
    struct span text = span_of(copy, size);
    struct fault fault;

    check_utf8(text);
    enum status status = json_scan(text, &json_limits_default, &fault);
    check_elements(text, status);
    if (status == STATUS_OK) {
        visit(json_value(text), 0);
        json_repeats_a_name(json_value(text));
    } else {
        must(utf8_check(span_of_string(fault.text), NULL));
    }
    memory_free(copy);
    return 0;
}
