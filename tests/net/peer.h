/* peer - the other end of a server's socket, in one process with it. */
#ifndef TESTS_NET_PEER_H
#define TESTS_NET_PEER_H

#include <stdbool.h>

#include "base/buffer.h"

/* Let the server take turns until `needle` has come. False at the end of the connection, or when
 * nothing comes for long. `heard` grows by what came, and is a text in any case. */
bool peer_hear(int peer, void (*turn)(void), const char *needle, struct buffer *heard);

#endif
