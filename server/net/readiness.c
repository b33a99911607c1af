#include "server/net/readiness.h"

int readiness_code(const struct readiness *readiness)
{
    if (readiness->draining)
        return 404;
    return readiness->store_away ? 503 : 200;
}

void readiness_write(const struct readiness *readiness, bool verbose, struct buffer *out)
{
    static const char *const buses[] = {"none", "ok", "away"};
    bool ready = readiness_code(readiness) == 200;

    buffer_append_text(out, ready ? "ready\n" : readiness->draining ? "draining\n" : "not ready\n");
    if (!verbose)
        return;
    buffer_append_format(out, "store: %s\n", readiness->store_away ? "away" : "ok");
    buffer_append_format(out, "bus: %s\n", buses[readiness->bus]);
}
