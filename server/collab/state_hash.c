#include "server/collab/state_hash.h"

#include <string.h>

#include "base/limits.h"
#include "base/must.h"
#include "server/collab/state.h"

uint64_t state_check_every(const struct state *state)
{
    bool is_large = state->type->size(state->content) > LIMIT_CHECK_LARGE_BYTES;

    return is_large ? LIMIT_CHECK_EVERY_LARGE : LIMIT_CHECK_EVERY;
}

void state_hashes_pass(struct state_hashes *hashes, const struct state *state, uint64_t seq)
{
    if (seq % LIMIT_CHECK_EVERY != 0 || state->type == NULL || seq % state_check_every(state) != 0)
        return;
    if (hashes->count == STATE_HASHES_MAX)
        memmove(hashes->list, hashes->list + 1, --hashes->count * sizeof(hashes->list[0]));
    must(hashes->count == 0 || hashes->list[hashes->count - 1].seq < seq);
    hashes->list[hashes->count++] =
        (struct state_hash){.seq = seq, .hash = content_hash(state->content)};
}

void state_hashes_truncate(struct state_hashes *hashes, uint64_t head)
{
    while (hashes->count > 0 && hashes->list[hashes->count - 1].seq > head)
        hashes->count--;
}

struct state_hash *state_hashes_find(struct state_hashes *hashes, uint64_t seq)
{
    for (size_t i = hashes->count; i > 0; i--)
        if (hashes->list[i - 1].seq == seq)
            return &hashes->list[i - 1];
    return NULL;
}
