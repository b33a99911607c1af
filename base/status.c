#include "base/status.h"

#include <stddef.h>

static const struct {
    enum status_class class;
    int code;
    const char *text;
} table[] = {
#define STATUS_ROW(name, class, code, text) {class, code, text},
    STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

int status_code(enum status status)
{
    must(status < STATUS_COUNT);
    return table[status].code;
}

enum status status_of_code(int code)
{
    for (size_t i = 0; i < STATUS_COUNT; i++)
        if (table[i].code == code)
            return (enum status)i;
    return STATUS_COUNT;
}

enum status_class status_class(enum status status)
{
    must(status < STATUS_COUNT);
    return table[status].class;
}

const char *status_text(enum status status)
{
    must(status < STATUS_COUNT);
    return table[status].text;
}
