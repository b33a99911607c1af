#include "base/json_scan.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "base/word.h"

/* The scan calls itself for each level; no limit may come near the end of the stack. */
enum { DEPTH_SANE = 1024 };

const struct json_limits json_limits_default = {LIMIT_JSON_DEPTH, LIMIT_JSON_NODES};

struct scanner {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    size_t depth_left;
    size_t nodes_left;
    struct fault *fault;
};

/* Where the elements of the outermost array go. */
struct elements {
    struct span *spans;
    size_t max;
    size_t count;
};

static enum status scan_value(struct scanner *scanner);

static enum status broken(const struct scanner *scanner, enum status status, const char *what)
{
    return fault_set(scanner->fault, status, "%s at byte %zu", what,
                     (size_t)(scanner->at - scanner->start));
}

/* The byte to look at next; 0, which is no part of any token, at the end. */
static inline uint8_t peek(const struct scanner *scanner)
{
    return scanner->at < scanner->end ? *scanner->at : 0;
}

static inline bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static inline void scan_space(struct scanner *scanner)
{
    while (is_space(peek(scanner)))
        scanner->at++;
}

static enum status scan_word(struct scanner *scanner, struct span word)
{
    size_t left = (size_t)(scanner->end - scanner->at);

    if (left < word.size || memcmp(scanner->at, word.data, word.size) != 0)
        return broken(scanner, STATUS_MALFORMED_JSON, "an unknown word");
    scanner->at += word.size;
    return STATUS_OK;
}

/* At least one digit. */
static bool scan_digits(struct scanner *scanner)
{
    const uint8_t *first = scanner->at;

    while (is_digit(peek(scanner)))
        scanner->at++;
    return scanner->at > first;
}

static enum status scan_number(struct scanner *scanner)
{
    if (peek(scanner) == '-')
        scanner->at++;
    if (peek(scanner) == '0')
        scanner->at++;
    else if (!scan_digits(scanner))
        return broken(scanner, STATUS_MALFORMED_JSON, "a digit is missing");
    if (peek(scanner) == '.') {
        scanner->at++;
        if (!scan_digits(scanner))
            return broken(scanner, STATUS_MALFORMED_JSON, "a digit is missing");
    }
    if ((peek(scanner) | 0x20) == 'e') {
        scanner->at++;
        if (peek(scanner) == '+' || peek(scanner) == '-')
            scanner->at++;
        if (!scan_digits(scanner))
            return broken(scanner, STATUS_MALFORMED_JSON, "a digit is missing");
    }
    return STATUS_OK;
}

