#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

enum status fault_set(struct fault *fault, enum status status, const char *format, ...)
{
    if (fault != NULL) {
        va_list values;
        size_t end;

        va_start(values, format);
        vsnprintf(fault->text, sizeof(fault->text), format, values);
        va_end(values);
        if (!utf8_check(span_of_string(fault->text), &end))
            fault->text[end] = '\0'; /* a character was cut */
    }
    return status;
}

const char *fault_text(const struct fault *fault, enum status status)
{
    return fault != NULL && fault->text[0] != '\0' ? fault->text : status_text(status);
}
