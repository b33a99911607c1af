#include "server/net/inspector_json.h"

#include "base/json_object.h"
#include "base/json_write.h"
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
    json_object_name(out, "members");
    buffer_append_byte(out, '[');
    for (size_t i = 0; cluster_member(cluster, i) != NULL; i++) {
        if (i > 0)
            buffer_append_byte(out, ',');
        json_write_string(out, span_of_string(cluster_member(cluster, i)));
    }
    buffer_append_byte(out, ']');
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