static int hex_digit(uint8_t byte)
{
    if (is_digit(byte))
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The UTF-16 unit of four hexadecimal digits; -1 when they are not. */
static int hex_unit(const uint8_t *at)
{
    int unit = 0;

    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* \uxxxx, and the second half of a pair. */
static enum status scan_unicode_escape(struct scanner *scanner)
{
    const uint8_t *at = scanner->at;
    size_t left = (size_t)(scanner->end - at);
    int unit = left < 6 ? -1 : hex_unit(at + 2);

    if (unit < 0)
        return broken(scanner, STATUS_MALFORMED_JSON, "a broken escape");
    scanner->at += 6;
    if (unit < 0xD800 || unit > 0xDFFF)
        return STATUS_OK;
    int low = left < 12 || at[6] != '\\' || at[7] != 'u' ? -1 : hex_unit(at + 8);
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF) {
        scanner->at = at;
        return broken(scanner, STATUS_MALFORMED_UTF8, "half a surrogate pair");
    }
    scanner->at += 6;
    return STATUS_OK;
}

static enum status scan_escape(struct scanner *scanner)
{
    if (scanner->end - scanner->at < 2)
        return broken(scanner, STATUS_MALFORMED_JSON, "a broken escape");
    switch (scanner->at[1]) {
    case 'u':
        return scan_unicode_escape(scanner);
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        scanner->at += 2;
        return STATUS_OK;
    default:
        return broken(scanner, STATUS_MALFORMED_JSON, "a broken escape");
    }
}

static enum status scan_string(struct scanner *scanner)
{
    scanner->at++;
    for (;;) {
        while (scanner->end - scanner->at >= WORD_SIZE &&
               word_is_plain_string(word_load(scanner->at)))
            scanner->at += WORD_SIZE;

        uint8_t byte = peek(scanner);
        if (byte == '"')
            break;
        if (byte < 0x20)
            return broken(scanner, STATUS_MALFORMED_JSON,
                          scanner->at < scanner->end ? "a control in a string"
                                                     : "a string without its end");
        if (byte != '\\') {
            scanner->at++;
            continue;
        }
        enum status status = scan_escape(scanner);
        if (status != STATUS_OK)
            return status;
    }
    scanner->at++;
    return STATUS_OK;
}

/* Behind a value inside a container: a comma (true is stored: more follows) or the end. */
static enum status scan_separator(struct scanner *scanner, uint8_t closing, bool *more)
{
    scan_space(scanner);
    uint8_t byte = peek(scanner);

    if (byte != ',' && byte != closing)
        return broken(scanner, STATUS_MALFORMED_JSON,
                      closing == ']' ? "expected , or ]" : "expected , or }");
    scanner->at++;
    *more = byte == ',';
    return STATUS_OK;
}

/* Step into a container; `more` says whether there is anything in it. */
static enum status scan_opening(struct scanner *scanner, uint8_t closing, bool *more)
{
    if (scanner->depth_left == 0)
        return broken(scanner, STATUS_TOO_DEEP, "nested too deep");
    scanner->depth_left--;
    scanner->at++;
    scan_space(scanner);
    *more = peek(scanner) != closing;
    if (!*more)
        scanner->at++;
    return STATUS_OK;
}

static enum status scan_array(struct scanner *scanner, struct elements *elements)
{
    bool more;
    enum status status = scan_opening(scanner, ']', &more);

    while (status == STATUS_OK && more) {
        scan_space(scanner);
        const uint8_t *first = scanner->at;

        status = scan_value(scanner);
        if (status != STATUS_OK)
            return status;
        if (elements != NULL) {
            if (elements->count < elements->max)
                elements->spans[elements->count] = span_of(first, (size_t)(scanner->at - first));
            elements->count++;
        }
        status = scan_separator(scanner, ']', &more);
    }
    scanner->depth_left++;
    return status;
}

static enum status scan_member(struct scanner *scanner)
{
    scan_space(scanner);
    if (peek(scanner) != '"')
        return broken(scanner, STATUS_MALFORMED_JSON, "expected a name");
    enum status status = scan_string(scanner);
    if (status != STATUS_OK)
        return status;
    scan_space(scanner);
    if (peek(scanner) != ':')
        return broken(scanner, STATUS_MALFORMED_JSON, "expected :");
    scanner->at++;
    scan_space(scanner);
    return scan_value(scanner);
}

static enum status scan_object(struct scanner *scanner)
{
    bool more;
    enum status status = scan_opening(scanner, '}', &more);

    while (status == STATUS_OK && more) {
        status = scan_member(scanner);
        if (status != STATUS_OK)
            return status;
        status = scan_separator(scanner, '}', &more);
    }
    scanner->depth_left++;
    return status;
}

static enum status scan_value(struct scanner *scanner)
{
    if (scanner->nodes_left == 0)
        return broken(scanner, STATUS_TOO_MANY_NODES, "too many values");
    scanner->nodes_left--;
    switch (peek(scanner)) {
    case '"':
        return scan_string(scanner);
    case '[':
        return scan_array(scanner, NULL);
    case '{':
        return scan_object(scanner);
    case 't':
        return scan_word(scanner, SPAN("true"));
    case 'f':
        return scan_word(scanner, SPAN("false"));
    case 'n':
        return scan_word(scanner, SPAN("null"));
    case '-':
        return scan_number(scanner);
    default:
        if (is_digit(peek(scanner)))
            return scan_number(scanner);
        return broken(scanner, STATUS_MALFORMED_JSON, "expected a value");
    }
}

/* Ready at the first value of a text that is well-formed UTF-8. */
static enum status scanner_init(struct scanner *scanner, struct span text,
                                const struct json_limits *limits, struct fault *fault)
{
    size_t bad;

    must(limits->depth <= DEPTH_SANE);
    if (text.size == 0)
        return fault_set(fault, STATUS_MALFORMED_JSON, "nothing at all");
    if (!utf8_check(text, &bad))
        return fault_set(fault, STATUS_MALFORMED_UTF8, "not UTF-8 at byte %zu", bad);
    *scanner = (struct scanner){.start = text.data,
                                .at = text.data,
                                .end = text.data + text.size,
                                .depth_left = limits->depth,
                                .nodes_left = limits->nodes,
                                .fault = fault};
    scan_space(scanner);
    return STATUS_OK;
}

/* Only white space may follow the value. */
static enum status scan_end(struct scanner *scanner)
{
    scan_space(scanner);
    if (scanner->at < scanner->end)
        return broken(scanner, STATUS_MALFORMED_JSON, "more than one value");
    return STATUS_OK;
}

enum status json_scan(struct span text, const struct json_limits *limits, struct fault *fault)
{
    struct scanner scanner;
    enum status status = scanner_init(&scanner, text, limits, fault);

    if (status == STATUS_OK)
        status = scan_value(&scanner);
    return status == STATUS_OK ? scan_end(&scanner) : status;
}

enum status json_scan_array(struct span text, const struct json_limits *limits,
                            struct span *elements, size_t elements_max, size_t *count,
                            struct fault *fault)
{
    struct scanner scanner;
    struct elements found = {.spans = elements, .max = elements_max};
    enum status status = scanner_init(&scanner, text, limits, fault);

    if (status != STATUS_OK)
        return status;
    bool array = peek(&scanner) == '[' && scanner.nodes_left > 0;
    if (array)
        scanner.nodes_left--;
    status = array ? scan_array(&scanner, &found) : scan_value(&scanner);
    if (status == STATUS_OK)
        status = scan_end(&scanner);
    if (status != STATUS_OK)
        return status;
    if (!array)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "not an array");
    *count = found.count;
    return STATUS_OK;
}
