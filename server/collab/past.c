#include "server/collab/past.h"

#include "base/json_object.h"
#include "ot/text_blame.h"
#include "protocol/native.h"

void past_write_entry(const struct entry *entry, struct buffer *out)
{
    struct who who = who_of(&entry->session);

    native_past_entry(out,
                      &(struct native_past_entry){
                          .seq = entry->seq,
                          .who = span_of(who.text, WHO_SIZE),
                          .user = entry->user,
                          .time_ms = entry->time_ms,
                          .operation = entry->kind == ENTRY_EDIT ? entry->sequenced : SPAN_NONE,
                          .creation = entry->kind == ENTRY_CREATE ? entry->arrived : SPAN_NONE,
                          .deletion = entry->kind == ENTRY_DELETE,
                      });
}

void past_write_runs(const struct past *past, struct buffer *out)
{
    struct text_run run;

    for (uint64_t at = 0; text_blame_at(past->blame, at, &run); at += run.points) {
        json_object_array_next(out);
        native_past_run(out, &(struct native_past_run){
                                 .points = run.points,
                                 .seq = run.origin.seq,
                                 .who = run.origin.who,
                                 .user = run.origin.user,
                                 .time_ms = run.origin.time_ms,
                             });
    }
}

void past_write_entries(const struct past *past, struct buffer *out)
{
    for (size_t i = 0; i < past->count; i++) {
        json_object_array_next(out);
        past_write_entry(&past->entries[i], out);
    }
}
