#include "ot/peer.h"

#include "tests/ot/laws.h"

/* A peer by the name "peer-one" of a text that is open at seq 1. */
static struct peer *opened_peer(const char *snapshot)
{
    struct peer *peer = peer_create(&type_text);
    struct peer_opened opened = {
        .type = &type_text, .snapshot = span_of_string(snapshot), .seq = 1, .epoch = 7};

    peer_set_who(peer, SPAN("peer-one"));
    ck_assert_int_eq(peer_opened(peer, &opened, NULL), STATUS_OK);
    return peer;
}

static void edit(struct peer *peer, const char *operation)
{
    struct fault fault = {0};
    enum status status = peer_edit_take(peer, law_operation(&type_text, operation), &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
}

static void expect_next(struct peer *peer, uint64_t serial, uint64_t base, const char *operation)
{
    struct buffer out = {0};
    uint64_t next_serial = 0;
    uint64_t next_base = 0;

    ck_assert(peer_next(peer, &next_serial, &next_base, &out));
    ck_assert_uint_eq(next_serial, serial);
    ck_assert_uint_eq(next_base, base);
    ck_assert_msg(span_equal(buffer_span(&out), span_of_string(operation)), "%.*s is not %s",
                  SPAN_PRINT(buffer_span(&out)), operation);
    buffer_finish(&out);
}

static void expect_silence(struct peer *peer)
{
    struct buffer out = {0};
    uint64_t serial;
    uint64_t base;

    ck_assert(!peer_next(peer, &serial, &base, &out));
    ck_assert_uint_eq(out.size, 0);
}

static void arrive(struct peer *peer, uint64_t seq, const char *who, const char *operation,
                   enum peer_event expected)
{
    enum peer_event event = PEER_SKIPPED;
    struct fault fault = {0};
    enum status status =
        peer_operation(peer, seq, span_of_string(who), span_of_string(operation), &event, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
    ck_assert_int_eq(event, expected);
}

static void refuse(struct peer *peer, uint64_t serial, enum status reason, uint64_t seq)
{
    ck_assert_int_eq(peer_refused(peer, serial, reason, seq, NULL), STATUS_OK);
}

static void open_again(struct peer *peer, const char *snapshot, uint64_t seq, uint64_t serial)
{
    struct peer_opened opened = {.type = &type_text,
                                 .snapshot = span_of_string(snapshot),
                                 .seq = seq,
                                 .serial = serial,
                                 .epoch = 8};

    ck_assert_int_eq(peer_opened(peer, &opened, NULL), STATUS_OK);
}

START_TEST(shows_edits_at_once_and_sends_them_one_by_one)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"a\"]");
    law_expect_content(peer_view(peer), "\"a\"");
    law_expect_content(peer_confirmed(peer), "\"\"");
    expect_next(peer, 1, 1, "[\"a\"]");
    edit(peer, "[1,\"b\"]");
    edit(peer, "[2,\"c\"]");
    expect_silence(peer);
    arrive(peer, 2, "peer-one", "[\"a\"]", PEER_OWN);
    expect_next(peer, 2, 2, "[1,\"bc\"]");
    arrive(peer, 3, "peer-one", "[1,\"bc\"]", PEER_OWN);
    ck_assert(peer_idle(peer));
    law_expect_content(peer_confirmed(peer), "\"abc\"");
    peer_destroy(peer);
}
END_TEST

START_TEST(moves_foreign_operations_over_what_is_pending)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"mine\"]");
    arrive(peer, 2, "peer-two", "[\"theirs\"]", PEER_FOREIGN); /* the lower who goes first */
    law_expect_content(peer_view(peer), "\"minetheirs\"");
    arrive(peer, 3, "peer-a..", "[\"a\"]", PEER_FOREIGN);
    law_expect_content(peer_view(peer), "\"aminetheirs\"");
    expect_next(peer, 1, 3, "[1,\"mine\"]");
    peer_destroy(peer);
}
END_TEST

