/* postgres_place - a schema with our tables in a test's own PostgreSQL, and a hand that does with
 * them what other programs would. */
#ifndef TESTS_STORE_POSTGRES_PLACE_H
#define TESTS_STORE_POSTGRES_PLACE_H

#include "server/store/store.h"
#include "tests/store/postgres_server.h"

struct postgres_place {
    const struct postgres_server *server;
    char schema[32];
    char url[POSTGRES_URL_SIZE];
};

/* A new one, with the tables of this version. The server is borrowed. */
void postgres_place_new(struct postgres_place *place, const struct postgres_server *server);

/* Take every row away but the version's: much faster than a new one. */
void postgres_place_empty(const struct postgres_place *place);

/* Run SQL on it; aborts when it fails. */
void postgres_place_execute(const struct postgres_place *place, const char *sql);

/* Open the store at a URL, as a server does; it is there. `clock` as backend_postgres_open(). */
struct backend *postgres_place_open(const char *url, store_clock_fn clock);

#endif
