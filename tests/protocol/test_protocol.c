/* PROTOCOL.md is what clients are written from: its examples are messages, its codes are ours. */
#include <stdio.h>

#include "base/status.h"
#include "protocol/native.h"
#include "tests/runner.h"

enum { LINE_ROOM = 1024, CELLS = 4 };

static FILE *open_specification(void)
{
    FILE *file = fopen(SOURCE_ROOT "/protocol/PROTOCOL.md", "r");

    ck_assert_ptr_nonnull(file);
    return file;
}

/* The next line without its end; absent at the end of the file. */
static struct span next_line(FILE *file, char room[LINE_ROOM])
{
    if (fgets(room, LINE_ROOM, file) == NULL)
        return SPAN_NONE;
    size_t size = strcspn(room, "\n");
    ck_assert_msg(room[size] == '\n', "a line is too long: %s", room);
    return span_of(room, size);
}

static bool begins_with(struct span line, struct span mark)
{
    return line.size > mark.size && memcmp(line.data, mark.data, mark.size) == 0;
}

/* ---- Examples ---- */

static void check_example(struct span text, bool client)
{
    static struct buffer scratch;
    struct fault fault = {""};
    struct message message;
    struct native_place place;
    struct native_event event;
    enum status status = client ? native_decode(text, &scratch, &message, &place, &fault)
                                : native_event_decode(text, &scratch, &event, &fault);

    ck_assert_msg(status == STATUS_OK, "%.*s: %s", SPAN_PRINT(text), fault.text);
    buffer_finish(&scratch);
}

START_TEST(every_example_is_a_message)
{
    FILE *file = open_specification();
    char room[LINE_ROOM];
    size_t examples = 0;

    for (;;) {
        struct span line = next_line(file, room);

        if (!span_present(line))
            break;
        bool client = begins_with(line, SPAN("    C: "));
        if (!client && !begins_with(line, SPAN("    S: ")))
            continue;
        check_example(span_of(line.data + 7, line.size - 7), client);
        examples++;
    }
    fclose(file);
    ck_assert_uint_gt(examples, 15);
}
END_TEST

/* ---- Codes ---- */

/* The cells of "| a | b | c | d |…", without the spaces around them. False for other lines. */
static bool split_row(struct span line, struct span cells[CELLS])
{
    size_t at = 2;

    if (!begins_with(line, SPAN("| ")))
        return false;
    for (size_t i = 0; i < CELLS; i++) {
        size_t first = at;

        while (at + 3 <= line.size && memcmp(line.data + at, " | ", 3) != 0)
            at++;
        if (at + 3 > line.size)
            return false;
        cells[i] = span_of(line.data + first, at - first);
        at += 3;
    }
    return true;
}

/* The number in a cell; −1 when it is anything else, as in a heading or another table. */
static int number_of(struct span cell)
{
    int number = 0;

    for (size_t i = 0; i < cell.size; i++) {
        if (cell.data[i] < '0' || cell.data[i] > '9')
            return -1;
        number = number * 10 + (cell.data[i] - '0');
    }
    return cell.size > 0 && cell.size < 5 ? number : -1;
}

static const char *class_name(enum status_class class)
{
    static const char *const names[] = {[STATUS_CLASS_INNER] = "–",
                                        [STATUS_RETRY] = "retry",
                                        [STATUS_FIX] = "fix",
                                        [STATUS_LOGIN] = "login",
                                        [STATUS_FINAL] = "final"};

    return names[class];
}

static const char *const status_names[] = {
#define NAME(name, class, code, text) #name,
    STATUS_TABLE(NAME)
#undef NAME
};

static void expect_cell(struct span cell, const char *text, int code)
{
    ck_assert_msg(span_equal(cell, span_of_string(text)), "code %d: %.*s is not %s", code,
                  SPAN_PRINT(cell), text);
}

/* A row of the table of codes, which are told from those of close frames by their size. */
static void check_row(struct span cells[CELLS], bool seen[STATUS_COUNT])
{
    int code = number_of(cells[0]);
    enum status status = status_of_code(code);

    if (code < 0 || code >= 1000)
        return;
    ck_assert_msg(status != STATUS_COUNT, "there is no code %d", code);
    ck_assert_msg(!seen[status], "code %d stands there twice", code);
    seen[status] = true;
    if (begins_with(cells[1], span_of_string(status_names[status])))
        cells[1].size -= strlen(" †");
    expect_cell(cells[1], status_names[status], code);
    expect_cell(cells[2], class_name(status_class(status)), code);
    expect_cell(cells[3], status_text(status), code);
}

START_TEST(every_code_stands_in_the_table)
{
    FILE *file = open_specification();
    char room[LINE_ROOM];
    bool seen[STATUS_COUNT] = {false};

    for (;;) {
        struct span line = next_line(file, room);
        struct span cells[CELLS];

        if (!span_present(line))
            break;
        if (split_row(line, cells))
            check_row(cells, seen);
    }
    fclose(file);
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        bool inner = status_class((enum status)i) == STATUS_CLASS_INNER && i != STATUS_OK;

        ck_assert_msg(seen[i] != inner, "%s %s", status_names[i],
                      inner ? "never reaches a peer" : "is missing");
    }
}
END_TEST

TEST_MAIN("protocol", every_example_is_a_message, every_code_stands_in_the_table)
