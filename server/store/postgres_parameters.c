#include "server/store/postgres_parameters.h"

#include <string.h>

#include "base/must.h"

/* The numbers of PostgreSQL's types (pg_type.dat); they never change. */
enum { OID_BYTEA = 17, OID_INT8 = 20 };

/* An array begins with: dimensions, has NULLs, type of the elements, their count, first index. */
enum { ARRAY_HEAD_SIZE = 20 };

static void write_32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void append_32(struct buffer *out, uint32_t value)
{
    write_32(buffer_reserve(out, 4), value);
    buffer_grow(out, 4);
}

static void append_64(struct buffer *out, uint64_t value)
{
    must(value <= INT64_MAX);
    append_32(out, (uint32_t)(value >> 32));
    append_32(out, (uint32_t)value);
}

static struct parameter *add(struct parameters *parameters, enum parameter_kind kind)
{
    must(parameters->count < PARAMETERS_MAX);
    struct parameter *parameter = &parameters->list[parameters->count++];

    *parameter = (struct parameter){.kind = kind};
    return parameter;
}

void parameters_number(struct parameters *parameters, uint64_t value)
{
    append_64(&add(parameters, PARAMETER_NUMBER)->data, value);
}

void parameters_bytes(struct parameters *parameters, struct span bytes)
{
    struct parameter *parameter = add(parameters, PARAMETER_BYTES);

    parameter->null = !span_present(bytes);
    if (!parameter->null)
        buffer_append(&parameter->data, bytes);
}

static size_t add_array(struct parameters *parameters, enum parameter_kind kind)
{
    struct buffer *data = &add(parameters, kind)->data;

    memset(buffer_reserve(data, ARRAY_HEAD_SIZE), 0, ARRAY_HEAD_SIZE);
    buffer_grow(data, ARRAY_HEAD_SIZE);
    return parameters->count - 1;
}

size_t parameters_numbers(struct parameters *parameters)
{
    return add_array(parameters, PARAMETER_NUMBERS);
}

size_t parameters_bytes_array(struct parameters *parameters)
{
    return add_array(parameters, PARAMETER_BYTES_ARRAY);
}

void parameters_add_number(struct parameters *parameters, size_t place, uint64_t value)
{
    struct parameter *array = &parameters->list[place];

    must(array->kind == PARAMETER_NUMBERS);
    array->count++;
    append_32(&array->data, 8);
    append_64(&array->data, value);
}

void parameters_add_bytes(struct parameters *parameters, size_t place, struct span bytes)
{
    struct parameter *array = &parameters->list[place];

    must(array->kind == PARAMETER_BYTES_ARRAY && bytes.size <= INT32_MAX);
    array->count++;
    if (!span_present(bytes)) {
        append_32(&array->data, UINT32_MAX);
        return;
    }
    append_32(&array->data, (uint32_t)bytes.size);
    buffer_append(&array->data, bytes);
}

void parameters_seal(struct parameters *parameters)
{
    for (size_t i = 0; i < parameters->count; i++) {
        struct parameter *array = &parameters->list[i];

        if (array->kind < PARAMETER_NUMBERS)
            continue;
        write_32(array->data.data, 1);
        write_32(array->data.data + 4, array->kind == PARAMETER_BYTES_ARRAY);
        write_32(array->data.data + 8, array->kind == PARAMETER_NUMBERS ? OID_INT8 : OID_BYTEA);
        write_32(array->data.data + 12, array->count);
        write_32(array->data.data + 16, 1);
    }
}

void parameters_finish(struct parameters *parameters)
{
    for (size_t i = 0; i < parameters->count; i++)
        buffer_finish(&parameters->list[i].data);
    parameters->count = 0;
}
