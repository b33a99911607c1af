#include "server/collab/audience.h"

#include "base/must.h"
#include "server/collab/hub_state.h"
#include "server/collab/reader.h"

void audience_finish(struct audience *audience)
{
    must(audience->knowing == NULL && audience->asking == NULL);
    ephemeral_finish(&audience->ephemeral);
}

static struct audience *audience_of(const struct reader *reader)
{
    return &reader->document->company.audiences[reader->link->dialect->kind];
}

/* The list of the audience that a part is. */
static struct reader **list_of(struct audience *audience, enum audience_part part)
{
    if (part == AUDIENCE_KNOWING)
        return &audience->knowing;
    return part == AUDIENCE_ASKING ? &audience->asking : NULL;
}

static bool has_to_be_told(enum audience_part part)
{
    return part == AUDIENCE_BEHIND || part == AUDIENCE_ASKING;
}

/* The only door between the parts. */
static void move(struct reader *reader, enum audience_part part)
{
    struct link *link = reader->link;
    struct reader **from = list_of(audience_of(reader), reader->audience);
    struct reader **to = list_of(audience_of(reader), part);
    bool listed = has_to_be_told(reader->audience);

    if (part == reader->audience)
        return;
    if (from != NULL)
        DL_DELETE2(*from, reader, audience_prev, audience_next);
    if (to != NULL)
        DL_APPEND2(*to, reader, audience_prev, audience_next);
    if (listed && !has_to_be_told(part))
        DL_DELETE2(link->telling, reader, telling_prev, telling_next);
    else if (!listed && has_to_be_told(part))
        DL_APPEND2(link->telling, reader, telling_prev, telling_next);
    reader->audience = part;
}

/* ---- What becomes of a reader ---- */

static void ask(struct reader *reader)
{
    move(reader, AUDIENCE_ASKING);
    reader->told = EPHEMERAL_NOWHERE;
    company_touch(reader->document);
}

void audience_join(struct reader *reader, bool knows)
{
    if (knows)
        move(reader, AUDIENCE_KNOWING);
    else
        ask(reader);
}

void audience_leave(struct reader *reader)
{
    move(reader, AUDIENCE_AWAY);
}

/* ---- Telling ---- */

/* It begins to read at `place`, behind what it has said itself. */
static void place_at(struct reader *reader, uint64_t place)
{
    const struct ephemeral *ephemeral = &audience_of(reader)->ephemeral;
    size_t nothing = 0;
    struct span half;

    reader->told = ephemeral_step(ephemeral, &reader->link->session, place, &nothing, &half);
    reader->was_told = true;
    move(reader, reader->told == ephemeral_end(ephemeral) ? AUDIENCE_KNOWING : AUDIENCE_BEHIND);
    if (reader->audience == AUDIENCE_BEHIND)
        link_touch(reader->link);
}

/* Its document has ended for it: it is told nothing any more. */
static bool has_ended(const struct reader *reader)
{
    return reader->closes_at != UINT64_MAX;
}

static void miss(struct reader *reader)
{
    reader->told = EPHEMERAL_NOWHERE;
    move(reader, AUDIENCE_BEHIND);
}

bool audience_asks(struct audience *audience)
{
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE2 (audience->asking, reader, next, audience_next)
        if (reader->link->blocked || has_ended(reader))
            miss(reader);
    return audience->asking != NULL;
}

void audience_restart(struct audience *audience)
{
    ephemeral_restart(&audience->ephemeral);
}

void audience_tell(struct audience *audience)
{
    const struct ephemeral *ephemeral = &audience->ephemeral;
    struct reader *reader;
    struct reader *next;

    DL_FOREACH_SAFE2 (audience->knowing, reader, next, audience_next)
        if (has_ended(reader))
            miss(reader);
        else
            place_at(reader, ephemeral_changes(ephemeral));
    while (audience->asking != NULL)
        place_at(audience->asking, ephemeral_whole(ephemeral));
}

/* ---- Writing ---- */

bool audience_has_more(const struct reader *reader)
{
    return reader->told >= ephemeral_whole(&audience_of(reader)->ephemeral);
}

bool audience_run(const struct reader *reader, uint64_t *place, struct span *bytes)
{
    return audience_has_more(reader) &&
           ephemeral_run(&audience_of(reader)->ephemeral, &reader->link->session, place, bytes);
}

void audience_written(struct reader *reader, size_t *size)
{
    const struct ephemeral *ephemeral = &audience_of(reader)->ephemeral;
    struct link *link = reader->link;
    struct span half;

    if (!audience_has_more(reader)) { /* it skipped; if there is room now, it can be told */
        if (!link->blocked && reader->audience != AUDIENCE_ASKING)
            ask(reader);
        return;
    }
    reader->told = ephemeral_step(ephemeral, &link->session, reader->told, size, &half);
    must(!span_present(half) || link->rest.size == 0);
    buffer_append(&link->rest, half);
    if (reader->told == ephemeral_end(ephemeral))
        move(reader, AUDIENCE_KNOWING);
}
