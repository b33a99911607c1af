#include "tools/replay/subject.h"

#include "tools/tutti/open_store.h"

static enum status read_stored(const struct subject_words *words, struct schedule *schedule,
                               struct fault *fault)
{
    struct backend *backend = NULL;
    enum status status;

    if (words->document == NULL)
        return fault_set(fault, STATUS_FAILED, "--store needs a DOCUMENT");
    status = open_store(words->store, &backend, fault);
    if (status != STATUS_OK)
        return status;
    status = schedule_read(schedule, backend, span_of_string(words->document), words->until, fault);
    backend->ops->destroy(backend);
    return status;
}

static enum status choose(const struct subject_words *words, const struct gathered *gathered,
                          struct span *name, struct fault *fault)
{
    *name = words->document != NULL ? span_of_string(words->document) : gathered_name(gathered, 0);
    if (!span_present(*name))
        return fault_set(fault, STATUS_NOT_FOUND, "%s: it has no document", words->capture);
    if (words->document == NULL && span_present(gathered_name(gathered, 1)))
        return fault_set(fault, STATUS_FAILED, "%s: it has several documents; name one",
                         words->capture);
    return STATUS_OK;
}

/* Whether the capture runs as it did is another question: what it shows of the store is enough. */
static enum status read_captured(const struct subject_words *words, struct schedule *schedule,
                                 struct fault *fault)
{
    struct captured captured = {0};
    struct span name;
    enum status status = captured_run(&captured, words->capture, fault);

    if (status == STATUS_OK)
        status = choose(words, captured.gathered, &name, fault);
    if (status == STATUS_OK)
        status =
            schedule_read(schedule, gathered_backend(captured.gathered), name, words->until, fault);
    captured_finish(&captured);
    return status;
}

enum status subject_read(const struct subject_words *given, struct schedule *schedule,
                         struct fault *fault)
{
    struct subject_words words = *given;

    if (words.store != NULL && words.document == NULL) {
        words.document = words.capture;
        words.capture = NULL;
    }
    if ((words.store == NULL) == (words.capture == NULL))
        return fault_set(fault, STATUS_FAILED, "a FILE or a --store is needed");
    return words.store != NULL ? read_stored(&words, schedule, fault)
                               : read_captured(&words, schedule, fault);
}
