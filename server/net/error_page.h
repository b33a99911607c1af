/* error_page - what evhttp refuses by itself is said as everything else is.
 *
 * A request that cannot be parsed, is too large or has an unknown method never reaches us: evhttp
 * answers it with a page of its own, in HTML, and has no call to change that. So the page is taken
 * out of the connection's output, and JSON put in its place, before it is written. */
#ifndef SERVER_NET_ERROR_PAGE_H
#define SERVER_NET_ERROR_PAGE_H

struct bufferevent;

/* Look after what this connection of evhttp's will write. */
void error_page_replace(struct bufferevent *connection);

#endif
