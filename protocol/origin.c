#include "protocol/origin.h"

#include <string.h>

static bool ends_with(struct span text, struct span end)
{
    return text.size >= end.size &&
           span_equal_without_case(span_of(text.data + text.size - end.size, end.size), end);
}

/* The host without the port that its scheme has anyway: one side may write it, the other not. */
static struct span without_default_port(struct span host, bool secure)
{
    struct span port = secure ? SPAN(":443") : SPAN(":80");

    if (ends_with(host, port))
        host.size -= port.size;
    return host;
}

/* A page of `http://HOST` or `https://HOST`: no other scheme says where a page came from. */
static bool is_host(struct span origin, struct span host)
{
    static const struct {
        struct span start;
        bool secure;
    } schemes[] = {{{(const uint8_t *)"http://", 7}, false},
                   {{(const uint8_t *)"https://", 8}, true}};

    for (size_t i = 0; i < 2; i++) {
        struct span start = schemes[i].start;

        if (origin.size < start.size ||
            !span_equal_without_case(span_of(origin.data, start.size), start))
            continue;
        struct span rest = span_of(origin.data + start.size, origin.size - start.size);

        return span_equal_without_case(without_default_port(rest, schemes[i].secure),
                                       without_default_port(host, schemes[i].secure));
    }
    return false;
}

bool origin_is_allowed(struct span origin, struct span host, const struct origins *origins)
{
    if (!span_present(origin))
        return true;
    for (size_t i = 0; i < origins->count; i++)
        if (strcmp(origins->list[i], "*") == 0 ||
            span_equal_without_case(origin, span_of_string(origins->list[i])))
            return true;
    return is_host(origin, host);
}

bool origin_host_is_allowed(struct span host, const struct origins *origins)
{
    for (size_t i = 0; i < origins->count; i++)
        if (strcmp(origins->list[i], "*") == 0 || is_host(span_of_string(origins->list[i]), host))
            return true;
    return false;
}

bool origin_host_is_own(struct span host)
{
    const uint8_t *colon = memrchr(host.data, ':', host.size);
    bool address = true;

    if (host.size > 0 && host.data[0] == '[')
        return true;
    if (colon != NULL)
        host.size = (size_t)(colon - host.data);
    for (size_t i = 0; i < host.size; i++)
        address = address && (host.data[i] == '.' || (host.data[i] >= '0' && host.data[i] <= '9'));
    if (address || span_equal_without_case(host, SPAN("localhost")))
        return true;
    return ends_with(host, SPAN(".localhost"));
}
