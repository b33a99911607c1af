#include "protocol/inspect.h"

#include <string.h>

#include "tests/runner.h"

static struct buffer scratch;

/* "/api/…?query", with the id of the event that was seen last; NULL: none was. */
static enum status decode(const char *target, const char *last, struct inspect_request *request)
{
    const char *mark = strchr(target, '?');
    const struct inspect_input input = {
        .path = span_of(target, mark != NULL ? (size_t)(mark - target) : strlen(target)),
        .query = mark != NULL ? span_of_string(mark + 1) : SPAN_NONE,
        .last_event = span_of_string(last),
    };
    struct fault fault = {""};
    enum status status = inspect_decode(&input, &scratch, request, &fault);

    ck_assert_int_eq(status == STATUS_OK, fault.text[0] == '\0');
    return status;
}

static struct inspect_request decoded(const char *target, const char *last)
{
    struct inspect_request request;

    ck_assert_int_eq(decode(target, last, &request), STATUS_OK);
    return request;
}

static bool is(struct span span, const char *text)
{
    return span_equal(span, span_of_string(text));
}

START_TEST(each_view_has_its_path)
{
    ck_assert_int_eq(decoded("/api/server", NULL).view, INSPECT_SERVER);
    ck_assert_int_eq(decoded("/api/documents", NULL).view, INSPECT_DOCUMENTS);
    ck_assert_int_eq(decoded("/api/documents/a/b", NULL).view, INSPECT_DOCUMENT);
    ck_assert_int_eq(decoded("/api/documents/a/b/log", NULL).view, INSPECT_LOG);
    buffer_finish(&scratch);
}
END_TEST

START_TEST(names_are_decoded)
{
    ck_assert(is(decoded("/api/documents/notes/a%2Fb", NULL).name, "notes/a/b"));
    ck_assert(is(decoded("/api/documents/notes/log/log", NULL).name, "notes/log"));
    buffer_finish(&scratch);
}
END_TEST

START_TEST(a_prefix_may_be_anything)
{
    ck_assert(is(decoded("/api/documents", NULL).prefix, ""));
    ck_assert(is(decoded("/api/documents?prefix=", NULL).prefix, ""));
    ck_assert(is(decoded("/api/documents?prefix", NULL).prefix, ""));
    ck_assert(is(decoded("/api/documents?prefix=notes%2Fa+b", NULL).prefix, "notes/a b"));
    buffer_finish(&scratch);
}
END_TEST

START_TEST(a_log_begins_where_it_is_wanted_or_was_left)
{
    ck_assert_uint_eq(decoded("/api/documents/a/b/log", NULL).from, 0);
    ck_assert_uint_eq(decoded("/api/documents/a/b/log?from=5", NULL).from, 5);
    ck_assert_uint_eq(decoded("/api/documents/a/b/log?from=5", "8").from, 9);
    ck_assert_uint_eq(decoded("/api/documents/a/b/log?from=5", "nonsense").from, 5);
    buffer_finish(&scratch);
}
END_TEST

START_TEST(what_is_wrong_is_refused)
{
    static const struct {
        const char *target;
        enum status status;
    } cases[] = {
        {"", STATUS_NO_PATH},
        {"/api", STATUS_NO_PATH},
        {"/api/server/", STATUS_NO_PATH},
        {"/api/documents/", STATUS_NO_PATH},
        {"/api/documents/a", STATUS_NO_PATH},
        {"/api/documents/a/b/", STATUS_NO_PATH},
        {"/api/documents/a/b/logs", STATUS_NO_PATH},
        {"/api/documents/a/b/log/", STATUS_NO_PATH},
        {"/api/documents//b", STATUS_MALFORMED_NAME},
        {"/api/documents/a/%", STATUS_MALFORMED_NAME},
        {"/api/documents/a/%FF", STATUS_MALFORMED_NAME},
        {"/api/documents/a%2Fb/c", STATUS_MALFORMED_NAME},
        {"/api/server?prefix=a", STATUS_MALFORMED_MESSAGE},
        {"/api/documents?from=1", STATUS_MALFORMED_MESSAGE},
        {"/api/documents?prefix=%4", STATUS_MALFORMED_MESSAGE},
        {"/api/documents?prefix=a&prefix=b", STATUS_MALFORMED_MESSAGE},
        {"/api/documents/a/b?from=1", STATUS_MALFORMED_MESSAGE},
        {"/api/documents/a/b/log?from=0", STATUS_MALFORMED_MESSAGE},
        {"/api/documents/a/b/log?from=-1", STATUS_MALFORMED_MESSAGE},
        {"/api/documents/a/b/log?from=", STATUS_MALFORMED_MESSAGE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct inspect_request request = {.from = 77};

        ck_assert_msg(decode(cases[i].target, NULL, &request) == cases[i].status, "%s",
                      cases[i].target);
        ck_assert_uint_eq(request.from, 77);
    }
    buffer_finish(&scratch);
}
END_TEST

TEST_MAIN("inspect", each_view_has_its_path, names_are_decoded, a_prefix_may_be_anything,
          a_log_begins_where_it_is_wanted_or_was_left, what_is_wrong_is_refused)
