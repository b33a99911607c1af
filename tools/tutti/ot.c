/* tutti ot - a filter for those who want to see what a type does with an operation.
 *
 *   {"type":"text","function":"apply","arguments":["abc",[1,"X"]]}            {"result":"aXbc"}
 *   {"type":"text","function":"transform","arguments":[[1,"X"],["Y"],"left"]} {"result":[2,"X"]}
 *   {"type":"text","function":"apply","arguments":["",[1,"X"]]}
 *                            {"error":"it skips 1 code points at 0 of a text of 0","code":208}
 *
 * Sides are those of the type's reference package. Each line gets one line, at once. */
#include "tools/tutti/tutti.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/memory.h"
#include "ot/tree_key.h"
#include "ot/type.h"

enum { ARGUMENTS_MAX = 3 };

/* The question wraps its arguments twice, and has several. */
static const struct json_limits question_limits = {
    LIMIT_JSON_DEPTH + 2,
    ARGUMENTS_MAX *(size_t)LIMIT_JSON_NODES,
};

/* ---- Arguments ---- */

static enum status read_content(const struct type *type, struct span json, struct content **content,
                                struct fault *fault)
{
    return type->create(json, content, fault);
}

static enum status read_operations(const struct type *type, const struct span *json,
                                   struct operation **first, struct operation **second,
                                   struct fault *fault)
{
    enum status status = type->decode(json[0], first, fault);

    if (status != STATUS_OK)
        return status;
    status = type->decode(json[1], second, fault);
    if (status != STATUS_OK)
        operation_discard(*first);
    return status;
}

static enum status read_side(const struct type *type, struct span json, enum side *side,
                             struct fault *fault)
{
    if (json_kind(json) == JSON_KIND_STRING && json_string_is(json, "left"))
        *side = type->left;
    else if (json_kind(json) == JSON_KIND_STRING && json_string_is(json, "right"))
        *side = side_other(type->left);
    else
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "the side is \"left\" or \"right\"");
    return STATUS_OK;
}

/* Write what a call made, if it did. */
static void write_result_take(enum status status, struct operation *result, struct buffer *out)
{
    if (status != STATUS_OK)
        return;
    result->type->write(result, out);
    operation_discard(result);
}

/* ---- Functions ---- */

static enum status ask_apply(const struct type *type, const struct span *arguments,
                             struct buffer *out, struct fault *fault)
{
    struct operation *operation;
    struct content *content;
    enum status status = read_content(type, arguments[0], &content, fault);

    if (status != STATUS_OK)
        return status;
    status = type->decode(arguments[1], &operation, fault);
    if (status == STATUS_OK) {
        status = type->apply(content, operation, fault);
        operation_discard(operation);
    }
    if (status == STATUS_OK)
        type->encode(content, out);
    content_destroy(content);
    return status;
}

static enum status ask_transform(const struct type *type, const struct span *arguments,
                                 struct buffer *out, struct fault *fault)
{
    struct operation *operation;
    struct operation *other;
    struct operation *result = NULL;
    enum side side = SIDE_FIRST;
    enum status status = read_side(type, arguments[2], &side, fault);

    if (status == STATUS_OK)
        status = read_operations(type, arguments, &operation, &other, fault);
    if (status != STATUS_OK)
        return status;
    status = type->transform(operation, other, side, &result);
    write_result_take(status, result, out);
    operation_discard(operation);
    operation_discard(other);
    return status;
}

static enum status ask_compose(const struct type *type, const struct span *arguments,
                               struct buffer *out, struct fault *fault)
{
    struct operation *first;
    struct operation *second;
    struct operation *result = NULL;
    enum status status = read_operations(type, arguments, &first, &second, fault);

    if (status != STATUS_OK)
        return status;
    status = type->compose(first, second, &result);
    write_result_take(status, result, out);
    operation_discard(first);
    operation_discard(second);
    return status;
}

static enum status ask_invert(const struct type *type, const struct span *arguments,
                              struct buffer *out, struct fault *fault)
{
    struct operation *operation;
    struct operation *result = NULL;
    struct content *content;
    enum status status = read_content(type, arguments[1], &content, fault);

    if (status != STATUS_OK)
        return status;
    status = type->decode(arguments[0], &operation, fault);
    if (status == STATUS_OK) {
        if (type->invert == NULL)
            status = fault_set(fault, STATUS_MALFORMED_MESSAGE, "%s cannot invert", type->name);
        else
            status = type->invert(operation, content, &result);
        write_result_take(status, result, out);
        operation_discard(operation);
    }
    content_destroy(content);
    return status;
}

static enum status ask_difference(const struct type *type, const struct span *arguments,
                                  struct buffer *out, struct fault *fault)
{
    struct content *before;
    struct content *after;
    struct operation *result = NULL;
    enum status status = read_content(type, arguments[0], &before, fault);

    if (status != STATUS_OK)
        return status;
    status = read_content(type, arguments[1], &after, fault);
    if (status == STATUS_OK) {
        status = type->difference(before, after, &result);
        write_result_take(status, result, out);
        content_destroy(after);
    }
    content_destroy(before);
    return status;
}

static enum status ask_move(const struct type *type, const struct span *arguments,
                            struct buffer *out, struct fault *fault)
{
    struct operation *operation;
    uint64_t position;

    if (type->move_position == NULL || !json_read_unsigned(arguments[1], &position))
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "not a position of %s", type->name);
    enum status status = type->decode(arguments[0], &operation, fault);
    if (status == STATUS_OK) {
        bool own = json_kind(arguments[2]) == JSON_KIND_TRUE;

        buffer_append_unsigned(out, type->move_position(operation, position, own));
        operation_discard(operation);
    }
    return status;
}

