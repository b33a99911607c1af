/* inspector_log - browsers that watch the log of a document: server-sent events.
 *
 *   event: operation    id: SEQ    data: an entry, and what it was moved over
 *   event: missed                  data: {"count":…,"next":SEQ}
 *   :                              a heartbeat
 *
 * A watcher is a cursor over what the document has in memory, as a reader is. One whose socket is
 * full is not stepped, and nothing is kept for it: what has left memory meanwhile it has missed,
 * and is told so. A document that is unloaded tells nothing more until it is loaded again. */
#ifndef SERVER_NET_INSPECTOR_LOG_H
#define SERVER_NET_INSPECTOR_LOG_H

#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

struct event_base;
struct evhttp_request;
struct hub;
struct inspector_log;

/* Both are borrowed and outlive it. */
struct inspector_log *inspector_log_create(struct event_base *events, const struct hub *hub);

/* Nobody watches any more: evhttp has freed its connections. */
void inspector_log_destroy(struct inspector_log *log);

/* Let the request's client watch from the entry `from` on, 0: from some of the newest. Returns
 * NO_PATH when the document is not loaded and BUSY when too many watch; the request is then still
 * to be answered. */
MUST_CHECK enum status inspector_log_watch(struct inspector_log *log,
                                           struct evhttp_request *request, struct span name,
                                           uint64_t from);

/* The end of a turn: tell what has become durable. */
void inspector_log_turn(struct inspector_log *log);

#endif
