#include "tests/store/flaky.h"

#include "base/memory.h"

static struct flaky *flaky_of(struct backend *backend)
{
    return container_of(backend, struct flaky, backend);
}

/* Count a call; is it the one that fails? */
static bool fails(struct flaky *flaky)
{
    return ++flaky->calls == flaky->fail_at;
}

static enum status fail(struct flaky *flaky)
{
    return fault_set(&flaky->backend.fault, flaky->status, "call %llu was told to fail",
                     (unsigned long long)flaky->calls);
}

/* A read that fails has no output; a claim may have been made all the same. */
static enum status flaky_claim(struct backend *backend, struct store_claim *claim)
{
    struct flaky *flaky = flaky_of(backend);
    struct store_claim lost = *claim;

    if (!fails(flaky))
        return flaky->inner->ops->claim(flaky->inner, claim);
    if (flaky->written)
        (void)flaky->inner->ops->claim(flaky->inner, &lost);
    return fail(flaky);
}

#define FLAKY_READ(call)                                                                           \
    static enum status flaky_##call(struct backend *backend, struct store_##call *request)         \
    {                                                                                              \
        struct flaky *flaky = flaky_of(backend);                                                   \
                                                                                                   \
        return fails(flaky) ? fail(flaky) : flaky->inner->ops->call(flaky->inner, request);        \
    }

FLAKY_READ(load)
FLAKY_READ(since)
FLAKY_READ(session)
FLAKY_READ(versions)

static bool has_culprit(const struct flaky *flaky, const struct batch_document *documents,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (span_present(flaky->culprit) && span_equal(documents[i].name, flaky->culprit))
            return true;
    }
    return false;
}

static enum status flaky_commit(struct backend *backend, struct batch_document *documents,
                                size_t count)
{
    struct flaky *flaky = flaky_of(backend);

    flaky->commits++;
    if (has_culprit(flaky, documents, count))
        return fault_set(&backend->fault, STATUS_FAILED, "a document was told to fail");
    if (!fails(flaky))
        return flaky->inner->ops->commit(flaky->inner, documents, count);
    if (flaky->written)
        (void)flaky->inner->ops->commit(flaky->inner, documents, count);
    return fail(flaky);
}

static void flaky_destroy(struct backend *backend)
{
    struct flaky *flaky = flaky_of(backend);

    flaky->inner->ops->destroy(flaky->inner);
    memory_free(flaky);
}

static const struct backend_ops flaky_ops = {
    .claim = flaky_claim,
    .load = flaky_load,
    .since = flaky_since,
    .session = flaky_session,
    .versions = flaky_versions,
    .commit = flaky_commit,
    .destroy = flaky_destroy,
};

struct flaky *flaky_create_take(struct backend *inner)
{
    struct flaky *flaky = memory_zeroed(1, sizeof(*flaky));

    flaky->backend.ops = &flaky_ops;
    memcpy(flaky->backend.secret, inner->secret, STORE_SECRET_SIZE);
    flaky->inner = inner;
    return flaky;
}
