#include "tests/bus/redis_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/must.h"

static int try_port(uint16_t *port, bool listening)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    must(descriptor >= 0);
    if (listening)
        return connect(descriptor, (struct sockaddr *)&address, size) == 0
                   ? descriptor
                   : (close(descriptor), -1);
    must(bind(descriptor, (struct sockaddr *)&address, size) == 0);
    must(getsockname(descriptor, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return descriptor;
}

static void wait_until_it_listens(const struct redis_server *server)
{
    uint16_t port = server->port;
    int descriptor;

    while ((descriptor = try_port(&port, true)) < 0) {
        must(waitpid(server->pid, NULL, WNOHANG) == 0); /* else it did not start */
        must(poll(NULL, 0, 5) == 0);
    }
    close(descriptor);
}

void redis_server_start(struct redis_server *server, const char *password)
{
    char port[8];

    if (server->port == 0)
        close(try_port(&server->port, false));
    snprintf(port, sizeof(port), "%u", server->port);
    server->pid = fork();
    must(server->pid >= 0);
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execlp("redis-server", "redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "",
               "--appendonly", "no", "--logfile", "/dev/null", "--requirepass",
               password != NULL ? password : "", (char *)NULL);
        _exit(127);
    }
    wait_until_it_listens(server);
}

void redis_server_stop(struct redis_server *server)
{
    must(kill(server->pid, SIGKILL) == 0);
    must(waitpid(server->pid, NULL, 0) == server->pid);
}

/* Redis takes commands as plain lines, too. */
void redis_server_command(const struct redis_server *server, const char *command)
{
    uint16_t port = server->port;
    int descriptor = try_port(&port, true);
    char answer[256];

    must(descriptor >= 0);
    must(dprintf(descriptor, "%s\r\n", command) > 0);
    must(read(descriptor, answer, sizeof(answer)) > 0);
    close(descriptor);
}
