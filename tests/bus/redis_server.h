/* redis_server - a Redis of a test's own: on a free port, without files, gone with the test. */
#ifndef TESTS_BUS_REDIS_SERVER_H
#define TESTS_BUS_REDIS_SERVER_H

#include <stdint.h>
#include <sys/types.h>

struct redis_server {
    pid_t pid;
    uint16_t port;
};

/* Start it; `password` may be NULL. The port is kept when it is not 0. Returns when it answers. */
void redis_server_start(struct redis_server *server, const char *password);
void redis_server_stop(struct redis_server *server);

/* One command, as redis-cli takes it; waits for its answer. */
void redis_server_command(const struct redis_server *server, const char *command);

#endif
