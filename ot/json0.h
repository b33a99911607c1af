/* json0 - JSON documents, operations as those of ot-json0 1.1.0: the parts of the type.
 *
 * An operation is a list of components, applied one after the other. A component names a place by
 * its path and does one thing there:
 *
 *   {p, na}            add to a number            {p+[offset], si | sd}   edit a string
 *   {p+[index], li, ld}  insert, delete, replace  {p, t, o}               operation of an embedded
 *   {p+[index], lm}      move within a list                               type
 *   {p+[name], oi, od}   set, remove, replace
 *
 *   json0_decode     JSON <-> operations              json0_apply      documents, one step at a
 * time json0_compose    joining neighbours, inverting    json0_journal    taking steps back
 *   json0_transform  one component over another       json0_difference
 *
 * Where the reference is loose (offsets beyond the end, wrong kinds, halves of surrogate pairs,
 * `__proto__` in a path) the component is refused. What it does not look at is not looked at here
 * either: `li`, `ld`, `oi` and `od` need not be what was there. */
#ifndef OT_JSON0_H
#define OT_JSON0_H

#include <stdbool.h>
#include <stdint.h>

#include "ot/pairwise.h"
#include "ot/text0.h"
#include "ot/type.h"
#include "ot/value.h"

/* ---- Paths: shared, copied when one of several holders changes a key ---- */

struct json0_key {
    json_t *name;   /* a string; NULL when the key is an index or an offset */
    uint64_t index; /* of an element, or the offset in a string */
};

struct json0_path {
    unsigned references;
    size_t count;
    struct json0_key keys[];
};

struct json0_path *json0_path_create(size_t count); /* keys zeroed */
struct json0_path *json0_path_share(struct json0_path *path);
void json0_path_release(struct json0_path *path); /* NULL allowed */

/* ---- Components ---- */

enum json0_kind {
    JSON0_ADD,      /* na */
    JSON0_LIST,     /* li, ld or both */
    JSON0_MOVE,     /* lm */
    JSON0_OBJECT,   /* oi, od or both */
    JSON0_STRING,   /* si or sd; the last key is the offset */
    JSON0_TEXT0,    /* t: "text0"; not the same as the above, as in the reference */
    JSON0_EMBEDDED, /* t: the name of another type */
};

/* The operation of an embedded type, shared between components. */
struct json0_embedded {
    unsigned references;
    struct components parts;     /* of text0 … */
    struct operation *operation; /* … or of any other type; then not NULL */
};

struct json0_component {
    enum json0_kind kind;
    struct json0_path *path;
    json_t *insert;                  /* li, oi, si; NULL when absent */
    json_t *remove;                  /* ld, od, sd; NULL when absent */
    double add;                      /* na */
    uint64_t to;                     /* lm */
    struct json0_embedded *embedded; /* o, of TEXT0 and EMBEDDED */
};

extern const struct pairwise json0_pairwise;

/* The last key; NULL when the path is empty. */
const struct json0_key *json0_last_key(const struct json0_component *component);

/* Key `index` of the component's path, its own to change. */
struct json0_key *json0_own_key(struct json0_component *component, size_t index);

bool json0_key_equal(const struct json0_key *a, const struct json0_key *b);

/* Take the reference away and leave NULL. */
void json0_drop(json_t **value);

/* Let go of `embedded`, NULL allowed; take `operation` or `parts` as a new one. */
void json0_embedded_release(struct json0_embedded *embedded);
struct json0_embedded *json0_embedded_take(struct operation *operation, struct components parts);

/* ---- Embedded types, by the names that the reference registers them with ---- */

struct json0_subtype {
    const char *name;
    const struct type *type;
    bool drops_empty; /* its operations are arrays: the reference drops an empty transform */
};

/* NULL when there is none. */
const struct json0_subtype *json0_subtype_find(struct span name);
const struct json0_subtype *json0_subtype_of(const struct operation *operation);

/* ---- Operations ---- */

struct json0_operation {
    struct operation operation;
    struct components components;
};

struct json0_operation *json0_operation_of(const struct operation *operation);
struct json0_operation *json0_operation_create(void);

/* The calls of the type's table, one or two to a file. */
enum status json0_decode(struct span json, struct operation **operation, struct fault *fault);
void json0_write(const struct operation *operation, struct buffer *out);
enum status json0_compose(const struct operation *first, const struct operation *second,
                          struct operation **result);
enum status json0_invert(const struct operation *operation, const struct content *before,
                         struct operation **result);
enum status json0_transform(const struct operation *operation, const struct operation *other,
                            enum side side, struct operation **result);
enum status json0_difference(const struct content *before, const struct content *after,
                             struct operation **result);
enum status json0_check(const struct content *content, const struct operation *operation,
                        struct fault *fault);
enum status json0_apply(struct content *content, const struct operation *operation,
                        struct fault *fault);

/* The list operations behind json0_pairwise. */
enum status json0_append(struct components *list, const void *component);
enum status json0_transform_component(struct components *list, const void *component,
                                      const void *other, enum side side);

/* ---- Documents ---- */

struct json0_content {
    struct content content;
    json_t *root;
    struct value_size size; /* depth is not kept */
};

struct json0_content *json0_content_of(const struct content *content);

/* Perform one component on `*root`, whose place in the component's path is behind `skip` keys.
 * NOT_APPLICABLE or OVERFLOW: nothing has changed. */
MUST_CHECK enum status json0_apply_to_value(json_t **root, const struct json0_component *component,
                                            size_t skip, struct fault *fault);

/* The value that an EMBEDDED component works on, as a document of its type; the caller's. */
MUST_CHECK enum status json0_embedded_content(json_t *root, const struct json0_component *component,
                                              struct content **content);

#endif
