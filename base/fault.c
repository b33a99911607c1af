#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>

enum status fault_set(struct fault *fault, enum status status, const char *format, ...)
{
    if (fault != NULL) {
        va_list values;

        va_start(values, format);
        vsnprintf(fault->text, sizeof(fault->text), format, values);
        va_end(values);
    }
    return status;
}
