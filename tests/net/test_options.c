#include "server/net/options.h"

#include <string.h>

#include "tests/runner.h"

static struct options options;
static struct fault fault;

static char *empty_environment(const char *name)
{
    (void)name;
    return NULL;
}

static char *some_environment(const char *name)
{
    static char listen[] = "127.0.0.1:1", store[] = "memory", origins[] = "http://a,https://b";

    if (strcmp(name, "TUTTI_LISTEN") == 0)
        return listen;
    if (strcmp(name, "TUTTI_STORE") == 0)
        return store;
    return strcmp(name, "TUTTI_ORIGIN") == 0 ? origins : NULL;
}

/* Up to three arguments, NULL for none. */
static enum status read_options(options_environment_fn environment, const char *a, const char *b,
                                const char *c)
{
    const char *argv[] = {"tuttid", a, b, c, NULL};
    int argc = 1 + (a != NULL) + (b != NULL) + (c != NULL);

    fault.text[0] = '\0';
    return options_read(&options, argc, (char *const *)argv, environment, &fault);
}

static void expect_wrong(const char *a, const char *b, const char *sentence)
{
    ck_assert_int_eq(read_options(empty_environment, a, b, NULL), STATUS_FAILED);
    ck_assert_str_eq(fault.text, sentence);
    options_finish(&options);
}

START_TEST(without_arguments_it_keeps_to_this_machine)
{
    ck_assert_int_eq(read_options(empty_environment, NULL, NULL, NULL), STATUS_OK);
    ck_assert_str_eq(options.listen, "127.0.0.1:7400");
    ck_assert_ptr_null(options.admin);
    ck_assert_int_eq(options.store, OPTIONS_STORE_SQLITE);
    ck_assert_str_eq(options.store_path, "data");
    ck_assert_uint_eq(options.origins_count, 0);
    options_finish(&options);
}
END_TEST

START_TEST(data_is_short_for_a_sqlite_store)
{
    ck_assert_int_eq(read_options(empty_environment, "--store=memory", "--data", "x/y"), STATUS_OK);
    ck_assert_int_eq(options.store, OPTIONS_STORE_SQLITE);
    ck_assert_str_eq(options.store_path, "x/y");
    options_finish(&options);
    ck_assert_int_eq(read_options(empty_environment, "--store", "sqlite:z", NULL), STATUS_OK);
    ck_assert_str_eq(options.store_path, "z");
    options_finish(&options);
}
END_TEST

START_TEST(history_is_kept_whole_or_by_number_or_by_days)
{
    static const struct {
        const char *value;
        uint64_t operations;
        uint64_t ms;
    } table[] = {{"all", 0, 0}, {"1", 1, 0}, {"10000", 10000, 0}, {"30d", 0, 2592000000}};
    static const char *const wrong[] = {"", "0", "d", "0d", "-1", "30days", "1.5", "9999999999"};

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        ck_assert_int_eq(read_options(empty_environment, "--keep", table[i].value, NULL),
                         STATUS_OK);
        ck_assert_uint_eq(options.keep_operations, table[i].operations);
        ck_assert_uint_eq(options.keep_ms, table[i].ms);
        options_finish(&options);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_int_eq(read_options(empty_environment, "--keep", wrong[i], NULL), STATUS_FAILED);
        options_finish(&options);
    }
    expect_wrong("--keep", "some",
                 "--keep wants all, a number of operations, or of days as 30d, not \"some\"");
}
END_TEST

START_TEST(a_flag_wins_over_the_environment)
{
    ck_assert_int_eq(read_options(some_environment, "--listen", "[::1]:0", NULL), STATUS_OK);
    ck_assert_str_eq(options.listen, "[::1]:0");
    ck_assert_int_eq(options.store, OPTIONS_STORE_MEMORY);
    options_finish(&options);
}
END_TEST

START_TEST(origins_add_up)
{
    ck_assert_int_eq(read_options(some_environment, "--origin", "*", NULL), STATUS_OK);
    ck_assert_uint_eq(options.origins_count, 3);
    ck_assert_str_eq(options.origins[0], "http://a");
    ck_assert_str_eq(options.origins[1], "https://b");
    ck_assert_str_eq(options.origins[2], "*");
    options_finish(&options);
}
END_TEST

START_TEST(switches_take_no_value)
{
    ck_assert_int_eq(read_options(empty_environment, "--help", "--version", NULL), STATUS_OK);
    ck_assert(options.help && options.version);
    options_finish(&options);
    expect_wrong("--help=yes", NULL, "--help takes no value");
}
END_TEST

START_TEST(a_wrong_option_is_answered_with_the_nearest_one)
{
    expect_wrong("--lisen", NULL, "there is no option --lisen; did you mean --listen?");
    expect_wrong("--stor=memory", NULL, "there is no option --stor; did you mean --store?");
    expect_wrong("--dta", "x", "there is no option --dta; did you mean --data?");
    expect_wrong("-help", NULL, "\"-help\" is not an option; did you mean --help?");
    expect_wrong("versoin", NULL, "\"versoin\" is not an option; did you mean --version?");
}
END_TEST

START_TEST(a_wrong_value_is_named)
{
    expect_wrong("--listen", "7400", "--listen wants HOST:PORT, not \"7400\"");
    expect_wrong("--listen", NULL, "--listen wants HOST:PORT");
    expect_wrong("--admin", "7401", "--admin wants HOST:PORT, not \"7401\"");
    expect_wrong("--data", "", "--data wants a folder");
    expect_wrong("--store",
                 "sqlite:", "--store wants memory, sqlite:DIR or postgres://…, not \"sqlite:\"");
    expect_wrong("--origin", "example.org",
                 "--origin wants one as https://example.org, or \"*\", not \"example.org\"");
}
END_TEST

START_TEST(help_names_every_option_and_its_variable)
{
    char text[4096] = "";
    FILE *file = fmemopen(text, sizeof(text) - 1, "w");

    options_print_help(file);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(text, "--listen HOST:PORT"));
    ck_assert_ptr_nonnull(strstr(text, "TUTTI_ORIGIN"));
    ck_assert_ptr_null(strstr(text, "TUTTI_HELP"));
}
END_TEST

START_TEST(a_node_of_a_cluster_has_a_name_and_a_database)
{
    ck_assert_int_eq(read_options(empty_environment, "--node=a", "--store", "postgres://u@h/d"),
                     STATUS_OK);
    ck_assert_int_eq(options.store, OPTIONS_STORE_POSTGRES);
    ck_assert_str_eq(options.store_path, "postgres://u@h/d");
    ck_assert_str_eq(options.node, "a");
    options_finish(&options);
    expect_wrong("--node", "", "--node wants a name of 1 to 63 bytes");
}
END_TEST

TEST_MAIN("options", a_node_of_a_cluster_has_a_name_and_a_database,
          without_arguments_it_keeps_to_this_machine, data_is_short_for_a_sqlite_store,
          history_is_kept_whole_or_by_number_or_by_days, a_flag_wins_over_the_environment,
          origins_add_up, switches_take_no_value, a_wrong_option_is_answered_with_the_nearest_one,
          a_wrong_value_is_named, help_names_every_option_and_its_variable)
