#include "tests/net/peer.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { IDLE_MAX = 1000, ROOM = 65536 };

bool peer_hear(int peer, void (*turn)(void), const char *needle, struct buffer *heard)
{
    *buffer_reserve(heard, 1) = 0;
    for (int idle = 0; idle < IDLE_MAX;) {
        struct pollfd wait = {.fd = peer, .events = POLLIN};

        turn();
        if (poll(&wait, 1, 1) == 0) {
            idle++;
            continue;
        }
        ssize_t size = recv(peer, buffer_reserve(heard, ROOM), ROOM - 1, 0);
        if (size <= 0)
            return false;
        buffer_grow(heard, (size_t)size);
        *buffer_reserve(heard, 1) = 0;
        if (memmem(heard->data, heard->size, needle, strlen(needle)) != NULL)
            return true;
    }
    return false;
}