START_TEST(skips_what_it_knows_and_notices_a_gap)
{
    struct peer *peer = opened_peer("\"\"");
    enum peer_event event;

    arrive(peer, 1, "peer-two", "[\"x\"]", PEER_SKIPPED);
    law_expect_content(peer_view(peer), "\"\"");
    ck_assert_int_eq(peer_operation(peer, 3, SPAN("peer-two"), SPAN("[\"x\"]"), &event, NULL),
                     STATUS_FROM_THE_FUTURE);
    ck_assert_int_eq(peer_operation(peer, 2, SPAN("peer-two"), SPAN("[9,\"x\"]"), &event, NULL),
                     STATUS_NOT_APPLICABLE);
    ck_assert_int_eq(peer_operation(peer, 2, SPAN("peer-two"), SPAN("[9]"), &event, NULL),
                     STATUS_MALFORMED_OPERATION);
    ck_assert_uint_eq(peer_seq(peer), 1);
    peer_destroy(peer);
}
END_TEST

START_TEST(sends_the_same_serial_again_after_a_lost_connection)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"a\"]");
    expect_next(peer, 1, 1, "[\"a\"]");
    peer_disconnected(peer);
    edit(peer, "[1,\"b\"]");
    expect_silence(peer);
    struct peer_resume resume = peer_resume(peer);
    ck_assert_uint_eq(resume.from, 1);
    ck_assert_uint_eq(resume.epoch, 7);
    ck_assert_uint_eq(resume.pending, 1);
    ck_assert(!resume.diverged);

    open_again(peer, NULL, 2, 0);
    expect_silence(peer); /* the answer is not read to its end */
    arrive(peer, 2, "peer-aaa", "[\"X\"]", PEER_FOREIGN);
    ck_assert_uint_eq(peer_resume(peer).epoch, 8);
    expect_next(peer, 1, 2, "[1,\"a\"]");
    arrive(peer, 3, "peer-one", "[1,\"a\"]", PEER_OWN);
    expect_next(peer, 2, 3, "[2,\"b\"]");
    peer_destroy(peer);
}
END_TEST

START_TEST(the_epoch_of_what_follows_is_not_that_of_what_was_seen)
{
    struct peer *peer = opened_peer("\"\"");

    open_again(peer, NULL, 3, 0);
    peer_epoch(peer, 8);
    ck_assert_uint_eq(peer_resume(peer).epoch, 7); /* the connection may end here */
    arrive(peer, 2, "peer-aaa", "[\"X\"]", PEER_FOREIGN);
    ck_assert_uint_eq(peer_resume(peer).epoch, 8);
    peer_epoch(peer, 9);
    peer_disconnected(peer);
    open_again(peer, NULL, 4, 0);
    arrive(peer, 3, "peer-aaa", "[\"X\"]", PEER_FOREIGN);
    ck_assert_uint_eq(peer_resume(peer).epoch, 8);
    peer_destroy(peer);
}
END_TEST

START_TEST(an_operation_found_in_the_answer_is_acknowledged)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"a\"]");
    expect_next(peer, 1, 1, "[\"a\"]");
    peer_disconnected(peer);
    open_again(peer, NULL, 3, 1);
    arrive(peer, 2, "peer-aaa", "[\"X\"]", PEER_FOREIGN);
    arrive(peer, 3, "peer-one", "[1,\"a\"]", PEER_OWN);
    expect_silence(peer);
    ck_assert(peer_idle(peer));
    law_expect_content(peer_view(peer), "\"Xa\"");
    peer_destroy(peer);
}
END_TEST

START_TEST(over_a_composed_range_pending_operations_are_second)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"a\"]");
    expect_next(peer, 1, 1, "[\"a\"]");
    peer_disconnected(peer);
    open_again(peer, NULL, 9, 0);
    ck_assert_int_eq(peer_composed(peer, 9, SPAN("[\"zzz\"]"), 8, NULL), STATUS_OK);
    law_expect_content(peer_view(peer), "\"zzza\"");
    ck_assert_int_eq(peer_composed(peer, 9, SPAN("[\"zzz\"]"), 8, NULL), STATUS_OK);
    expect_next(peer, 1, 9, "[3,\"a\"]");
    peer_destroy(peer);
}
END_TEST

START_TEST(refused_for_now_is_sent_again_rebased)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"a\"]");
    expect_next(peer, 1, 1, "[\"a\"]");
    arrive(peer, 2, "peer-aaa", "[\"X\"]", PEER_FOREIGN);
    refuse(peer, 1, STATUS_REBASE, 0);
    refuse(peer, 9, STATUS_BUSY, 0); /* not ours */
    expect_next(peer, 1, 2, "[1,\"a\"]");
    expect_silence(peer);
    peer_destroy(peer);
}
END_TEST

