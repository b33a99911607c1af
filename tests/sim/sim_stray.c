#include "tests/sim/sim_stray.h"

#include "tests/sim/sim.h"
#include "tests/sim/sim_edits.h"

static const struct sim *sim_of(const struct sim_editor *editor)
{
    return editor->client->sim;
}

static bool is_astray(const struct sim_editor *editor)
{
    struct buffer state = {0};

    editor->log->type->encode(peer_confirmed(editor->peer), &state);
    bool same =
        span_equal(buffer_span(&state), sim_log_at(editor->log, peer_seq(editor->peer))->content);
    buffer_finish(&state);
    return !same;
}

void sim_stray_look(struct sim_editor *editor)
{
    editor->stray.is_astray = is_astray(editor);
}

/* Not with an edit under way: it would come back as another, and need a new session (rule 4). */
bool sim_stray_strikes(const struct sim_editor *editor, uint64_t seq, struct span who)
{
    return peer_idle(editor->peer) && seq == peer_seq(editor->peer) + 1 &&
           !span_equal(who, span_of(editor->client->who.text, WHO_SIZE)) &&
           sim_strikes(sim_of(editor), SIM_STRAY, &editor->client->prng, 12);
}

enum status sim_stray_take(struct sim_editor *editor, uint64_t seq, struct span who,
                           struct fault *fault)
{
    struct operation *other = sim_edits_make(&editor->client->prng, peer_confirmed(editor->peer));
    enum peer_event meaning = PEER_SKIPPED;
    struct buffer json = {0};

    sim_trace(sim_of(editor), "%s goes astray in %s", editor->client->name, editor->log->name);
    sim_tally(SIM_TALLY_STRAYED);
    other->type->write(other, &json);
    operation_discard(other);
    enum status status =
        peer_operation(editor->peer, seq, who, buffer_span(&json), &meaning, fault);

    sim_stray_look(editor);
    buffer_finish(&json);
    return status;
}

/* json0 does not compare what an operation says it deletes with what stands there: one that was
 * made on another state breaks what others have pending. */
bool sim_stray_may_type(const struct sim_editor *editor)
{
    return !editor->stray.is_astray || editor->log->type != &type_json0;
}

void sim_stray_sends(struct sim_editor *editor, bool fresh)
{
    struct sim_stray *stray = &editor->stray;

    stray->misled = stray->is_astray || (stray->misled && !fresh);
}

void sim_stray_tells(struct sim_editor *editor, uint64_t seq)
{
    if (is_astray(editor))
        editor->stray.told = seq;
}
