#include "tools/tutti/process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 300, LINE_SIZE = 1024, STATE_LISTEN = 0x0A };

struct process_usage process_usage(int pid)
{
    struct process_usage usage = {0};
    unsigned long user = 0;
    unsigned long system = 0;
    unsigned long pages = 0;
    char path[PATH_SIZE];
    char line[LINE_SIZE];

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        /* The name may hold anything; what we want comes after its last parenthesis. */
        const char *rest = strrchr(line, ')');

        if (rest != NULL && sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                                   &user, &system) == 2)
            usage.cpu_seconds = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    }
    if (file != NULL)
        fclose(file);
    snprintf(path, sizeof(path), "/proc/%d/statm", pid);
    file = fopen(path, "r");
    if (file != NULL && fscanf(file, "%*u %lu", &pages) == 1)
        usage.rss_bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    if (file != NULL)
        fclose(file);
    return usage;
}

/* The inode of the socket that listens on `port`; 0 when there is none. */
static unsigned long listening_inode(const char *table, unsigned port)
{
    FILE *file = fopen(table, "r");
    char line[LINE_SIZE];
    unsigned long found = 0;

    while (file != NULL && found == 0 && fgets(line, sizeof(line), file) != NULL) {
        unsigned local;
        unsigned state;
        unsigned long inode;

        if (sscanf(line, "%*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %*u %*u %lu", &local,
                   &state, &inode) == 3 &&
            local == port && state == STATE_LISTEN)
            found = inode;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

static int has_socket(int pid, unsigned long inode)
{
    char path[PATH_SIZE];
    char wanted[64];
    char target[64];
    const struct dirent *entry;
    int found = 0;

    snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    while (folder != NULL && !found && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid, entry->d_name);
        ssize_t size = readlink(path, target, sizeof(target) - 1);
        if (size <= 0)
            continue;
        target[size] = '\0';
        found = strcmp(target, wanted) == 0;
    }
    if (folder != NULL)
        closedir(folder);
    return found;
}

int process_listening_on(unsigned port)
{
    unsigned long inode = listening_inode("/proc/net/tcp", port);
    const struct dirent *entry;
    int found = 0;

    if (inode == 0)
        inode = listening_inode("/proc/net/tcp6", port);
    DIR *folder = inode != 0 ? opendir("/proc") : NULL;
    while (folder != NULL && found == 0 && (entry = readdir(folder)) != NULL) {
        int pid = (int)strtol(entry->d_name, NULL, 10);

        if (pid > 0 && has_socket(pid, inode))
            found = pid;
    }
    if (folder != NULL)
        closedir(folder);
    return found;
}
