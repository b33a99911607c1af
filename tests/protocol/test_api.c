#include "protocol/api.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "tests/runner.h"

static struct buffer scratch;
static struct fault fault;
static const char *allow;

static enum status decode_input(const struct api_input *input, struct api_request *request)
{
    fault.text[0] = '\0';
    allow = NULL;
    return api_decode(input, &scratch, request, &allow, &fault);
}

/* "GET /v1/…?query". */
static enum status decode(const char *method, const char *target, const char *body,
                          struct api_request *request)
{
    const char *mark = strchr(target, '?');
    struct api_input input = {
        .method = span_of_string(method),
        .path = span_of(target, mark != NULL ? (size_t)(mark - target) : strlen(target)),
        .query = mark != NULL ? span_of_string(mark + 1) : SPAN_NONE,
        .key = SPAN("key"),
        .body = span_of_string(body),
    };

    return decode_input(&input, request);
}

static struct api_request decoded(const char *method, const char *target, const char *body)
{
    struct api_request request = {0};
    enum status status = decode(method, target, body, &request);

    ck_assert_msg(status == STATUS_OK, "%s: %s", target, fault.text);
    return request;
}

static void expect(struct span span, const char *text)
{
    ck_assert_msg(span_equal(span, span_of_string(text)), "%.*s is not %s", SPAN_PRINT(span), text);
}

static void refused(const char *method, const char *target, const char *body, enum status expected)
{
    struct api_request request = {.seq = 77};
    enum status status = decode(method, target, body, &request);

    ck_assert_msg(status == expected, "%s %s %s: %s", method, target, body, fault.text);
    ck_assert_msg(fault.text[0] != '\0', "%s", target);
    ck_assert_uint_eq(request.seq, 77);
}

static void finish(void)
{
    buffer_finish(&scratch);
}

START_TEST(decodes_what_is_to_be_read)
{
    struct api_request request = decoded("GET", "/v1/documents/notes/42", "");

    ck_assert_int_eq(request.action, API_READ);
    expect(request.name, "notes/42");
    ck_assert(request.seq == UINT64_MAX && request.time_ms == UINT64_MAX);
    ck_assert_uint_eq(decoded("GET", "/v1/documents/notes/42?seq=0", "").seq, 0);
    ck_assert_uint_eq(decoded("GET", "/v1/documents/notes/42?time=1700000000000", "").time_ms,
                      1700000000000);
    request = decoded("GET", "/v1/documents/notes/42/history?to=9&from=3", "");
    ck_assert_int_eq(request.action, API_HISTORY);
    ck_assert(request.from == 3 && request.to == 9);
    request = decoded("GET", "/v1/documents/notes/42/blame?seq=9&from=3", "");
    ck_assert_int_eq(request.action, API_BLAME);
    ck_assert(request.seq == 9 && request.from == 3);
    request = decoded("GET", "/v1/documents/notes/42/blame", "");
    ck_assert(request.seq == UINT64_MAX && request.from == 1);
    request = decoded("GET", "/v1/documents/notes/42/history", "");
    ck_assert(request.from == 1 && request.to == UINT64_MAX);
    finish();
}
END_TEST

START_TEST(events_go_on_behind_the_last_one_that_was_seen)
{
    static const struct {
        const char *last;
        uint64_t seq;
        uint64_t epoch;
    } table[] = {
        {NULL, 0, 0}, {"17-5", 5, 17}, {"17-", 0, 0},    {"-5", 0, 0},
        {"17", 0, 0}, {"x-5", 0, 0},   {"17-5-6", 0, 0},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct api_input input = {.method = SPAN("GET"),
                                  .path = SPAN("/v1/documents/notes/42/events"),
                                  .last_event = span_of_string(table[i].last)};
        struct api_request request = {0};

        ck_assert_int_eq(decode_input(&input, &request), STATUS_OK);
        ck_assert_int_eq(request.action, API_EVENTS);
        ck_assert_uint_eq(request.last_seq, table[i].seq);
        ck_assert_uint_eq(request.last_epoch, table[i].epoch);
    }
    finish();
}
END_TEST

START_TEST(names_are_percent_encoded)
{
    expect(decoded("GET", "/v1/documents/no%74es/a%2Fb%20c", "").name, "notes/a/b c");
    expect(decoded("GET", "/v1/documents/notes/%C3%A9+1", "").name, "notes/\xC3\xA9+1");
    refused("GET", "/v1/documents/notes/%", "", STATUS_MALFORMED_NAME);
    refused("GET", "/v1/documents/notes/%4", "", STATUS_MALFORMED_NAME);
    refused("GET", "/v1/documents/notes/%4g", "", STATUS_MALFORMED_NAME);
    refused("GET", "/v1/documents/notes/%00", "", STATUS_MALFORMED_NAME);
    refused("GET", "/v1/documents/notes/%FF", "", STATUS_MALFORMED_NAME);
    refused("GET", "/v1/documents/a%2Fb/c", "", STATUS_MALFORMED_NAME);
    refused("GET", "/v1/documents//c", "", STATUS_MALFORMED_NAME);
    refused("GET", "/v1/documents/notes/", "", STATUS_MALFORMED_NAME);
    finish();
}
END_TEST

