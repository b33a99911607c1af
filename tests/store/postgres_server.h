/* postgres_server - a PostgreSQL of a test's own: a new cluster on a free port, gone with it.
 *
 * It runs as another user where the test is root, since it refuses to be that. */
#ifndef TESTS_STORE_POSTGRES_SERVER_H
#define TESTS_STORE_POSTGRES_SERVER_H

#include <stdint.h>
#include <sys/types.h>

enum { POSTGRES_URL_SIZE = 160 };

struct postgres_server {
    char folder[64];
    char binaries[128];
    pid_t pid;
    uint16_t port;
};

/* Make the cluster and start it. */
void postgres_server_create(struct postgres_server *server);
/* Stop it and take its files away. */
void postgres_server_destroy(struct postgres_server *server);

/* Start it again on its port and files, and stop it at once, as a crash would. */
void postgres_server_start(struct postgres_server *server);
void postgres_server_stop(struct postgres_server *server);

/* The URL of a schema of its own. */
void postgres_server_url(const struct postgres_server *server, const char *schema,
                         char url[POSTGRES_URL_SIZE]);

/* Run SQL as the server's owner; aborts when it fails. */
void postgres_server_execute(const struct postgres_server *server, const char *sql);

#endif