/* A key of tree; an absent one is null. */
static enum status read_key(struct span json, struct buffer *text, struct span *key,
                            struct fault *fault)
{
    if (json_kind(json) == JSON_KIND_NULL) {
        *key = SPAN_NONE;
        return STATUS_OK;
    }
    if (json_kind(json) == JSON_KIND_STRING)
        json_string_append(json, text);
    *key = buffer_span(text);
    return tree_key_check(*key) ? STATUS_OK
                                : fault_set(fault, STATUS_MALFORMED_OPERATION, "not a key");
}

static enum status ask_key(const struct type *type, const struct span *arguments,
                           struct buffer *out, struct fault *fault)
{
    struct buffer texts[2] = {{0}, {0}}, between = {0};
    struct span a, b;

    if (type != &type_tree)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "%s has no keys", type->name);
    enum status status = read_key(arguments[0], &texts[0], &a, fault);
    if (status == STATUS_OK)
        status = read_key(arguments[1], &texts[1], &b, fault);
    if (status == STATUS_OK && !tree_key_between(a, b, &between))
        status = fault_set(fault, STATUS_NOT_APPLICABLE, "there is no key between the two");
    if (status == STATUS_OK)
        json_write_string(out, buffer_span(&between));
    buffer_finish(&texts[0]);
    buffer_finish(&texts[1]);
    buffer_finish(&between);
    return status;
}

static const struct question {
    const char *name;
    size_t arguments;
    enum status (*ask)(const struct type *type, const struct span *arguments, struct buffer *out,
                       struct fault *fault);
} questions[] = {
    {"apply", 2, ask_apply},           /* document, operation */
    {"compose", 2, ask_compose},       /* first, second */
    {"difference", 2, ask_difference}, /* before, after */
    {"invert", 2, ask_invert},         /* operation, document */
    {"key_between", 2, ask_key},       /* key or null, key or null */
    {"move_position", 3, ask_move},    /* operation, position, own */
    {"transform", 3, ask_transform},   /* operation, other, "left" or "right" */
};

/* ---- Lines ---- */

static const struct question *find_question(struct span name)
{
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        if (json_string_is(name, questions[i].name))
            return &questions[i];
    return NULL;
}

static const struct type *find_type(struct span name)
{
    struct buffer text = {0};

    json_string_append(name, &text);
    const struct type *type = type_find(buffer_span(&text));
    buffer_finish(&text);
    return type;
}

/* The line without the white space around its value. */
static struct span trim(struct span line)
{
    while (line.size > 0 && memchr(" \t\r\n", line.data[line.size - 1], 4) != NULL)
        line.size--;
    while (line.size > 0 && memchr(" \t\r\n", line.data[0], 4) != NULL)
        line = span_of(line.data + 1, line.size - 1);
    return line;
}

static bool is_kind(struct span value, enum json_kind kind)
{
    return span_present(value) && json_kind(value) == kind;
}

static enum status answer(struct span line, struct buffer *out, struct fault *fault)
{
    struct span arguments[ARGUMENTS_MAX];
    enum status status = json_scan(line, &question_limits, fault);

    if (status != STATUS_OK)
        return status;
    if (json_kind(line) != JSON_KIND_OBJECT)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "a question is an object");

    struct span type_name = json_member(line, "type");
    struct span function_name = json_member(line, "function");
    struct span list = json_member(line, "arguments");
    const struct type *type = is_kind(type_name, JSON_KIND_STRING) ? find_type(type_name) : NULL;
    const struct question *question =
        is_kind(function_name, JSON_KIND_STRING) ? find_question(function_name) : NULL;
    if (type == NULL)
        return fault_set(fault, STATUS_TYPE_UNKNOWN, "no such type");
    if (question == NULL)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "no such function");
    if (!is_kind(list, JSON_KIND_ARRAY) || json_count(list) != question->arguments)
        return fault_set(fault, STATUS_MALFORMED_MESSAGE, "%s has %zu arguments", question->name,
                         question->arguments);

    struct json_walk walk;
    json_walk_init(&walk, list);
    for (size_t i = 0; i < question->arguments; i++)
        json_walk_element(&walk, &arguments[i]);
    return question->ask(type, arguments, out, fault);
}

static void answer_line(struct span line, struct buffer *out)
{
    struct fault fault = {0};

    buffer_clear(out);
    buffer_append_text(out, "{\"result\":");
    enum status status = answer(line, out, &fault);
    if (status != STATUS_OK) {
        const char *text = fault.text[0] != '\0' ? fault.text : status_text(status);

        buffer_clear(out);
        buffer_append_text(out, "{\"error\":");
        json_write_string(out, span_of_string(text));
        buffer_append_text(out, ",\"code\":");
        buffer_append_signed(out, status_code(status));
    }
    buffer_append_text(out, "}\n");
}

int tutti_ot(int argc, char **argv)
{
    struct buffer out = {0};
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;

    if (argc > 1) {
        fprintf(stderr, "usage: tutti %s < QUESTIONS\n", argv[0]);
        return EXIT_FAILURE;
    }
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        answer_line(trim(span_of(line, (size_t)size)), &out);
        if (fwrite(out.data, 1, out.size, stdout) != out.size || fflush(stdout) != 0)
            break;
    }
    memory_free(line);
    buffer_finish(&out);
    return ferror(stdin) || ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
