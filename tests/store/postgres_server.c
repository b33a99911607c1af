#include "tests/store/postgres_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/must.h"

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    must(descriptor >= 0);
    must(bind(descriptor, (struct sockaddr *)&address, size) == 0);
    must(getsockname(descriptor, (struct sockaddr *)&address, &size) == 0);
    close(descriptor);
    return ntohs(address.sin_port);
}

/* Where initdb and postgres are. */
static void find_binaries(struct postgres_server *server)
{
    FILE *pipe = popen("ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1", "r");

    must(pipe != NULL);
    must(fgets(server->binaries, sizeof(server->binaries), pipe) != NULL);
    pclose(pipe);
    server->binaries[strcspn(server->binaries, "\n")] = '\0';
}

/* In the child: become somebody whom PostgreSQL accepts. */
static void leave_root(void)
{
    if (getuid() != 0)
        return;
    must(setgid(65534) == 0); /* nobody, with no group of its own */
    must(setuid(65534) == 0);
}

static pid_t spawn(const char *path, const char *const *arguments)
{
    pid_t pid = fork();

    must(pid >= 0);
    if (pid > 0)
        return pid;
    leave_root();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (chdir("/") != 0 || freopen("/dev/null", "w", stdout) == NULL ||
        freopen("/dev/null", "w", stderr) == NULL)
        _exit(126);
    execv(path, (char *const *)arguments);
    _exit(127);
}

void postgres_server_create(struct postgres_server *server)
{
    char path[160];
    int code = 0;

    *server = (struct postgres_server){.port = free_port()};
    find_binaries(server);
    snprintf(server->folder, sizeof(server->folder),
             "/tmp/tutti-postgres-XX"
             "XXXX");
    must(mkdtemp(server->folder) != NULL);
    if (getuid() == 0)
        must(chown(server->folder, 65534, 65534) == 0);
    const char *const arguments[] = {"initdb", "-D", server->folder, "-U", "tutti", "-A",
                                     "trust",  "-N", "--no-locale",  "-E", "UTF8",  NULL};
    snprintf(path, sizeof(path), "%s/initdb", server->binaries);
    pid_t pid = spawn(path, arguments);
    must(waitpid(pid, &code, 0) == pid && code == 0);
    postgres_server_start(server);
}

static void connect_or_wait(const struct postgres_server *server)
{
    char url[POSTGRES_URL_SIZE];

    postgres_server_url(server, "public", url);
    while (PQping(url) != PQPING_OK) {
        must(waitpid(server->pid, NULL, WNOHANG) == 0); /* else it did not start */
        must(poll(NULL, 0, 20) == 0);
    }
}

void postgres_server_start(struct postgres_server *server)
{
    char path[160];
    char port[8];

    snprintf(path, sizeof(path), "%s/postgres", server->binaries);
    snprintf(port, sizeof(port), "%u", server->port);
    const char *const arguments[] = {"postgres",
                                     "-D",
                                     server->folder,
                                     "-p",
                                     port,
                                     "-c",
                                     "listen_addresses=127.0.0.1",
                                     "-c",
                                     "unix_socket_directories=",
                                     "-c",
                                     "fsync=off",
                                     "-c",
                                     "shared_buffers=16MB",
                                     NULL};
    server->pid = spawn(path, arguments);
    connect_or_wait(server);
}

void postgres_server_stop(struct postgres_server *server)
{
    must(kill(server->pid, SIGQUIT) == 0);
    must(waitpid(server->pid, NULL, 0) == server->pid);
}

void postgres_server_destroy(struct postgres_server *server)
{
    postgres_server_stop(server);
    const char *const arguments[] = {"rm", "-r", server->folder, NULL};
    pid_t pid = spawn("/bin/rm", arguments);
    must(waitpid(pid, NULL, 0) == pid);
}

void postgres_server_url(const struct postgres_server *server, const char *schema,
                         char url[POSTGRES_URL_SIZE])
{
    snprintf(url, POSTGRES_URL_SIZE,
             "postgres://tutti@127.0.0.1:%u/postgres?options=-csearch_path%%3D%s", server->port,
             schema);
}

void postgres_server_execute(const struct postgres_server *server, const char *sql)
{
    char url[POSTGRES_URL_SIZE];

    postgres_server_url(server, "public", url);
    PGconn *connection = PQconnectdb(url);
    must(PQstatus(connection) == CONNECTION_OK);
    PGresult *result = PQexec(connection, sql);
    must(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK);
    PQclear(result);
    PQfinish(connection);
}
