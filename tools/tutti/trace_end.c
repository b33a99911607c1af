/* The end of a recording: are all texts the same, and how did it go? */
#include <stdio.h>

#include <event2/event.h>

#include "base/json_write.h"
#include "tools/tutti/moment.h"
#include "tools/tutti/trace.h"

/* ---- The end ---- */

static bool same_text(const struct trace *trace, const struct content *content,
                      struct span expected, const char *whose)
{
    struct buffer json = {0};

    trace->document.type->encode(content, &json);
    bool same = span_equal(buffer_span(&json), expected);
    if (!same)
        fprintf(stderr, "tutti trace: the text of %s differs: %zu bytes of JSON, not %zu\n", whose,
                json.size, expected.size);
    buffer_finish(&json);
    return same;
}

static void on_reader_woke(struct writer *writer)
{
    if (writer->open)
        event_base_loopbreak(writer->client.wire.target->events);
}

static void on_reader_failed(struct writer *writer, const char *why)
{
    fprintf(stderr, "tutti trace: reading back: %s\n", why);
    event_base_loopbreak(writer->client.wire.target->events);
}

static const struct writer_ops reader_ops = {on_reader_woke, on_reader_failed};

/* Open the document once more, as somebody who was not there. */
static bool reads_back(struct trace *trace, struct span expected)
{
    struct writer reader;

    writer_init(&reader, &trace->target, &trace->document, &reader_ops);
    writer_connect(&reader);
    while (!reader.open && !reader.client.failed && event_base_dispatch(trace->target.events) == 0)
        ;
    bool same = reader.open && same_text(trace, peer_confirmed(reader.peer), expected,
                                         "somebody who opens the document");
    writer_finish(&reader);
    return same;
}

bool trace_check_end(struct trace *trace)
{
    const struct type *type = trace->document.type;
    struct buffer expected = {0};
    bool same = true;

    if (trace->script.free)
        type->encode(peer_confirmed(trace->agents[0].writer.peer), &expected);
    else
        json_write_string(&expected, buffer_span(&trace->recording.end));
    for (size_t i = 0; i < trace->recording.agents; i++) {
        const struct peer *peer = trace->agents[i].writer.peer;

        same &= same_text(trace, peer_confirmed(peer), buffer_span(&expected), "an agent");
        same &= same_text(trace, peer_view(peer), buffer_span(&expected), "an agent's view");
    }
    same &= reads_back(trace, buffer_span(&expected));
    buffer_finish(&expected);
    return same;
}

void trace_report(const struct trace *trace, bool same)
{
    const struct recording *recording = &trace->recording;
    uint64_t end = trace->finished_ns > 0 ? trace->finished_ns : moment_ns();
    double seconds = moment_seconds(end - trace->started_ns);
    uint64_t losses = 0;

    for (size_t i = 0; i < recording->agents; i++)
        losses += trace->agents[i].writer.client.losses;
    printf("%zu edits (%zu patches) by %zu agent%s in %.2f s: %.0f edits/s\n",
           trace->script.sequenced, recording->patches_count, recording->agents,
           recording->agents == 1 ? "" : "s", seconds, (double)trace->script.sequenced / seconds);
    printf("%llu operations acknowledged: %.0f operations/s\n",
           (unsigned long long)trace->latencies.count, (double)trace->latencies.count / seconds);
    printf("latency p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms\n",
           moment_ms(histogram_percentile(&trace->latencies, 50)),
           moment_ms(histogram_percentile(&trace->latencies, 90)),
           moment_ms(histogram_percentile(&trace->latencies, 99)),
           moment_ms(trace->latencies.largest));
    printf("the server transformed %llu operations, over %llu others",
           (unsigned long long)trace->transformed, (unsigned long long)trace->others);
    if (trace->script.free)
        printf("\n");
    else
        printf(" (%llu edits)\n", (unsigned long long)trace->other_edits);
    printf("connections lost and found again: %llu\n", (unsigned long long)losses);
    if (trace->script.free)
        printf("%s\n", same ? "all texts are equal" : "the texts differ");
    else
        printf("%s\n", same ? "all texts are equal to endContent" : "the text is not endContent");
}
