/* tutti explain: how one operation came to be what it is. */
#include <inttypes.h>
#include <stdio.h>

#include "tools/replay/account.h"
#include "tools/tutti/arguments.h"
#include "tools/tutti/open_store.h"
#include "tools/tutti/tutti.h"

enum { EXIT_EQUAL = 0, EXIT_DIFFERS = 1, EXIT_TROUBLE = 2 };

struct question {
    const char *document;
    uint64_t seq;
    bool json;
};

static void print(const struct account *account, bool json)
{
    struct buffer text = {0};

    if (json) {
        account_json(account, &text);
        buffer_append_byte(&text, '\n');
    } else {
        account_lines(account, &text);
    }
    fwrite(text.data, 1, text.size, stdout);
    buffer_finish(&text);
}

static enum status explain_next(struct walk *walk, const struct question *question, bool *equal,
                                struct fault *fault)
{
    struct derivation derivation;
    struct account account;
    const struct entry *entry;
    enum status status = walk_next(walk, &entry, fault);

    if (status == STATUS_NOT_FOUND)
        return fault_set(fault, status, "the last operation is %" PRIu64, walk->seq);
    if (status == STATUS_OK)
        status = derivation_make(&derivation, walk, entry, true, fault);
    if (status != STATUS_OK)
        return status;
    *equal = derivation.equal;
    status = account_make(&account, walk, &derivation, fault);
    if (status == STATUS_OK)
        print(&account, question->json);
    account_finish(&account);
    derivation_finish(&derivation);
    return status;
}

int tutti_explain(int argc, char **argv)
{
    struct question question = {0};
    const char *store = NULL;
    const struct argument table[] = {
        {.name = "DOCUMENT", .help = "collection/id", .text = &question.document},
        {.name = "SEQ", .help = "the operation's number", .number = &question.seq},
        {.name = "--store",
         .value = "STORE",
         .help = "a stopped server's folder, or postgres://…",
         .text = &store},
        {.name = "--json", .help = "as a JSON object", .flag = &question.json},
    };
    struct backend *backend = NULL;
    struct walk walk;
    struct fault fault = {""};
    bool equal = true;

    if (!arguments_read(argc, argv, table, sizeof(table) / sizeof(table[0])))
        return EXIT_TROUBLE;
    if (store == NULL || question.seq == 0) {
        fputs("tutti explain: --store is needed, and a SEQ from 1 on; --help tells more\n", stderr);
        return EXIT_TROUBLE;
    }
    enum status status = open_store(store, &backend, &fault);

    if (status == STATUS_OK) {
        status =
            walk_begin(&walk, backend, span_of_string(question.document), question.seq - 1, &fault);
        if (status == STATUS_OK)
            status = explain_next(&walk, &question, &equal, &fault);
        walk_finish(&walk);
        backend->ops->destroy(backend);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "tutti explain: %s\n", fault.text);
        return EXIT_TROUBLE;
    }
    return equal ? EXIT_EQUAL : EXIT_DIFFERS;
}
