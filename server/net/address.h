/* address - HOST:PORT as people write it, and as the system wants it. */
#ifndef SERVER_NET_ADDRESS_H
#define SERVER_NET_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/fault.h"

struct address {
    struct sockaddr_storage storage;
    socklen_t size;
};

enum { ADDRESS_TEXT_SIZE = 64 };

/* Read `127.0.0.1:7400`, `[::1]:7400`, `localhost:0`. A name is looked up, and its first address
 * taken. FAILED with the reason when it is not one. */
MUST_CHECK enum status address_read(const char *text, struct address *address, struct fault *fault);

/* The address that a socket is bound to. */
void address_of_socket(int descriptor, struct address *address);

/* Can only this machine reach it? */
bool address_is_loopback(const struct address *address);

/* Is it "every address of this machine"? */
bool address_is_any(const struct address *address);

uint16_t address_port(const struct address *address);

/* `127.0.0.1:7400` or `[::1]:7400`. */
void address_write(const struct address *address, char out[ADDRESS_TEXT_SIZE]);

#endif
