/* In the place of the PostgreSQL back end, where there is no libpq. */
#include "server/store/store.h"

static enum status absent(struct fault *fault)
{
    return fault_set(fault, STATUS_AWAY, "this program was built without PostgreSQL (libpq)");
}

enum status backend_postgres_open(const char *url, store_clock_fn clock, struct backend **backend,
                                  struct fault *fault)
{
    (void)url;
    (void)clock;
    (void)backend;
    return absent(fault);
}

enum status backend_postgres_look(const char *url, struct backend **backend, struct fault *fault)
{
    (void)url;
    (void)backend;
    return absent(fault);
}

enum status backend_postgres_migrate(const char *url, struct fault *fault)
{
    (void)url;
    return absent(fault);
}
