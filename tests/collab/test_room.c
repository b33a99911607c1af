#include "server/collab/room.h"

#include "base/limits.h"
#include "tests/collab/sharedb_script.h"

static struct world world;
static struct client anna;
static struct client ben;
static char id[SOURCE_LETTERS + 1]; /* anna's */
static char ben_id[SOURCE_LETTERS + 1];

static void setup(void)
{
    world_init(&world);
    script_join(&anna, &world, id);
    script_join(&ben, &world, ben_id);
}

static void teardown(void)
{
    client_finish(&anna);
    client_finish(&ben);
    world_finish(&world);
}

static void listen(struct client *client)
{
    script_tell(client, "{'a':'ps','ch':'room','seq':1}");
    script_expect(client, "", "{'ch':'room','seq':1,'a':'ps'}");
}

START_TEST(the_latest_of_a_turn_is_told_and_each_is_acknowledged)
{
    setup();
    listen(&ben);
    script_say(&anna, "{'a':'p','ch':'room','id':'a','p':{'x':1},'pv':0}");
    script_say(&anna, "{'a':'p','ch':'room','id':'a','p':{'x':2},'pv':1}");
    script_say(&anna, "{'a':'p','ch':'room','id':'b','p':7,'pv':0}");
    world_run(&world);
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'a','p':{'x':2},'pv':1}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'b','p':7,'pv':0}");
    client_expect_silence(&ben);
    script_expect(&anna, id, "{'a':'p','ch':'room','src':'@','id':'a','p':{'x':1},'pv':0}");
    script_expect(&anna, id, "{'a':'p','ch':'room','src':'@','id':'a','p':{'x':2},'pv':1}");
    script_expect(&anna, id, "{'a':'p','ch':'room','src':'@','id':'b','p':7,'pv':0}");
    client_expect_silence(&anna);

    /* One that was overtaken on its way. */
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':{'x':0},'pv':0}");
    client_expect_silence(&ben);
    teardown();
}
END_TEST

START_TEST(a_listener_is_told_what_is_shown_already_and_again_when_it_asks)
{
    setup();
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':1,'pv':3}");
    listen(&ben);
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'a','p':1,'pv':3}");
    script_tell(&ben, "{'a':'pr','ch':'room'}");
    script_expect(&ben, id, "{'a':'pr'}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'a','p':1,'pv':3}");
    script_tell(&ben, "{'a':'ps','ch':'room','seq':2}");
    script_expect(&ben, id, "{'ch':'room','seq':2,'a':'ps'}");
    client_expect_silence(&ben);

    script_tell(&ben, "{'a':'pu','ch':'room','seq':3}");
    script_expect(&ben, id, "{'ch':'room','seq':3,'a':'pu'}");
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':2,'pv':4}");
    client_expect_silence(&ben);
    teardown();
}
END_TEST

START_TEST(what_a_client_shows_goes_with_it)
{
    setup();
    listen(&ben);
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':1,'pv':3}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'a','p':1,'pv':3}");
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':null,'pv':4}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'a','p':null,'pv':4}");
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':2,'pv':5}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'a','p':2,'pv':5}");
    client_disconnect(&anna);
    world_run(&world);
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'a','p':null,'pv':5}");
    client_expect_silence(&ben);
    teardown();
}
END_TEST

START_TEST(a_client_that_comes_back_is_asked_to_show_itself_again)
{
    char hello[100];

    setup();
    listen(&anna);
    client_disconnect(&anna);
    client_connect_as(&anna, &world, DIALECT_SHAREDB);
    script_quote(hello, "{'a':'hs','id':'@','protocol':1,'protocolMinor':2}", id);
    client_say(&anna, hello);
    client_say(&anna, hello); /* as the client does: when it is connected, and after `init` */
    world_run(&world);
    while (client_hears(&anna) != NULL)
        continue;
    listen(&anna);
    script_expect(&anna, "", "{'a':'pr','ch':'room'}");
    script_tell(&anna, "{'a':'ps','ch':'room','seq':1}"); /* once for each channel */
    script_expect(&anna, "", "{'ch':'room','seq':1,'a':'ps'}");
    client_expect_silence(&anna);
    teardown();
}
END_TEST

/* Fill what waits for ben, so that it counts as slow. */
static void fill(void)
{
    static char insert[LIMIT_FRAME_BYTES + 1];
    static char message[LIMIT_FRAME_BYTES + 200];

    memset(insert, 'x', sizeof(insert) - 1);
    snprintf(message, sizeof(message),
             "{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":0,\"seq\":1,\"x\":{},"
             "\"create\":{\"type\":\"text-unicode\",\"data\":\"%s\"}}",
             insert);
    client_say(&anna, message);
    world_run(&world);
    client_hears(&anna);
    ben.takes = 0;
    script_tell(&ben, "{'a':'f','c':'pets','d':'fido','v':null}");
}

