#include "server/collab/author.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "base/mutant.h"

struct author *author_create(const struct session_key *session)
{
    struct author *author = memory_zeroed(1, sizeof(*author));

    author->session = *session;
    author->who = who_of(session);
    author->row.session = *session;
    return author;
}

void author_destroy(struct author *author)
{
    if (author == NULL)
        return;
    memory_free(author->row.spent);
    memory_free(author);
}

static struct session_row copy_row(const struct session_row *row)
{
    struct session_row copy = *row;

    copy.spent = memory_copy(row->spent, row->spent_count * sizeof(*row->spent));
    return copy;
}

void author_load(struct author *author, const struct session_row *row)
{
    memory_free(author->row.spent);
    author->row = copy_row(row);
    if (mutant_is_on(MUTANT_IGNORE_FLOOR))
        author->row.floor = 0;
}

void author_doubt(struct author *author)
{
    author->loaded = false;
    author->stale = author->loading;
}

bool author_is_spent(const struct author *author, uint64_t serial, int *code)
{
    must(serial <= author->row.serial);
    for (size_t i = author->row.spent_count; i > 0; i--)
        if (author->row.spent[i - 1].serial == serial) {
            *code = author->row.spent[i - 1].code;
            return true;
        }
    return false;
}

void author_sequenced(struct author *author, uint64_t serial, uint64_t seq)
{
    must(serial > author->row.serial || mutant_is_on(MUTANT_DROP_DEDUPE));
    author->row.serial = serial;
    author->row.seq = seq;
}

void author_spend(struct author *author, uint64_t serial, int code)
{
    struct session_row *row = &author->row;

    must(serial > row->serial || mutant_is_on(MUTANT_DROP_DEDUPE));
    row->serial = serial;
    if (row->spent_count == LIMIT_SPENT_SERIALS) { /* the oldest was asked for long ago */
        row->spent_count--;
        memmove(row->spent, row->spent + 1, row->spent_count * sizeof(*row->spent));
    }
    row->spent = memory_resize(row->spent, (row->spent_count + 1) * sizeof(*row->spent));
    row->spent[row->spent_count++] = (struct spent){.serial = serial, .code = code};
}

void author_raise_floor(struct author *author, uint64_t seq)
{
    if (author->row.floor < seq)
        author->row.floor = seq;
}

struct session_row author_row(const struct author *author)
{
    return copy_row(&author->row);
}
