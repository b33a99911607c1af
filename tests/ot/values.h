/* values - operations and contents from JSON, for every program under tests/: what is no JSON or
 * does not fit ends the program. */
#ifndef TESTS_OT_VALUES_H
#define TESTS_OT_VALUES_H

#include "base/json_scan.h"
#include "ot/type.h"

static inline struct operation *law_operation(const struct type *type, const char *json)
{
    struct operation *operation = NULL;

    must(json_scan(span_of_string(json), &json_limits_default, NULL) == STATUS_OK);
    must(type->decode(span_of_string(json), &operation, NULL) == STATUS_OK);
    return operation;
}

static inline struct content *law_content(const struct type *type, const char *json)
{
    struct content *content = NULL;

    must(json_scan(span_of_string(json), &json_limits_default, NULL) == STATUS_OK);
    must(type->create(span_of_string(json), &content, NULL) == STATUS_OK);
    return content;
}

#endif
