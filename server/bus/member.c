#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "server/bus/bus.h"

#define LEAVING "/leaving"

void bus_member_write(const struct bus_member *member, char out[BUS_MEMBER_SIZE])
{
    int size = snprintf(out, BUS_MEMBER_SIZE, "%s/%llu%s", member->name,
                        (unsigned long long)member->start, member->leaving ? LEAVING : "");

    must(size > 0 && size < BUS_MEMBER_SIZE);
}

/* Take it off the end, if it is there. */
static bool take_leaving(struct span *text)
{
    size_t size = strlen(LEAVING);

    if (text->size < size || memcmp(text->data + text->size - size, LEAVING, size) != 0)
        return false;
    text->size -= size;
    return true;
}

/* The last slash counts: a name may have some of its own. */
bool bus_member_read(struct span text, struct bus_member *member)
{
    bool leaving = take_leaving(&text);
    size_t slash = text.size;
    uint64_t start = 0;

    while (slash > 0 && text.data[slash - 1] != '/')
        slash--;
    if (slash < 2 || slash == text.size || slash > sizeof(member->name))
        return false;
    for (size_t i = slash; i < text.size; i++) {
        uint64_t digit = (uint64_t)text.data[i] - '0';

        if (digit > 9 || start > (UINT64_MAX - digit) / 10)
            return false;
        start = start * 10 + digit;
    }
    *member = (struct bus_member){.start = start, .leaving = leaving};
    memcpy(member->name, text.data, slash - 1);
    return memchr(member->name, '\0', slash - 1) == NULL;
}
