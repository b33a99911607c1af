/* fake_hub - a hub that echoes, so that the network can be tested by itself.
 *
 * It implements server/collab/hub.h: each message comes back as it is, one that is too large as
 * what is known of it, `"bye"` closes the link with
 * 1000, `"break"` with 1002. The test sees and steers the rest from here. */
#ifndef TESTS_NET_FAKE_HUB_H
#define TESTS_NET_FAKE_HUB_H

#include <stdbool.h>

#include "base/buffer.h"
#include "server/collab/hub.h"

struct hub *fake_hub_create(void);

/* Messages received so far, all links. */
size_t fake_hub_received(const struct hub *hub);

/* The last one. */
struct span fake_hub_last(const struct hub *hub);

/* Signs of life that were no messages. */
size_t fake_hub_heard(const struct hub *hub);

/* Links that are not disconnected. */
size_t fake_hub_links(const struct hub *hub);

/* No link wants input while this is on. */
void fake_hub_hold(struct hub *hub, bool hold);

/* Append bytes (whole frames) to the stream that every link follows. */
void fake_hub_stream(struct hub *hub, struct span frames);

/* Forget the stream, which everybody has been sent. */
void fake_hub_rewind(struct hub *hub);

#endif