START_TEST(there_is_nothing_at_other_paths)
{
    static const char *const paths[] = {"/v1/",
                                        "/v1/documents",
                                        "/v1/documents/",
                                        "/v1/documents/notes",
                                        "/v1/documents/notes/42/",
                                        "/v1/documents/notes/42/histories",
                                        "/v1/documents/notes/42/history/",
                                        "/v1/documents/notes/42/history/1",
                                        "/v2/documents/notes/42"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        refused("GET", paths[i], "", STATUS_NO_PATH);
    ck_assert(api_has_path(SPAN("/v1/")));
    ck_assert(!api_has_path(SPAN("/v1")));
    finish();
}
END_TEST

START_TEST(a_wrong_method_is_told_which_ones_there_are)
{
    refused("POST", "/v1/documents/notes/42", "", STATUS_WRONG_METHOD);
    ck_assert_str_eq(allow, "GET, HEAD, PUT, DELETE");
    refused("", "/v1/documents/notes/42/history", "", STATUS_WRONG_METHOD);
    ck_assert_str_eq(allow, "GET, HEAD");
    refused("GET", "/v1/documents/notes/42/operations", "", STATUS_WRONG_METHOD);
    ck_assert_str_eq(allow, "POST");
    finish();
}
END_TEST

START_TEST(a_query_has_known_numbers_each_once)
{
    static const char *const queries[] = {
        "seq=",
        "seq",
        "seq=-1",
        "seq=1.5",
        "seq=9007199254740992",
        "seq=1&seq=1",
        "see=1",
        "seq=1&time=1",
        "seq=%31",
        "from=1",
        "=1",
        "seq=1&&seq=2",
        "&",
    };
    char target[100];

    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        snprintf(target, sizeof(target), "/v1/documents/notes/42?%s", queries[i]);
        refused("GET", target, "", STATUS_MALFORMED_MESSAGE);
    }
    refused("GET", "/v1/documents/notes/42/blame?from=0", "", STATUS_MALFORMED_MESSAGE);
    refused("GET", "/v1/documents/notes/42/blame?time=5", "", STATUS_MALFORMED_MESSAGE);
    refused("GET", "/v1/documents/notes/42/history?from=0", "", STATUS_MALFORMED_MESSAGE);
    refused("PUT", "/v1/documents/notes/42?seq=1", "{\"type\":\"text\"}", STATUS_MALFORMED_MESSAGE);
    finish();
}
END_TEST

START_TEST(a_query_is_refused_with_the_name_of_what_is_wrong)
{
    static const struct {
        const char *query;
        const char *words;
    } table[] = {
        {"seq=x", "seq has to be the number of an operation"},
        {"time=2026-11-24", "time has to be a time in whole milliseconds since 1970"},
        {"seq=1&seq=1", "seq is given twice"},
        {"seq=1&version=draft", "the query has a parameter that is not known here: version"},
        {"seq=1&time=1", "the query has both seq and time"},
    };
    char target[100];

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        snprintf(target, sizeof(target), "/v1/documents/notes/42?%s", table[i].query);
        refused("GET", target, "", STATUS_MALFORMED_MESSAGE);
        ck_assert_str_eq(fault.text, table[i].words);
    }
    finish();
}
END_TEST

START_TEST(decodes_what_is_to_be_written)
{
    struct api_request request =
        decoded("PUT", "/v1/documents/notes/42", "{\"type\":\"te\\u0078t\",\"data\":\"abc\"}");

    ck_assert_int_eq(request.action, API_CREATE);
    expect(request.name, "notes/42");
    expect(request.type, "text");
    expect(request.data, "\"abc\"");
    expect(request.key, "key");
    request = decoded("DELETE", "/v1/documents/notes/42", "");
    ck_assert_int_eq(request.action, API_DELETE);
    request = decoded("POST", "/v1/documents/notes/42/operations",
                      " {\"base\":7,\"operation\":[1,\"x\"]} ");
    ck_assert_int_eq(request.action, API_SUBMIT);
    ck_assert(!request.at_head && request.base == 7 && !request.create);
    expect(request.operation, "[1,\"x\"]");
    ck_assert(!span_present(request.type));
    request = decoded("POST", "/v1/documents/notes/42/operations",
                      "{\"operation\":1,\"type\":\"counter\",\"create\":true}");
    ck_assert(request.at_head && request.create);
    expect(request.type, "counter");
    finish();
}
END_TEST

