#include "server/cluster/membership.h"

#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"

void membership_finish(struct membership *membership)
{
    memory_free(membership->members);
    *membership = (struct membership){0};
}

static bool same_life(const struct bus_member *a, const struct bus_member *b)
{
    return a->start == b->start && strcmp(a->name, b->name) == 0;
}

static void see(struct membership *membership, const struct bus_member *node, uint64_t now_ms)
{
    for (size_t i = 0; i < membership->count; i++)
        if (same_life(&membership->members[i].node, node)) {
            membership->members[i].present_ms = now_ms;
            membership->members[i].node.leaving |= node->leaving;
            return;
        }
    size_t size = (membership->count + 1) * sizeof(*membership->members);

    membership->members = memory_resize(membership->members, size);
    membership->members[membership->count++] = (struct member){.node = *node, .present_ms = now_ms};
}

/* Those that are gone need not be remembered: what was never named is gone as well. */
static void drop_gone(struct membership *membership, uint64_t now_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < membership->count; i++)
        if (now_ms - membership->members[i].present_ms < LIMIT_GONE_MS)
            membership->members[kept++] = membership->members[i];
    membership->count = kept;
}

void membership_answer(struct membership *membership, const struct bus_member *members,
                       size_t count, uint64_t now_ms)
{
    if (!membership_is_up(membership, now_ms))
        membership->since_ms = now_ms;
    membership->answered_ms = now_ms;
    for (size_t i = 0; i < count; i++)
        see(membership, &members[i], now_ms);
    if (now_ms - membership->since_ms >= LIMIT_GONE_MS)
        drop_gone(membership, now_ms);
}

void membership_forget(struct membership *membership)
{
    membership->answered_ms = 0;
}

bool membership_is_up(const struct membership *membership, uint64_t now_ms)
{
    return membership->answered_ms != 0 && now_ms - membership->answered_ms < LIMIT_UNANSWERED_MS;
}

/* `present_ms` of the latest answer with it, 0 when it was in none. */
static bool missing_since(const struct membership *membership, uint64_t present_ms, uint64_t now_ms)
{
    uint64_t since_ms = present_ms > membership->since_ms ? present_ms : membership->since_ms;

    return membership_is_up(membership, now_ms) &&
           membership->answered_ms - since_ms >= LIMIT_GONE_MS;
}

bool membership_is_gone(const struct membership *membership, const char *node, uint64_t now_ms)
{
    uint64_t present_ms = 0;

    for (size_t i = 0; i < membership->count; i++) {
        const struct member *member = &membership->members[i];

        if (strcmp(member->node.name, node) == 0 && member->present_ms > present_ms)
            present_ms = member->present_ms;
    }
    return missing_since(membership, present_ms, now_ms);
}

bool membership_life_is_gone(const struct membership *membership, const struct bus_member *life,
                             uint64_t now_ms)
{
    uint64_t present_ms = 0;

    for (size_t i = 0; i < membership->count; i++)
        if (same_life(&membership->members[i].node, life))
            present_ms = membership->members[i].present_ms;
    return missing_since(membership, present_ms, now_ms);
}

/* All nodes compute the same: the key is no secret. */
static uint64_t weight(const char *node, struct span document)
{
    static const uint8_t key[16] = "rendezvous";
    struct buffer text = {0};

    buffer_append_text(&text, node);
    buffer_append_byte(&text, '\0');
    buffer_append(&text, document);
    uint64_t hash = hash_keyed(key, buffer_span(&text));
    buffer_finish(&text);
    return hash;
}

const char *membership_first(const struct membership *membership, struct span document,
                             const char *without)
{
    const char *first = NULL;
    uint64_t highest = 0;

    for (size_t i = 0; i < membership->count; i++) {
        const struct member *member = &membership->members[i];
        const char *name = member->node.name;

        if (member->present_ms != membership->answered_ms || member->node.leaving ||
            (without != NULL && strcmp(name, without) == 0))
            continue;
        uint64_t own = weight(name, document);

        if (first == NULL || own > highest) {
            first = name;
            highest = own;
        }
    }
    return first;
}
