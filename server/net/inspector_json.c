#include "server/net/inspector_json.h"

#include "base/json_object.h"
#include "base/json_write.h"
#include "protocol/url.h"
#include "server/cluster/cluster.h"

/* ---- A node ---- */

static void write_queues(struct buffer *out, const struct inspection_queues *queues)
{
    json_object_name(out, "queues");
    json_object_begin(out);
    json_object_unsigned(out, "inbox", queues->inbox);
    json_object_unsigned(out, "tentative", queues->tentative);
    json_object_boolean(out, "batch_in_flight", queues->batch_in_flight);
    json_object_unsigned(out, "store_requests", queues->requests);
    json_object_unsigned(out, "output_bytes", queues->output_bytes);
    json_object_unsigned(out, "behind", queues->behind);
    json_object_end(out);
}

static void write_totals(struct buffer *out, const struct hub_counts *counts,
                         const struct connections_bytes *bytes)
{
    json_object_name(out, "totals");
    json_object_begin(out);
    json_object_unsigned(out, "submitted", counts->submitted);
    json_object_unsigned(out, "committed", counts->operations);
    json_object_unsigned(out, "acknowledged_again", counts->repeated);
    json_object_unsigned(out, "refused", counts->refused);
    json_object_unsigned(out, "transformed", counts->transformed);
    json_object_unsigned(out, "transforms", counts->transforms);
    json_object_unsigned(out, "batches", counts->batches);
    json_object_unsigned(out, "delivered", counts->deliveries);
    json_object_unsigned(out, "diverged", counts->diverged);
    json_object_unsigned(out, "bytes_in", bytes->in);
    json_object_unsigned(out, "bytes_out", bytes->out);
    json_object_end(out);
}

static void write_cluster(struct buffer *out, const struct cluster *cluster)
{
    json_object_name(out, "cluster");
    if (cluster == NULL) {
        buffer_append_text(out, "null");
        return;
    }
    json_object_begin(out);
    json_object_boolean(out, "up", cluster_is_up(cluster));
    json_object_array_begin(out, "members");
    for (size_t i = 0; cluster_member(cluster, i) != NULL; i++) {
        json_object_array_next(out);
        json_write_string(out, span_of_string(cluster_member(cluster, i)));
    }
    json_object_array_end(out);
    json_object_end(out);
}

void inspector_json_server(struct buffer *out, const struct inspector_node *node,
                           const struct inspection *inspection)
{
    json_object_begin(out);
    json_object_string_or_null(out, "node", span_of_string(node->name));
    json_object_string(out, "version", span_of_string(node->version));
    json_object_unsigned(out, "time_ms", node->time_ms);
    json_object_unsigned(out, "uptime_ms", node->uptime_ms);
    json_object_string(out, "store", span_of_string(node->store));
    json_object_boolean(out, "ready", node->ready);
    json_object_unsigned(out, "connections", node->connections);
    json_object_unsigned(out, "links", inspection->counts.links);
    json_object_unsigned(out, "sessions", inspection->sessions);
    json_object_unsigned(out, "documents", inspection->counts.documents);
    json_object_unsigned(out, "readers", inspection->readers);
    write_queues(out, &inspection->queues);
    write_totals(out, &inspection->counts, &node->bytes);
    write_cluster(out, node->cluster);
    json_object_end(out);
}

/* ---- Documents ---- */

static void write_name(struct buffer *out, struct span name)
{
    struct span id = name;
    struct span collection = url_cut(&id, '/');

    json_object_string(out, "collection", collection);
    json_object_string(out, "id", id);
}

static void write_history(struct buffer *out, const struct inspected_document *document)
{
    json_object_name(out, "history");
    json_object_begin(out);
    json_object_unsigned(out, "from", document->history_from);
    json_object_unsigned(out, "entries", document->history_count);
    json_object_unsigned(out, "bytes", document->history_bytes);
    json_object_end(out);
}

