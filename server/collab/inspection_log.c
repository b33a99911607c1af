#include "server/collab/inspection_log.h"

#include "base/must.h"
#include "server/collab/document.h"

bool inspection_log(const struct hub *hub, struct span name, struct inspected_log *log)
{
    const struct document *document = document_find(hub, name);

    if (document == NULL)
        return false;
    *log = (struct inspected_log){
        .document = document,
        .live = document_is_live(document),
        .first = document->history.first <= document->committed ? document->history.first
                                                                : document->committed + 1,
        .committed = document->committed,
    };
    return true;
}

/* The sequencer's way (rebase.h): over everything behind its base. In one life of a document that
 * is edits alone, but for the creation that an edit of base 0 may step over. */
static void find_path(const struct document *document, struct inspected_entry *out)
{
    const struct entry *entry = out->entry;
    const struct state *now = &document->now;
    uint64_t from = entry->base > now->created ? entry->base : now->created;

    if (entry->kind != ENTRY_EDIT) {
        out->path_known = true;
        return;
    }
    out->path_known = now->type != NULL && entry->seq > now->created;
    if (!out->path_known || now->type->identity)
        return;
    out->path_left_off = entry->seq - 1 - from;
    if (out->path_left_off > LIMIT_INSPECTED_PATH)
        from = entry->seq - 1 - LIMIT_INSPECTED_PATH;
    if (from + 1 < document->history.first)
        from = document->history.first - 1;
    for (uint64_t seq = from + 1; seq < entry->seq; seq++) {
        const struct entry *passed = &history_at(&document->history, seq)->entry;

        out->path[out->path_count++] =
            (struct inspected_step){.seq = seq, .who = who_of(&passed->session)};
    }
    out->path_left_off -= out->path_count;
}

struct inspected_entry inspection_entry(const struct inspected_log *log, uint64_t seq)
{
    struct inspected_entry out = {0};

    must(log->live && seq >= log->first && seq <= log->committed);
    out.entry = &history_at(&log->document->history, seq)->entry;
    out.who = who_of(&out.entry->session);
    find_path(log->document, &out);
    return out;
}
