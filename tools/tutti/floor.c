#include "tools/tutti/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/must.h"
#include "tools/tutti/moment.h"

enum { RECORD_SIZE = 256, PATH_SIZE = 4096, MESSAGE_MAX = 4096 };

double floor_syncs(const char *folder, double seconds)
{
    static const char record[RECORD_SIZE];
    char path[PATH_SIZE];
    size_t count = 0;

    snprintf(path, sizeof(path), "%s/tutti-floor.%d", folder, (int)getpid());
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return 0;
    uint64_t begin = moment_ns();
    while (moment_seconds(moment_ns() - begin) < seconds &&
           write(file, record, sizeof(record)) == sizeof(record) && fdatasync(file) == 0)
        count++;
    double rate = (double)count / moment_seconds(moment_ns() - begin);
    close(file);
    unlink(path);
    return rate;
}

/* ---- The relay, in a process of its own ---- */

struct relay {
    int writer;
    int *readers;
    size_t count;
    uint8_t data[LIMIT_READ_BYTES];
};

static void send_whole(int socket, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(socket, data, size, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            _exit(EXIT_SUCCESS); /* the readers have gone */
        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        }
    }
}

static void on_relay(evutil_socket_t socket, short what, void *context)
{
    struct relay *relay = context;
    ssize_t size = recv(socket, relay->data, sizeof(relay->data), 0);

    (void)what;
    if (size <= 0)
        _exit(EXIT_SUCCESS);
    for (size_t i = 0; i < relay->count; i++)
        send_whole(relay->readers[i], relay->data, (size_t)size);
}

/* Accept the writer, then the readers, and relay until the writer goes. */
static _Noreturn void run_relay(int listener, size_t readers)
{
    struct relay *relay = memory_zeroed(1, sizeof(*relay));
    struct event_base *events = event_base_new();
    struct event readable;
    int on = 1;

    relay->readers = memory_zeroed(readers, sizeof(int));
    relay->writer = accept(listener, NULL, NULL);
    for (; relay->count < readers; relay->count++) {
        int reader = accept(listener, NULL, NULL);

        setsockopt(reader, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        relay->readers[relay->count] = reader;
    }
    event_assign(&readable, events, relay->writer, EV_READ | EV_PERSIST, on_relay, relay);
    event_add(&readable, NULL);
    event_base_dispatch(events);
    _exit(EXIT_SUCCESS);
}

/* ---- The readers and the writer, here ---- */

struct stand {
    struct event_base *events;
    struct event *readers; /* the first one also tells the writer what has come back */
    size_t count;
    int writer;
    size_t size;
    uint64_t received; /* bytes, by all readers */
    size_t partial;    /* bytes of a message that the first reader has of the next one */
    uint8_t message[MESSAGE_MAX];
    uint8_t data[LIMIT_READ_BYTES];
};

static void write_messages(struct stand *stand, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (send(stand->writer, stand->message, stand->size, MSG_NOSIGNAL) < 0)
            event_base_loopbreak(stand->events);
}

static void on_reader(evutil_socket_t socket, short what, void *context)
{
    struct stand *stand = context;
    ssize_t size = recv(socket, stand->data, sizeof(stand->data), 0);

    (void)what;
    if (size <= 0) {
        event_base_loopbreak(stand->events);
        return;
    }
    stand->received += (uint64_t)size;
    if (socket == event_get_fd(&stand->readers[stand->count - 1])) {
        stand->partial += (size_t)size;
        write_messages(stand, stand->partial / stand->size);
        stand->partial %= stand->size;
    }
}

static int connect_to(const struct sockaddr_in *address)
{
    int on = 1;
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (made >= 0 && connect(made, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        close(made);
        return -1;
    }
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return made;
}

static bool connect_readers(struct stand *stand, const struct sockaddr_in *address, size_t readers)
{
    stand->writer = connect_to(address);
    for (; stand->count < readers; stand->count++) {
        int reader = connect_to(address);

        if (reader < 0)
            return false;
        event_assign(&stand->readers[stand->count], stand->events, reader, EV_READ | EV_PERSIST,
                     on_reader, stand);
        event_add(&stand->readers[stand->count], NULL);
    }
    return stand->writer >= 0;
}

/* How many messages arrived, in how many seconds. */
struct arrivals {
    double count;
    double seconds;
};

static struct arrivals measure(struct stand *stand, size_t in_flight, double seconds)
{
    struct timeval duration = {.tv_sec = (time_t)seconds};
    uint64_t begin = moment_ns();

    write_messages(stand, in_flight);
    event_base_loopexit(stand->events, &duration);
    event_base_dispatch(stand->events);
    return (struct arrivals){
        .count = (double)stand->received / (double)stand->size,
        .seconds = moment_seconds(moment_ns() - begin),
    };
}

static struct arrivals stand_run(const struct sockaddr_in *address, size_t readers,
                                 size_t in_flight, size_t size, double seconds)
{
    struct stand *stand = memory_zeroed(1, sizeof(*stand));
    struct arrivals arrivals = {0};

    stand->events = event_base_new();
    stand->readers = memory_zeroed(readers, sizeof(*stand->readers));
    stand->size = size;
    if (connect_readers(stand, address, readers))
        arrivals = measure(stand, in_flight, seconds);
    for (size_t i = 0; i < stand->count; i++) {
        event_del(&stand->readers[i]);
        close(event_get_fd(&stand->readers[i]));
    }
    close(stand->writer);
    event_base_free(stand->events);
    memory_free(stand->readers);
    memory_free(stand);
    return arrivals;
}

/* End the relay; the CPU time that it took. */
static double end_relay(pid_t child)
{
    struct rusage usage = {0};

    kill(child, SIGKILL);
    wait4(child, NULL, 0, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct floor_fanout floor_fanout(size_t readers, size_t in_flight, size_t size, double seconds)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct floor_fanout result = {0};
    pid_t child = -1;

    must(size > 0 && size <= MESSAGE_MAX && readers > 0);
    if (bind(listener, (struct sockaddr *)&address, address_size) == 0 &&
        listen(listener, SOMAXCONN) == 0 &&
        getsockname(listener, (struct sockaddr *)&address, &address_size) == 0) {
        fflush(stdout);
        child = fork();
    }
    if (child == 0)
        run_relay(listener, readers);
    if (child > 0) {
        struct arrivals arrivals = stand_run(&address, readers, in_flight, size, seconds);
        double cpu = end_relay(child);

        if (arrivals.count > 0) {
            result.per_second = arrivals.count / arrivals.seconds;
            result.cpu_us = cpu * 1e6 / arrivals.count;
        }
    }
    close(listener);
    return result;
}
