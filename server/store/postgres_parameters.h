/* postgres_parameters - the values of a statement, in PostgreSQL's binary form.
 *
 * A statement over many rows takes one array for each column. Values are appended row by row to
 * their columns; parameters_finish() frees all. */
#ifndef SERVER_STORE_POSTGRES_PARAMETERS_H
#define SERVER_STORE_POSTGRES_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

enum { PARAMETERS_MAX = 48 };

enum parameter_kind { PARAMETER_NUMBER, PARAMETER_BYTES, PARAMETER_NUMBERS, PARAMETER_BYTES_ARRAY };

struct parameter {
    enum parameter_kind kind;
    bool null;
    uint32_t count; /* of an array */
    struct buffer data;
};

/* A zeroed one has none. */
struct parameters {
    struct parameter list[PARAMETERS_MAX];
    size_t count;
};

/* Append a value; at most INT64_MAX. */
void parameters_number(struct parameters *parameters, uint64_t value);
/* An absent span is NULL. */
void parameters_bytes(struct parameters *parameters, struct span bytes);

/* Append an empty array of numbers or of bytes, to be filled by the calls below. Returns its
 * place. */
size_t parameters_numbers(struct parameters *parameters);
size_t parameters_bytes_array(struct parameters *parameters);

void parameters_add_number(struct parameters *parameters, size_t place, uint64_t value);
/* An absent span is NULL. */
void parameters_add_bytes(struct parameters *parameters, size_t place, struct span bytes);

/* No more is added to arrays: their heads are written. */
void parameters_seal(struct parameters *parameters);

void parameters_finish(struct parameters *parameters);

#endif
