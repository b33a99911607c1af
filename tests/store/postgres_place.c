#include "tests/store/postgres_place.h"

#include <stdio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/must.h"
#include "server/store/store.h"
#include "tests/runner.h"

void postgres_place_new(struct postgres_place *place, const struct postgres_server *server)
{
    static unsigned count;
    char sql[64];

    *place = (struct postgres_place){.server = server};
    snprintf(place->schema, sizeof(place->schema), "t%d_%u", (int)getpid(), count++);
    snprintf(sql, sizeof(sql), "CREATE SCHEMA %s", place->schema);
    postgres_server_execute(server, sql);
    postgres_server_url(server, place->schema, place->url);
    must(backend_postgres_migrate(place->url, NULL) == STATUS_OK);
}

void postgres_place_empty(const struct postgres_place *place)
{
    postgres_place_execute(place, "DELETE FROM document; DELETE FROM entry; DELETE FROM session;"
                                  "DELETE FROM snapshot; DELETE FROM version; DELETE FROM secret");
}

void postgres_place_execute(const struct postgres_place *place, const char *sql)
{
    struct buffer text = {0};

    buffer_append_format(&text, "SET search_path = %s; %s", place->schema, sql);
    buffer_append_byte(&text, '\0');
    postgres_server_execute(place->server, (const char *)text.data);
    buffer_finish(&text);
}

struct backend *postgres_place_open(const char *url, store_clock_fn clock)
{
    struct backend *backend = NULL;
    struct fault fault = {""};
    enum status status = backend_postgres_open(url, clock, &backend, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    return backend;
}
