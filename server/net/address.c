#include "server/net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

enum { HOST_SIZE = 256 };

/* Cut `text` at its last colon; brackets around an IPv6 host go. */
static bool split(const char *text, char host[HOST_SIZE], const char **port)
{
    const char *colon = strrchr(text, ':');
    const char *end = colon;

    if (colon == NULL || colon[1] == '\0')
        return false;
    if (*text == '[') {
        if (colon[-1] != ']')
            return false;
        text++;
        end--;
    } else if (memchr(text, ':', (size_t)(colon - text)) != NULL) {
        return false; /* IPv6 without brackets: which colon ends it is a guess */
    }
    if (end <= text || (size_t)(end - text) >= HOST_SIZE)
        return false;
    memcpy(host, text, (size_t)(end - text));
    host[end - text] = '\0';
    *port = colon + 1;
    return true;
}

enum status address_read(const char *text, struct address *address, struct fault *fault)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found;
    const char *port;
    char host[HOST_SIZE];

    if (!split(text, host, &port) || strspn(port, "0123456789") != strlen(port) ||
        strlen(port) > 5 || strtoul(port, NULL, 10) > UINT16_MAX)
        return fault_set(fault, STATUS_FAILED, "\"%s\" is not HOST:PORT, as 127.0.0.1:7400", text);
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0)
        return fault_set(fault, STATUS_FAILED, "\"%s\": %s", host, gai_strerror(error));
    *address = (struct address){.size = found->ai_addrlen};
    memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return STATUS_OK;
}

void address_of_socket(int descriptor, struct address *address)
{
    *address = (struct address){.size = sizeof(address->storage)};
    must(getsockname(descriptor, (struct sockaddr *)&address->storage, &address->size) == 0);
}

static const struct sockaddr_in *as_ipv4(const struct address *address)
{
    return (const struct sockaddr_in *)&address->storage;
}

static const struct sockaddr_in6 *as_ipv6(const struct address *address)
{
    return (const struct sockaddr_in6 *)&address->storage;
}

static bool is_ipv4(const struct address *address)
{
    return address->storage.ss_family == AF_INET;
}

bool address_is_loopback(const struct address *address)
{
    if (is_ipv4(address))
        return ntohl(as_ipv4(address)->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&as_ipv6(address)->sin6_addr);
}

bool address_is_any(const struct address *address)
{
    if (is_ipv4(address))
        return as_ipv4(address)->sin_addr.s_addr == htonl(INADDR_ANY);
    return IN6_IS_ADDR_UNSPECIFIED(&as_ipv6(address)->sin6_addr);
}

uint16_t address_port(const struct address *address)
{
    return ntohs(is_ipv4(address) ? as_ipv4(address)->sin_port : as_ipv6(address)->sin6_port);
}

void address_write(const struct address *address, char out[ADDRESS_TEXT_SIZE])
{
    char host[INET6_ADDRSTRLEN];
    bool ipv4 = is_ipv4(address);
    const void *bytes =
        ipv4 ? (const void *)&as_ipv4(address)->sin_addr : &as_ipv6(address)->sin6_addr;

    must(inet_ntop(address->storage.ss_family, bytes, host, sizeof(host)) != NULL);
    snprintf(out, ADDRESS_TEXT_SIZE, ipv4 ? "%s:%u" : "[%s]:%u", host, address_port(address));
}