START_TEST(a_slow_listener_skips_what_changes_and_never_what_is_gone)
{
    setup();
    listen(&ben);
    script_tell(&anna, "{'a':'p','ch':'room','id':'gone','p':1,'pv':0}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'gone','p':1,'pv':0}");
    fill();
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':1,'pv':1}");
    script_tell(&anna, "{'a':'p','ch':'room','id':'a','p':2,'pv':2}");
    script_tell(&anna, "{'a':'p','ch':'room','id':'gone','p':null,'pv':1}");
    ben.takes = SIZE_MAX;
    client_write(&ben);
    world_run(&world);
    script_expect(&ben, id, "{'data':{'v':1,'data':'xxxx$");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'gone','p':null,'pv':1}");
    script_expect(&ben, id, "{'a':'p','ch':'room','src':'@','id':'a','p':2,'pv':2}");
    client_expect_silence(&ben);
    teardown();
}
END_TEST

#define RICH "'c':'pets','d':'fido'"
#define RICH_TYPE "http://sharejs.org/types/rich-text/v1"
#define SHOW "{'a':'p','ch':'pets.fido','id':'a','pv':"

START_TEST(a_range_is_moved_along_its_document)
{
    setup();
    script_tell(&anna, "{'a':'op'," RICH ",'v':0,'seq':1,'x':{},'create':"
                       "{'type':'rich-text','data':[{'insert':'hello'}]}}");
    script_tell(&ben, "{'a':'s'," RICH ",'v':1}");
    script_tell(&ben, "{'a':'op'," RICH ",'v':1,'seq':1,'x':{},'op':[{'insert':'12'}]}");
    script_tell(&ben, "{'a':'ps','ch':'pets.fido','seq':1}");
    while (client_hears(&ben) != NULL)
        continue;
    script_tell(&anna, SHOW "0,'p':{'n':0,'index':1,'length':3,'m':[1]}," RICH
                            ",'v':1,'t':'" RICH_TYPE "'}");
    script_expect(&ben, id,
                  "{'a':'p','ch':'pets.fido','src':'@','id':'a','p':{'n':0,'index':3,'length':3,"
                  "'m':[1]},'pv':0,'c':'pets','d':'fido','v':2,'t':'" RICH_TYPE "'}");

    /* No range, and one that cannot be moved, are passed on. */
    script_tell(&anna, SHOW "1,'p':{'index':-1,'length':3}," RICH ",'v':1,'t':'" RICH_TYPE "'}");
    script_expect(&ben, id,
                  "{'a':'p','ch':'pets.fido','src':'@','id':'a','p':{'index':-1,'length':3},"
                  "'pv':1,'c':'pets','d':'fido','v':2,'t':'" RICH_TYPE "'}");

    /* Deleted, and made again: nobody is in the new one yet. */
    script_tell(&ben, "{'a':'op'," RICH ",'v':2,'seq':2,'x':{},'del':true}");
    script_tell(&ben, "{'a':'op'," RICH ",'v':3,'seq':3,'x':{},'create':{'type':'rich-text'}}");
    while (client_hears(&ben) != NULL)
        continue;
    script_tell(&ben, "{'a':'pr','ch':'pets.fido'}");
    script_expect(&ben, id, "{'a':'pr'}");
    client_expect_silence(&ben);
    teardown();
}
END_TEST

START_TEST(what_is_too_much_is_refused)
{
    setup();
    char message[LIMIT_PRESENCE_BYTES + 200];
    char large[LIMIT_PRESENCE_BYTES + 1];

    memset(large, '1', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    snprintf(message, sizeof(message),
             "{\"a\":\"p\",\"ch\":\"room\",\"id\":\"a\",\"p\":\"%s\",\"pv\":1}", large);
    client_say(&anna, message);
    world_run(&world);
    ck_assert_ptr_nonnull(strstr(client_hears(&anna), "larger than the limit"));

    for (int i = 0; i < LIMIT_PRESENCE_VALUES; i++) {
        snprintf(message, sizeof(message), "{'a':'p','ch':'room','id':'i%d','p':1,'pv':1}", i);
        script_tell(&anna, message);
        ck_assert_ptr_null(strstr(client_hears(&anna), "error"));
    }
    script_tell(&anna, "{'a':'p','ch':'room','id':'over','p':1,'pv':1}");
    ck_assert_ptr_nonnull(strstr(client_hears(&anna), "error"));
    script_tell(&anna, "{'a':'p','ch':'room','id':'i7','p':2,'pv':2}");
    ck_assert_ptr_null(strstr(client_hears(&anna), "error"));
    teardown();
}
END_TEST

TEST_MAIN("room", the_latest_of_a_turn_is_told_and_each_is_acknowledged,
          a_listener_is_told_what_is_shown_already_and_again_when_it_asks,
          what_a_client_shows_goes_with_it, a_client_that_comes_back_is_asked_to_show_itself_again,
          a_slow_listener_skips_what_changes_and_never_what_is_gone,
          a_range_is_moved_along_its_document, what_is_too_much_is_refused)