START_TEST(refused_for_good_leaves_the_view_and_later_edits_stay)
{
    struct peer *peer = opened_peer("\"0123\"");

    edit(peer, "[1,\"bad\",{\"d\":1}]");
    expect_next(peer, 1, 1, "[1,\"bad\",{\"d\":1}]");
    edit(peer, "[2,\"good\"]");
    edit(peer, "[10,\"end\"]");
    law_expect_content(peer_view(peer), "\"0bgoodad23end\"");
    refuse(peer, 1, STATUS_NOT_APPLICABLE, 0);
    law_expect_content(peer_view(peer), "\"0good123end\"");
    expect_next(peer, 2, 1, "[1,\"good\",3,\"end\"]");
    refuse(peer, 1, STATUS_NOT_APPLICABLE, 0); /* an answer that comes twice */
    law_expect_content(peer_view(peer), "\"0good123end\"");
    peer_destroy(peer);
}
END_TEST

START_TEST(a_repeat_ahead_comes_by_and_one_behind_is_counted_once)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"a\"]");
    expect_next(peer, 1, 1, "[\"a\"]");
    refuse(peer, 1, STATUS_REPEATED, 2);
    ck_assert(!peer_idle(peer));
    arrive(peer, 2, "peer-one", "[\"a\"]", PEER_OWN);
    edit(peer, "[1,\"b\"]");
    expect_next(peer, 2, 2, "[1,\"b\"]");
    refuse(peer, 2, STATUS_REPEATED, 1);
    ck_assert(peer_idle(peer));
    law_expect_content(peer_view(peer), "\"a\"");
    peer_destroy(peer);
}
END_TEST

START_TEST(what_others_deleted_is_not_sent)
{
    struct peer *peer = opened_peer("\"abc\"");
    uint64_t serial;

    edit(peer, "[{\"d\":1}]");
    arrive(peer, 2, "peer-two", "[{\"d\":3}]", PEER_FOREIGN);
    expect_silence(peer);
    ck_assert(peer_idle(peer));
    ck_assert(!peer_in_flight(peer, &serial));
    peer_destroy(peer);
}
END_TEST

START_TEST(a_stream_that_differs_is_believed_and_ours_needs_another_session)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"a\"]");
    expect_next(peer, 1, 1, "[\"a\"]");
    arrive(peer, 2, "peer-one", "[\"other\"]", PEER_DIVERGED);
    law_expect_content(peer_confirmed(peer), "\"other\"");
    law_expect_content(peer_view(peer), "\"othera\"");
    ck_assert(peer_resume(peer).diverged);
    ck_assert_uint_eq(peer_resume(peer).pending, 0);
    expect_silence(peer);
    peer_set_who(peer, SPAN("peer-one")); /* the same again is no other */
    expect_silence(peer);
    peer_set_who(peer, SPAN("peer-new"));
    expect_next(peer, 1, 2, "[5,\"a\"]");
    arrive(peer, 3, "peer-one", "[\"!\"]", PEER_FOREIGN);
    open_again(peer, "\"!other\"", 3, 0);
    ck_assert(!peer_resume(peer).diverged);
    peer_destroy(peer);
}
END_TEST

START_TEST(a_serial_it_never_used_needs_another_session)
{
    struct peer *peer = opened_peer("\"\"");

    edit(peer, "[\"a\"]");
    peer_disconnected(peer);
    open_again(peer, NULL, 1, 4);
    expect_silence(peer);
    peer_set_who(peer, SPAN("peer-new"));
    expect_next(peer, 1, 1, "[\"a\"]");
    peer_destroy(peer);
}
END_TEST

/* `open` with a snapshot of seq 5, and why it came. */
static void reload(struct peer *peer, const char *snapshot, const char *reason)
{
    struct peer_opened opened = {.type = &type_text,
                                 .snapshot = span_of_string(snapshot),
                                 .seq = 5,
                                 .epoch = 8,
                                 .reload = span_of_string(reason)};
    struct fault fault = {0};
    enum status status = peer_opened(peer, &opened, &fault);

    ck_assert_msg(status == STATUS_OK, "%s", fault.text);
}

START_TEST(a_restored_store_keeps_what_is_pending_for_another_session)
{
    struct peer *peer = opened_peer("\"01\"");

    edit(peer, "[1,\"a\"]");
    expect_next(peer, 1, 1, "[1,\"a\"]");
    peer_disconnected(peer);
    reload(peer, "\"X01\"", "restored");
    law_expect_content(peer_view(peer), "\"X0a1\"");
    ck_assert(peer_needs_session(peer));
    expect_silence(peer);
    peer_set_who(peer, SPAN("peer-new"));
    expect_next(peer, 1, 5, "[2,\"a\"]");
    peer_destroy(peer);
}
END_TEST