START_TEST(refuses_a_body_that_says_too_little_or_too_much)
{
    static const struct {
        const char *method;
        const char *place;
        const char *body;
        enum status status;
    } table[] = {
        {"PUT", "", "", STATUS_MALFORMED_JSON},
        {"PUT", "", "{}", STATUS_MALFORMED_MESSAGE},
        {"PUT", "", "[]", STATUS_MALFORMED_MESSAGE},
        {"PUT", "", "{\"type\":1}", STATUS_MALFORMED_MESSAGE},
        {"PUT", "", "{\"type\":\"text\",\"type\":\"text\"}", STATUS_MALFORMED_MESSAGE},
        {"DELETE", "", "{}", STATUS_MALFORMED_MESSAGE},
        {"POST", "/operations", "{\"base\":1}", STATUS_MALFORMED_MESSAGE},
        {"POST", "/operations", "{\"operation\":1,\"base\":-1}", STATUS_MALFORMED_MESSAGE},
        {"POST", "/operations", "{\"operation\":1,\"create\":true}", STATUS_MALFORMED_MESSAGE},
        {"POST", "/operations", "{\"operation\":1,\"create\":true,\"type\":\"counter\",\"base\":1}",
         STATUS_MALFORMED_MESSAGE},
        {"POST", "/operations", "{\"operation\":{\"a\":1,\"a\":2}}", STATUS_MALFORMED_MESSAGE},
        {"POST", "/operations", "{\"operation\":\"\xFF\"}", STATUS_MALFORMED_UTF8},
    };
    char target[100];

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        snprintf(target, sizeof(target), "/v1/documents/notes/42%s", table[i].place);
        refused(table[i].method, target, table[i].body, table[i].status);
    }
    finish();
}
END_TEST

START_TEST(decodes_versions_and_what_is_restored)
{
    struct api_request request =
        decoded("POST", "/v1/documents/notes/42/versions", "{\"version\":\"draft\"}");

    ck_assert_int_eq(request.action, API_NAME);
    expect(request.version, "draft");
    ck_assert(request.seq == UINT64_MAX);
    request = decoded("POST", "/v1/documents/notes/42/versions", "{\"version\":\"d\",\"seq\":3}");
    ck_assert_uint_eq(request.seq, 3);
    ck_assert_int_eq(decoded("GET", "/v1/documents/notes/42/versions", "").action, API_VERSIONS);
    request = decoded("POST", "/v1/documents/notes/42/restore", "{\"seq\":3}");
    ck_assert_int_eq(request.action, API_RESTORE);
    ck_assert(request.seq == 3 && !span_present(request.version));
    request = decoded("POST", "/v1/documents/notes/42/restore", "{\"version\":\"draft\"}");
    expect(request.version, "draft");
    refused("POST", "/v1/documents/notes/42/restore", "{}", STATUS_MALFORMED_MESSAGE);
    refused("POST", "/v1/documents/notes/42/restore", "{\"seq\":0}", STATUS_MALFORMED_MESSAGE);
    refused("POST", "/v1/documents/notes/42/restore", "{\"seq\":1,\"version\":\"d\"}",
            STATUS_MALFORMED_MESSAGE);
    refused("POST", "/v1/documents/notes/42/versions", "{\"seq\":1}", STATUS_MALFORMED_MESSAGE);
    refused("POST", "/v1/documents/notes/42/versions", "{\"version\":\"\"}",
            STATUS_MALFORMED_MESSAGE);
    finish();
}
END_TEST

START_TEST(whoever_writes_needs_a_key)
{
    char large[LIMIT_KEY_BYTES + 1];
    struct api_input input = {.method = SPAN("DELETE"), .path = SPAN("/v1/documents/notes/42")};
    struct api_request request;

    memset(large, 'k', sizeof(large));
    ck_assert_int_eq(decode_input(&input, &request), STATUS_MALFORMED_MESSAGE);
    ck_assert_str_eq(fault.text, "Idempotency-Key is missing");
    input.key = SPAN("");
    ck_assert_int_eq(decode_input(&input, &request), STATUS_MALFORMED_MESSAGE);
    input.key = span_of(large, sizeof(large));
    ck_assert_int_eq(decode_input(&input, &request), STATUS_MALFORMED_MESSAGE);
    input.key.size--;
    ck_assert_int_eq(decode_input(&input, &request), STATUS_OK);
    finish();
}
END_TEST

TEST_MAIN("api", decodes_versions_and_what_is_restored,
          events_go_on_behind_the_last_one_that_was_seen, decodes_what_is_to_be_read,
          names_are_percent_encoded, there_is_nothing_at_other_paths,
          a_wrong_method_is_told_which_ones_there_are, a_query_has_known_numbers_each_once,
          a_query_is_refused_with_the_name_of_what_is_wrong, decodes_what_is_to_be_written,
          refuses_a_body_that_says_too_little_or_too_much, whoever_writes_needs_a_key)
