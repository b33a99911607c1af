/* What a document knows of its sessions, with the rows that the store has of them. */
#include "server/collab/authors.h"

#include "server/collab/author.h"
#include "server/collab/document.h"
#include "tests/collab/world.h"
#include "tests/runner.h"

static struct world world;
static struct session_key alice_key;

/* Alice has made a document and counted twice; then the node began anew. */
static struct document *setup(void)
{
    struct client alice = {0};

    world_init(&world);
    client_join(&alice, &world, 'a', "notes/1", "counter");
    client_say(&alice, "[1,1,1,1]");
    client_say(&alice, "[1,2,1,1]");
    world_run(&world);
    alice_key = document_find(world.hub, SPAN("notes/1"))->authors->session;
    client_finish(&alice);
    world_restart(&world, NULL, 0);

    struct document *document = document_get(world.hub, SPAN("notes/1"));

    world_run(&world);
    ck_assert_int_eq(document->state, DOCUMENT_OWNED);
    return document;
}

START_TEST(an_author_is_read_from_the_store_when_it_is_asked_for)
{
    struct document *document = setup();

    ck_assert_ptr_null(authors_find(document, &alice_key));
    struct author *author = authors_get(document, &alice_key);

    ck_assert(author->loading && !author->loaded);
    ck_assert_ptr_eq(authors_get(document, &alice_key), author); /* and is not asked for twice */
    ck_assert_uint_eq(document->requests, 1);
    world_run(&world);
    ck_assert(author->loaded);
    ck_assert_uint_eq(author->row.serial, 2);
    ck_assert_uint_eq(author->row.seq, 3);
    ck_assert_ptr_eq(authors_find(document, &alice_key), author);
    world_finish(&world);
}
END_TEST

START_TEST(who_shares_a_public_id_with_another_is_told_apart)
{
    struct document *document = setup();
    struct session_key namesake = session_key_last_namesake(&alice_key);

    authors_get(document, &alice_key);
    ck_assert(!document->namesakes);
    struct author *author = authors_get(document, &namesake);

    ck_assert(document->namesakes);
    world_run(&world);
    ck_assert(author->who_taken);
    ck_assert(!authors_find(document, &alice_key)->who_taken);
    world_finish(&world);
}
END_TEST

START_TEST(a_changed_author_goes_with_the_next_batch_once)
{
    struct document *document = setup();
    struct author *author = authors_get(document, &alice_key);

    world_run(&world);
    author_raise_floor(author, 3);
    authors_mark(document, author);
    authors_mark(document, author);
    ck_assert_ptr_eq(document->dirty_authors, author);
    ck_assert_ptr_null(author->dirty_next);
    world_run(&world);
    ck_assert_ptr_null(document->dirty_authors);
    authors_forget(document);
    ck_assert_ptr_null(authors_find(document, &alice_key));
    author = authors_get(document, &alice_key);
    world_run(&world);
    ck_assert_uint_eq(author->row.floor, 3);
    world_finish(&world);
}
END_TEST

START_TEST(a_row_that_comes_for_a_forgotten_author_is_nobodys)
{
    struct document *document = setup();

    authors_get(document, &alice_key);
    authors_forget(document);
    world_run(&world);
    ck_assert_ptr_null(authors_find(document, &alice_key));
    ck_assert_uint_eq(document->requests, 0);
    world_finish(&world);
}
END_TEST

TEST_MAIN("authors", an_author_is_read_from_the_store_when_it_is_asked_for,
          who_shares_a_public_id_with_another_is_told_apart,
          a_changed_author_goes_with_the_next_batch_once,
          a_row_that_comes_for_a_forgotten_author_is_nobodys)
