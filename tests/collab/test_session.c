#include "server/collab/session.h"

#include <string.h>

#include "tests/runner.h"

static const uint8_t deployment[STORE_SECRET_SIZE] = {1};

static bool same(struct session_key a, struct session_key b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

START_TEST(a_session_is_of_a_user_a_secret_and_a_deployment)
{
    const uint8_t other_deployment[STORE_SECRET_SIZE] = {2};
    const uint8_t secret[SESSION_KEY_SIZE] = "sixteen letters";
    const uint8_t other[SESSION_KEY_SIZE] = "fifteen letters";
    struct session_key key = session_of_secret(deployment, SPAN("anna"), secret);

    ck_assert(same(key, session_of_secret(deployment, SPAN("anna"), secret)));
    ck_assert(!same(key, session_of_secret(deployment, SPAN("ben"), secret)));
    ck_assert(!same(key, session_of_secret(deployment, SPAN("anna"), other)));
    ck_assert(!same(key, session_of_secret(other_deployment, SPAN("anna"), secret)));
}
END_TEST

START_TEST(a_request_is_nobody_elses_whatever_its_key)
{
    const uint8_t secret[SESSION_KEY_SIZE] = "sixteen letters";
    struct session_key key = session_of_request(deployment, SPAN("anna"), SPAN("sixteen letters"));

    ck_assert(same(key, session_of_request(deployment, SPAN("anna"), SPAN("sixteen letters"))));
    ck_assert(!same(key, session_of_request(deployment, SPAN("ben"), SPAN("sixteen letters"))));
    ck_assert(!same(key, session_of_request(deployment, SPAN("anna"), SPAN("sixteen"))));
    ck_assert(!same(key, session_of_secret(deployment, SPAN("anna"), secret)));
}
END_TEST

TEST_MAIN("session", a_session_is_of_a_user_a_secret_and_a_deployment,
          a_request_is_nobody_elses_whatever_its_key)