START_TEST(a_session_that_the_server_has_lost_needs_another)
{
    struct peer *peer = opened_peer("\"01\"");

    edit(peer, "[1,\"a\"]");
    expect_next(peer, 1, 1, "[1,\"a\"]");
    ck_assert_int_eq(peer_refused(peer, 1, STATUS_NOT_APPLICABLE, 0, NULL), STATUS_OK);
    peer_disconnected(peer);
    open_again(peer, NULL, 1, 0);
    ck_assert(peer_needs_session(peer));
    peer_destroy(peer);
}
END_TEST

START_TEST(what_was_pending_on_a_deleted_document_is_handed_back)
{
    struct peer *peer = opened_peer("\"01\"");

    edit(peer, "[1,\"a\"]");
    expect_next(peer, 1, 1, "[1,\"a\"]");
    edit(peer, "[2,\"b\"]");
    peer_disconnected(peer);
    reload(peer, "\"new\"", "deleted");
    law_expect_content(peer_view(peer), "\"new\"");
    ck_assert(peer_idle(peer));
    ck_assert_uint_eq(peer_dropped(peer), 2);
    /* Old copies of the first may still travel, and nothing else may be taken for it. */
    ck_assert(peer_needs_session(peer));
    peer_destroy(peer);
}
END_TEST

START_TEST(a_snapshot_with_the_pending_operation_drops_it)
{
    struct peer *peer = opened_peer("\"01\"");

    edit(peer, "[1,\"a\"]");
    expect_next(peer, 1, 1, "[1,\"a\"]");
    edit(peer, "[2,\"b\"]");
    peer_disconnected(peer);
    open_again(peer, "\"X0a1\"", 5, 1);
    law_expect_content(peer_view(peer), "\"X0ab1\"");
    expect_next(peer, 2, 5, "[3,\"b\"]");
    peer_destroy(peer);
}
END_TEST

START_TEST(a_snapshot_without_the_pending_operation_keeps_it)
{
    struct peer *peer = opened_peer("\"01\"");

    edit(peer, "[1,\"a\"]");
    expect_next(peer, 1, 1, "[1,\"a\"]");
    edit(peer, "[2,\"b\"]");
    peer_disconnected(peer);
    open_again(peer, "\"X01\"", 5, 0);
    law_expect_content(peer_view(peer), "\"X0ab1\"");
    expect_next(peer, 1, 5, "[2,\"a\"]");
    peer_destroy(peer);
}
END_TEST

START_TEST(a_creation_begins_the_document_once)
{
    struct peer *peer = peer_create(NULL);
    struct peer_opened opened = {.seq = 0};

    ck_assert_int_eq(peer_edit_take(peer, law_operation(&type_text, "[\"a\"]"), NULL),
                     STATUS_NOT_CREATED);
    ck_assert_int_eq(peer_opened(peer, &opened, NULL), STATUS_OK);
    ck_assert_ptr_null(peer_view(peer));
    ck_assert_int_eq(peer_made(peer, 1, &type_text, SPAN("\"new\""), NULL), STATUS_OK);
    law_expect_content(peer_view(peer), "\"new\"");
    ck_assert_int_eq(peer_made(peer, 1, &type_text, SPAN("\"old\""), NULL), STATUS_OK);
    ck_assert_int_eq(peer_made(peer, 2, &type_text, SPAN("\"old\""), NULL), STATUS_OK);
    law_expect_content(peer_view(peer), "\"new\"");
    ck_assert_uint_eq(peer_seq(peer), 2);
    ck_assert_int_eq(peer_made(peer, 3, &type_counter, SPAN("1"), NULL), STATUS_TYPE_DIFFERS);
    ck_assert_int_eq(peer_made(peer, 4, &type_text, SPAN("\"\""), NULL), STATUS_FROM_THE_FUTURE);
    peer_destroy(peer);
}
END_TEST

START_TEST(an_answer_cannot_end_before_what_is_confirmed)
{
    struct peer *peer = opened_peer("\"\"");
    struct peer_opened opened = {.type = &type_text, .seq = 0};

    ck_assert_int_eq(peer_opened(peer, &opened, NULL), STATUS_FROM_THE_FUTURE);
    opened.type = &type_counter;
    ck_assert_int_eq(peer_opened(peer, &opened, NULL), STATUS_TYPE_DIFFERS);
    peer_destroy(peer);
}
END_TEST

