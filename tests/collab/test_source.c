#include "server/collab/source.h"

#include <string.h>

#include "tests/runner.h"

static const uint8_t secret[STORE_SECRET_SIZE] = {1, 2, 3};
static const uint8_t drawn[SOURCE_DRAWN_SIZE] = {4, 5, 6};

static struct buffer issue(struct span user, struct session_key *session)
{
    struct buffer id = {0};

    *session = source_issue(secret, user, drawn);
    source_write(&id, session);
    ck_assert_uint_eq(id.size, SOURCE_LETTERS);
    return id;
}

START_TEST(knows_its_own_ids_again)
{
    struct session_key session;
    struct session_key read = {{0}};
    struct buffer id = issue(SPAN("anna"), &session);

    ck_assert(source_read(secret, SPAN("anna"), buffer_span(&id), &read));
    ck_assert_mem_eq(&read, &session, sizeof(session));
    buffer_finish(&id);
}
END_TEST

START_TEST(gives_an_id_to_no_other_user)
{
    struct session_key session;
    struct session_key read = {{0}};
    struct buffer id = issue(SPAN("anna"), &session);

    ck_assert(!source_read(secret, SPAN("ben"), buffer_span(&id), &read));
    ck_assert(!source_read(secret, SPAN(""), buffer_span(&id), &read));
    buffer_finish(&id);
}
END_TEST

START_TEST(refuses_what_it_did_not_issue)
{
    struct session_key session;
    struct session_key read = {{0}};
    struct buffer id = issue(SPAN("anna"), &session);

    for (size_t i = 0; i < id.size; i++) {
        uint8_t letter = id.data[i];

        id.data[i] = letter == 'A' ? 'B' : 'A';
        ck_assert(!source_read(secret, SPAN("anna"), buffer_span(&id), &read));
        id.data[i] = letter;
    }
    ck_assert(!source_read(secret, SPAN("anna"), SPAN("f8185a6b"), &read));
    ck_assert(!source_read(secret, SPAN("anna"), SPAN_NONE, &read));
    buffer_finish(&id);
}
END_TEST

TEST_MAIN("source", knows_its_own_ids_again, gives_an_id_to_no_other_user,
          refuses_what_it_did_not_issue)