/* The object stays open. */
static void write_document(struct buffer *out, const struct inspected_document *document)
{
    static const char *const roles[] = {
        [INSPECTED_NEITHER] = NULL,
        [INSPECTED_OWNER] = "owner",
        [INSPECTED_REPLICA] = "replica",
    };

    json_object_begin(out);
    write_name(out, document->name);
    json_object_string_or_null(out, "type", document->type);
    json_object_string(out, "state", span_of_string(document->state));
    json_object_string_or_null(out, "role", span_of_string(roles[document->role]));
    json_object_string_or_null(out, "owner", document->owner);
    json_object_unsigned(out, "epoch", document->epoch);
    json_object_unsigned(out, "time_ms", document->time_ms);
    json_object_unsigned(out, "head", document->head);
    json_object_unsigned(out, "committed", document->committed);
    json_object_unsigned(out, "tentative", document->tentative);
    json_object_unsigned(out, "inbox", document->inbox);
    json_object_unsigned(out, "readers", document->readers);
    json_object_unsigned(out, "behind", document->behind);
    write_history(out, document);
    json_object_unsigned(out, "committed_total", document->published);
}

void inspector_json_documents(struct buffer *out, const struct inspected_document *list,
                              size_t count, size_t left_off)
{
    json_object_begin(out);
    json_object_array_begin(out, "documents");
    for (size_t i = 0; i < count; i++) {
        json_object_array_next(out);
        write_document(out, &list[i]);
        json_object_end(out);
    }
    json_object_array_end(out);
    json_object_unsigned(out, "left_off", left_off);
    json_object_end(out);
}

static void write_session(struct buffer *out, const struct inspected_session *session)
{
    struct span who = span_of(session->who.text, WHO_SIZE);

    json_object_begin(out);
    json_object_string_or_null(out, "who", session->has_who ? who : SPAN_NONE);
    json_object_string(out, "user", session->user);
    json_object_string(out, "dialect", span_of_string(session->dialect));
    json_object_string(out, "state", span_of_string(session->state));
    json_object_unsigned(out, "cursor", session->cursor);
    json_object_unsigned(out, "behind", session->behind);
    json_object_unsigned(out, "output_bytes", session->output_bytes);
    json_object_unsigned(out, "serial", session->serial);
    json_object_boolean(out, "here", session->here);
    json_object_end(out);
}

void inspector_json_document(struct buffer *out, const struct inspected_document *document,
                             const struct inspector_sessions *sessions)
{
    write_document(out, document);
    json_object_array_begin(out, "sessions");
    for (size_t i = 0; i < sessions->count; i++) {
        json_object_array_next(out);
        write_session(out, &sessions->list[i]);
    }
    json_object_array_end(out);
    json_object_unsigned(out, "sessions_left_off", sessions->left_off);
    json_object_end(out);
}

/* ---- The log ---- */

static void write_path(struct buffer *out, const struct inspected_entry *entry)
{
    json_object_array_begin(out, "path");
    for (size_t i = 0; i < entry->path_count; i++) {
        const struct inspected_step *step = &entry->path[i];

        json_object_array_next(out);
        json_object_begin(out);
        json_object_unsigned(out, "seq", step->seq);
        json_object_string(out, "who", span_of(step->who.text, WHO_SIZE));
        json_object_end(out);
    }
    json_object_array_end(out);
    json_object_unsigned(out, "path_left_off", entry->path_left_off);
}

static void write_operation(struct buffer *out, const struct entry *entry)
{
    json_object_json(out, "operation",
                     entry->kind == ENTRY_DELETE ? SPAN("null") : entry->sequenced);
    if (!entry_is_as_it_arrived(entry))
        json_object_json(out, "arrived", entry->arrived);
}

void inspector_json_entry(struct buffer *out, const struct inspected_entry *inspected)
{
    const struct entry *entry = inspected->entry;

    json_object_begin(out);
    json_object_unsigned(out, "seq", entry->seq);
    json_object_unsigned(out, "base", entry->base);
    json_object_string(out, "who", span_of(inspected->who.text, WHO_SIZE));
    json_object_string(out, "user", entry->user);
    json_object_unsigned(out, "serial", entry->serial);
    json_object_unsigned(out, "epoch", entry->epoch);
    json_object_unsigned(out, "time_ms", entry->time_ms);
    json_object_unsigned(out, "bytes", entry->sequenced.size);
    json_object_string(out, "kind", span_of_string(entry_kind_text(entry->kind)));
    write_operation(out, entry);
    if (inspected->path_known)
        write_path(out, inspected);
    json_object_end(out);
}

void inspector_json_missed(struct buffer *out, uint64_t count, uint64_t next)
{
    json_object_begin(out);
    json_object_unsigned(out, "count", count);
    json_object_unsigned(out, "next", next);
    json_object_end(out);
}