START_TEST(a_counter_reconciles_by_replay)
{
    struct peer *peer = peer_create(&type_counter);
    struct peer_opened opened = {.type = &type_counter, .snapshot = SPAN("9007199254740990")};
    enum peer_event event;

    peer_set_who(peer, SPAN("peer-one"));
    ck_assert_int_eq(peer_opened(peer, &opened, NULL), STATUS_OK);
    ck_assert_int_eq(peer_edit_take(peer, law_operation(&type_counter, "1"), NULL), STATUS_OK);
    law_expect_content(peer_view(peer), "9007199254740991");
    /* Somebody else is quicker: ours does not fit any more and will be refused. */
    ck_assert_int_eq(peer_operation(peer, 1, SPAN("peer-two"), SPAN("1"), &event, NULL), STATUS_OK);
    law_expect_content(peer_view(peer), "9007199254740991");
    expect_next(peer, 1, 1, "1");
    refuse(peer, 1, STATUS_OVERFLOW, 0);
    ck_assert(peer_idle(peer));
    law_expect_content(peer_view(peer), "9007199254740991");
    peer_destroy(peer);
}
END_TEST

/* ---- Presence ---- */

START_TEST(others_come_move_and_go)
{
    struct peer *peer = opened_peer("\"abcd\"");
    struct buffer out = {0};

    peer_here(peer, SPAN("peer-two"), SPAN("{\"cursor\":[2]}"));
    peer_here(peer, SPAN("peer-3.."), SPAN("{\"cursor\":[2]}"));
    edit(peer, "[\"x\"]");
    ck_assert_int_eq(peer_composed(peer, 4, SPAN("[\"zz\"]"), 7, NULL), STATUS_OK);
    ck_assert(peer_other(peer, SPAN("peer-two"), &out));
    ck_assert(span_equal(buffer_span(&out), SPAN("{\"cursor\":[5]}")));
    peer_here(peer, SPAN("peer-3.."), SPAN_NONE);
    ck_assert(!peer_other(peer, SPAN("peer-3.."), &out));
    ck_assert_uint_eq(others_count(peer_others(peer)), 1);
    peer_here_nobody(peer);
    ck_assert_uint_eq(others_count(peer_others(peer)), 0);
    buffer_finish(&out);
    peer_destroy(peer);
}
END_TEST

START_TEST(whoever_was_there_is_forgotten_when_it_opens_again)
{
    struct peer *peer = opened_peer("\"abcd\"");

    peer_here(peer, SPAN("peer-two"), SPAN("1"));
    open_again(peer, NULL, 1, 0);
    ck_assert_uint_eq(others_count(peer_others(peer)), 0);
    peer_destroy(peer);
}
END_TEST

START_TEST(shows_itself_only_while_nothing_is_pending)
{
    struct peer *peer = opened_peer("\"\"");
    uint64_t seq = 0;

    ck_assert(peer_may_show(peer, &seq));
    ck_assert_uint_eq(seq, 1);
    edit(peer, "[\"a\"]");
    ck_assert(!peer_may_show(peer, &seq));
    expect_next(peer, 1, 1, "[\"a\"]");
    ck_assert(!peer_may_show(peer, &seq));
    arrive(peer, 2, "peer-one", "[\"a\"]", PEER_OWN);
    ck_assert(peer_may_show(peer, &seq));
    ck_assert_uint_eq(seq, 2);
    open_again(peer, NULL, 3, 0); /* the answer goes on to 3 */
    ck_assert(!peer_may_show(peer, &seq));
    peer_disconnected(peer);
    ck_assert(!peer_may_show(peer, &seq));
    peer_destroy(peer);
}
END_TEST

/* ---- State hashes ---- */

static struct peer *checked_peer(const char *snapshot, uint64_t seq, uint64_t check_every)
{
    struct peer *peer = peer_create(&type_text);
    struct peer_opened opened = {.type = &type_text,
                                 .snapshot = span_of_string(snapshot),
                                 .seq = seq,
                                 .epoch = 7,
                                 .check_every = check_every};

    peer_set_who(peer, SPAN("peer-one"));
    ck_assert_int_eq(peer_opened(peer, &opened, NULL), STATUS_OK);
    return peer;
}

static uint64_t hash_of(const char *json)
{
    struct content *content = law_content(&type_text, json);
    uint64_t hash = content_hash(content);

    content_destroy(content);
    return hash;
}

