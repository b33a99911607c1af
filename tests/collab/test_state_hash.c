#include "server/collab/state_hash.h"

#include "base/limits.h"
#include "server/collab/state.h"
#include "tests/ot/laws.h"

static struct state counter_at(const char *value)
{
    return (struct state){.type = &type_counter, .content = law_content(&type_counter, value)};
}

static void pass(struct state_hashes *hashes, const char *value, uint64_t seq)
{
    struct state state = counter_at(value);

    state_hashes_pass(hashes, &state, seq);
    state_finish(&state);
}

START_TEST(hashes_are_taken_at_agreed_seqs)
{
    struct state_hashes hashes = {0};
    struct state state = counter_at("7");

    pass(&hashes, "6", 1023);
    pass(&hashes, "7", 1024);
    pass(&hashes, "8", 1025);
    ck_assert_uint_eq(hashes.count, 1);
    ck_assert_ptr_null(state_hashes_find(&hashes, 1023));
    ck_assert_uint_eq(state_hashes_find(&hashes, 1024)->hash, content_hash(state.content));
    state_finish(&state);
    state_hashes_pass(&hashes, &state, 2048); /* there is no document */
    ck_assert_uint_eq(hashes.count, 1);
}
END_TEST

START_TEST(a_large_document_is_hashed_less_often)
{
    struct state state = counter_at("7");
    struct state_hashes hashes = {0};
    struct buffer text = {0};

    ck_assert_uint_eq(state_check_every(&state), 1024);
    state_finish(&state);
    buffer_append_byte(&text, '"');
    for (int i = 0; i < 257 << 10; i++)
        buffer_append_byte(&text, 'x');
    buffer_append_byte(&text, '"');
    buffer_append_byte(&text, '\0');
    state = (struct state){.type = &type_text,
                           .content = law_content(&type_text, (const char *)text.data)};
    ck_assert_uint_eq(state_check_every(&state), 16384);
    state_hashes_pass(&hashes, &state, 1024);
    ck_assert_uint_eq(hashes.count, 0);
    state_hashes_pass(&hashes, &state, 16384);
    ck_assert_uint_eq(hashes.count, 1);
    state_finish(&state);
    buffer_finish(&text);
}
END_TEST

START_TEST(the_last_ones_are_kept)
{
    struct state_hashes hashes = {0};

    for (uint64_t i = 1; i <= STATE_HASHES_MAX + 2; i++)
        pass(&hashes, "1", i * 1024);
    ck_assert_uint_eq(hashes.count, STATE_HASHES_MAX);
    ck_assert_ptr_null(state_hashes_find(&hashes, 2 * 1024));
    ck_assert_ptr_nonnull(state_hashes_find(&hashes, 3 * 1024));
    ck_assert_ptr_nonnull(state_hashes_find(&hashes, (STATE_HASHES_MAX + 2) * 1024));
}
END_TEST

START_TEST(what_is_dropped_takes_its_hash_along)
{
    struct state_hashes hashes = {0};

    pass(&hashes, "1", 1024);
    pass(&hashes, "2", 2048);
    state_hashes_truncate(&hashes, 2047);
    ck_assert_ptr_null(state_hashes_find(&hashes, 2048));
    ck_assert_ptr_nonnull(state_hashes_find(&hashes, 1024));
    pass(&hashes, "3", 2048);
    ck_assert_uint_eq(hashes.count, 2);
}
END_TEST

TEST_MAIN("state_hash", hashes_are_taken_at_agreed_seqs, a_large_document_is_hashed_less_often,
          the_last_ones_are_kept, what_is_dropped_takes_its_hash_along)
