#include "server/collab/authors.h"

#include "server/collab/author.h"
#include "server/collab/document.h"

struct row_request {
    struct store_session session;
    struct document *document;
};

static void row_read(struct store_request *request)
{
    struct row_request *row = container_of(request, struct row_request, session.request);
    struct document *document = row->document;

    document_returned(document, request);
    struct author *author = authors_find(document, &row->session.session);

    if (author != NULL && author->loading) { /* else the document began anew meanwhile */
        author->loading = false;
        author->who_taken = request->status == STATUS_WHO_TAKEN;
        author->loaded = !author->stale && (author->who_taken || request->status == STATUS_OK ||
                                            request->status == STATUS_NOT_FOUND);
        author->stale = false;
        if (request->status == STATUS_OK)
            author_load(author, &row->session.row);
    }
    store_arena_destroy(row->session.arena);
    memory_free(row);
}

static void read_row(struct document *document, struct author *author)
{
    struct row_request *row = memory_zeroed(1, sizeof(*row));

    author->loading = true;
    row->document = document;
    row->session = (struct store_session){
        .request = {.call = STORE_SESSION, .done = row_read},
        .name = document_name(document),
        .session = author->session,
    };
    document_submit(document, &row->session.request);
}

struct author *authors_find(const struct document *document, const struct session_key *session)
{
    struct author *author = NULL;

    HASH_FIND(hh, document->authors, session, sizeof(*session), author);
    return author;
}

static struct author *add_author(struct document *document, const struct session_key *session)
{
    struct author *author = author_create(session);
    struct author *namesake = NULL;

    HASH_ADD(hh, document->authors, session, sizeof(author->session), author);
    HASH_FIND(hh_who, document->names, &author->who, sizeof(author->who), namesake);
    if (namesake == NULL)
        HASH_ADD(hh_who, document->names, who, sizeof(author->who), author);
    else
        document->namesakes = true;
    return author;
}

struct author *authors_get(struct document *document, const struct session_key *session)
{
    struct author *author = authors_find(document, session);

    if (author == NULL)
        author = add_author(document, session);
    if (!author->loaded && !author->loading)
        read_row(document, author);
    return author;
}

void authors_mark(struct document *document, struct author *author)
{
    document_unsaved(document);
    author->generation = document->generation;
    if (author->dirty)
        return;
    author->dirty = true;
    DL_APPEND2(document->dirty_authors, author, dirty_prev, dirty_next);
}

void authors_forget(struct document *document)
{
    struct author *author;
    struct author *next;

    document->dirty_authors = NULL;
    document->namesakes = false;
    HASH_CLEAR(hh_who, document->names);
    HASH_ITER (hh, document->authors, author, next) {
        HASH_DEL(document->authors, author);
        author_destroy(author);
    }
}