static void expect_check(struct peer *peer, uint64_t seq, const char *json)
{
    uint64_t of = 0;
    uint64_t hash = 0;

    ck_assert(peer_check(peer, &of, &hash));
    ck_assert_uint_eq(of, seq);
    ck_assert_uint_eq(hash, hash_of(json));
    ck_assert(!peer_check(peer, &of, &hash));
}

static void expect_no_check(struct peer *peer)
{
    uint64_t seq;
    uint64_t hash;

    ck_assert(!peer_check(peer, &seq, &hash));
}

START_TEST(states_are_compared_at_agreed_seqs_without_what_is_pending)
{
    struct peer *peer = checked_peer("\"a\"", 2, 4);

    edit(peer, "[1,\"mine\"]");
    arrive(peer, 3, "peer-two", "[1,\"b\"]", PEER_FOREIGN);
    expect_no_check(peer);
    arrive(peer, 4, "peer-two", "[2,\"c\"]", PEER_FOREIGN);
    arrive(peer, 5, "peer-two", "[3,\"d\"]", PEER_FOREIGN); /* within the same frame */
    expect_check(peer, 4, "\"abc\"");
    arrive(peer, 6, "peer-two", "[\"e\"]", PEER_FOREIGN);
    ck_assert_int_eq(peer_composed(peer, 9, SPAN("[\"f\"]"), 7, NULL), STATUS_OK);
    expect_no_check(peer);
    peer_destroy(peer);
}
END_TEST

START_TEST(a_state_that_came_whole_is_not_compared)
{
    struct peer *peer = checked_peer("\"a\"", 4, 4);

    expect_no_check(peer);
    peer_destroy(peer);
    peer = checked_peer("\"a\"", 4, 0);
    arrive(peer, 5, "peer-two", "[\"b\"]", PEER_FOREIGN);
    expect_no_check(peer);
    peer_destroy(peer);
}
END_TEST

START_TEST(after_a_difference_it_asks_for_a_snapshot_and_keeps_its_edits)
{
    struct peer *peer = checked_peer("\"wrong\"", 4, 4);

    edit(peer, "[5,\" mine\"]");
    expect_next(peer, 1, 4, "[5,\" mine\"]");
    edit(peer, "[10,\" too\"]");
    peer_diverged(peer);
    ck_assert(peer_resume(peer).diverged);
    ck_assert_uint_eq(peer_resume(peer).pending, 1);
    open_again(peer, "\"right\"", 6, 0);
    ck_assert(!peer_resume(peer).diverged);
    law_expect_content(peer_confirmed(peer), "\"right\"");
    law_expect_content(peer_view(peer), "\"right mine too\"");
    expect_next(peer, 1, 6, "[5,\" mine\"]");
    peer_destroy(peer);
}
END_TEST

TEST_MAIN("peer", shows_edits_at_once_and_sends_them_one_by_one,
          moves_foreign_operations_over_what_is_pending, skips_what_it_knows_and_notices_a_gap,
          sends_the_same_serial_again_after_a_lost_connection,
          the_epoch_of_what_follows_is_not_that_of_what_was_seen,
          an_operation_found_in_the_answer_is_acknowledged,
          over_a_composed_range_pending_operations_are_second,
          refused_for_now_is_sent_again_rebased,
          refused_for_good_leaves_the_view_and_later_edits_stay,
          a_repeat_ahead_comes_by_and_one_behind_is_counted_once, what_others_deleted_is_not_sent,
          a_stream_that_differs_is_believed_and_ours_needs_another_session,
          a_serial_it_never_used_needs_another_session,
          a_snapshot_with_the_pending_operation_drops_it,
          a_snapshot_without_the_pending_operation_keeps_it, a_creation_begins_the_document_once,
          an_answer_cannot_end_before_what_is_confirmed, a_counter_reconciles_by_replay,
          a_restored_store_keeps_what_is_pending_for_another_session,
          a_session_that_the_server_has_lost_needs_another,
          what_was_pending_on_a_deleted_document_is_handed_back, others_come_move_and_go,
          whoever_was_there_is_forgotten_when_it_opens_again,
          shows_itself_only_while_nothing_is_pending,
          states_are_compared_at_agreed_seqs_without_what_is_pending,
          a_state_that_came_whole_is_not_compared,
          after_a_difference_it_asks_for_a_snapshot_and_keeps_its_edits)
