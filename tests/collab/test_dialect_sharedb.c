/* ShareDB's clients on a whole node: what they say, what they hear, and in which order. Messages
 * are written with ' for ", which none of them needs. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "tests/collab/sharedb_script.h"
#include "tests/collab/world.h"
#include "tests/runner.h"
#include "tests/store/requests.h"

static struct world world;
static struct client anna;
static struct client ben;
static struct client native;
static char anna_id[SOURCE_LETTERS + 1];

/* The next message: `@` stands for the id of anna's session. */
static void expect(struct client *client, const char *text)
{
    script_expect(client, anna_id, text);
}

static void join(struct client *client)
{
    char id[SOURCE_LETTERS + 1];

    script_join(client, &world, id);
}

static void setup(void)
{
    world_init(&world);
    script_join(&anna, &world, anna_id);
    join(&ben);
}

static void teardown(void)
{
    client_finish(&anna);
    client_finish(&ben);
    if (native.heard != NULL)
        client_finish(&native);
    world_finish(&world);
}

#define JSON0 "http://sharejs.org/types/JSONv0"
#define TEXT "http://sharejs.org/types/text-unicode"
#define AT "'c':'pets','d':'fido'"

static void create(struct client *client)
{
    script_tell(client, "{'a':'op'," AT ",'v':0,'seq':1,'x':{},"
                        "'create':{'type':'text-unicode','data':'ac'}}");
}

START_TEST(takes_the_session_of_an_id_that_it_issued)
{
    setup();
    char hs[SCRIPT_MAX];

    script_tell(&ben, "{'a':'hs','id':'f8185a6b','protocol':1,'protocolMinor':2}");
    const char *heard = client_hears(&ben);
    ck_assert_ptr_nonnull(strstr(heard, "\"a\":\"hs\""));
    ck_assert_ptr_null(strstr(heard, "f8185a6b"));

    client_disconnect(&anna);
    join(&anna);
    snprintf(hs, sizeof(hs), "{'a':'hs','id':'%s','protocol':1,'protocolMinor':2}", anna_id);
    script_tell(&anna, hs);
    expect(&anna, "{'a':'hs','protocol':1,'protocolMinor':2,'id':'@','type':'" JSON0 "'}");
    teardown();
}
END_TEST

START_TEST(acknowledges_by_the_operation_itself)
{
    setup();
    create(&anna);
    expect(&anna, "{'a':'op'," AT ",'v':0,'src':'@','seq':1,"
                  "'create':{'type':'" TEXT "','data':'ac'}}");
    script_tell(&ben, "{'a':'s'," AT ",'v':null}");
    expect(&ben, "{'data':{'v':1,'data':'ac','type':'" TEXT "'},'a':'s'," AT "}");
    script_tell(&anna, "{'a':'s'," AT ",'v':1}");
    expect(&anna, "{'a':'s'," AT "}");
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':[1,'X']}");
    expect(&anna, "{'a':'op'," AT ",'v':1,'src':'@','seq':2,'op':[1,'X']}");
    expect(&ben, "{'a':'op'," AT ",'v':1,'src':'@','seq':2,'op':[1,'X']}");
    client_expect_silence(&anna);
    client_expect_silence(&ben);
    teardown();
}
END_TEST

/* Without a subscription: what it misses goes before its own, and each of them once. */
START_TEST(brings_what_an_author_misses_before_its_acknowledgement)
{
    setup();
    create(&ben);
    client_hears(&ben);
    script_tell(&ben, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':['1']}");
    client_hears(&ben);
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':1,'x':{},'op':['A']}");
    expect(&anna, "{'a':'op'," AT ",'v':1,'src':'$");
    expect(&anna, "{'a':'op'," AT ",'v':2,'src':'@','seq':1,'op':['A']}");
    client_expect_silence(&anna);
    client_expect_silence(&ben);
    teardown();
}
END_TEST

/* "Left" is the later in server order, and goes first in text, whoever wrote the other one. */
START_TEST(a_tie_goes_to_the_later_one)
{
    setup();
    create(&anna);
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':[1,'1']}");
    script_tell(&ben, "{'a':'op'," AT ",'v':1,'seq':1,'x':{},'op':[1,'2']}");
    script_tell(&ben, "{'a':'f'," AT "}");
    client_hears(&ben);
    client_hears(&ben);
    expect(&ben, "{'data':{'v':3,'data':'a21c','type':'" TEXT "'},'a':'f'," AT "}");
    teardown();
}
END_TEST

START_TEST(a_repeat_is_acknowledged_where_it_was_applied)
{
    setup();
    create(&anna);
    client_hears(&anna);
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':5,'x':{},'op':['X']}");
    client_hears(&anna);
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':5,'src':'ZZ','x':{},'op':['X']}");
    expect(&anna,
           "{'a':'op'," AT ",'v':1,'seq':5,'src':'ZZ','x':{},'op':['X'],'error':{'code':"
           "'ERR_CLIENT_ID_BADLY_FORMED','message':'src is not the id of this connection'}}");
    /* Also at a version behind it, where the reference applies it again. */
    script_tell(&anna, "{'a':'op'," AT ",'v':2,'seq':5,'x':{},'op':['X']}");
    expect(&anna, "{'a':'op'," AT ",'v':1,'src':'@','seq':5,'op':['X']}");
    script_tell(&anna, "{'a':'s'," AT ",'v':2}");
    expect(&anna, "{'a':'s'," AT "}");
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':5,'x':{},'op':['X']}");
    expect(&anna, "{'src':'@','seq':5,'v':1,'a':'op'," AT "}");
    /* One that was never sent is no repeat, though its number is behind the last. */
    script_tell(&anna, "{'a':'op'," AT ",'v':2,'seq':3,'x':{},'op':['Y']}");
    expect(&anna, "{'a':'op'," AT ",'v':2,'seq':3,'x':{},'op':['Y'],'error':{'code':"
                  "'ERR_OP_ALREADY_SUBMITTED','message':'Op already submitted'}}");
    teardown();
}
END_TEST

START_TEST(a_deleted_document_can_be_made_again)
{
    setup();
    create(&anna);
    script_tell(&ben, "{'a':'s'," AT ",'v':null}");
    client_hears(&ben);
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'del':true}");
    expect(&ben, "{'a':'op'," AT ",'v':1,'src':'@','seq':2,'del':true}");
    script_tell(&ben, "{'a':'op'," AT ",'v':1,'seq':1,'x':{},'op':['X']}");
    expect(&ben, "{'a':'op'," AT ",'v':1,'seq':1,'x':{},'op':['X'],'error':{'code':"
                 "'ERR_DOC_WAS_DELETED','message':'Document was deleted'}}");
    script_tell(&ben, "{'a':'op'," AT ",'v':2,'seq':2,'x':{},'op':['X']}");
    expect(&ben, "{'a':'op'," AT ",'v':2,'seq':2,'x':{},'op':['X'],'error':{'code':"
                 "'ERR_DOC_DOES_NOT_EXIST','message':'Document does not exist'}}");
    script_tell(&ben, "{'a':'op'," AT ",'v':2,'seq':3,'x':{},'del':true}");
    expect(&ben, "{'a':'op'," AT ",'v':2,'src':'$");
    script_tell(&anna, "{'a':'op'," AT ",'v':null,'seq':3,'x':{},'create':{'type':'json0'}}");
    expect(&ben, "{'a':'op'," AT ",'v':3,'src':'@','seq':3,'create':{'type':'" JSON0 "'}}");
    script_tell(&ben, "{'a':'op'," AT ",'v':3,'seq':4,'x':{},'create':{'type':'json0'}}");
    expect(&ben, "{'a':'op'," AT ",'v':3,'seq':4,'x':{},'create':{'type':'json0'},'error':{'code':"
                 "'ERR_DOC_ALREADY_CREATED','message':'Document was created remotely'}}");
    script_tell(&ben, "{'a':'f'," AT "}");
    expect(&ben, "{'data':{'v':4,'data':null},'a':'f'," AT "}");
    teardown();
}
END_TEST

START_TEST(answers_for_several_documents_with_one_message)
{
    setup();
    create(&anna);
    script_tell(&ben, "{'a':'bs','c':'pets','b':['fido','rex']}");
    expect(&ben, "{'data':{'fido':{'v':1,'data':'ac','type':'" TEXT "'},"
                 "'rex':{'v':0,'type':null}},'a':'bs','c':'pets'}");
    script_tell(&ben, "{'a':'bf','c':'pets','b':{'fido':0,'rex':0}}");
    expect(&ben, "{'a':'op'," AT ",'v':0,'src':'@','seq':1,"
                 "'create':{'type':'" TEXT "','data':'ac'}}");
    expect(&ben, "{'a':'bf','c':'pets','b':{'fido':0,'rex':0}}");
    script_tell(&ben, "{'a':'bu','c':'pets','b':['fido','rex']}");
    expect(&ben, "{'a':'bu','c':'pets','b':['fido','rex']}");
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':['X']}");
    client_expect_silence(&ben);
    script_tell(&ben, "{'a':'bf','c':'pets','b':[]}");
    expect(&ben, "{'data':{},'a':'bf','c':'pets'}");
    teardown();
}
END_TEST

/* A subscription that ends with an operation in flight: its author is told all the same. */
START_TEST(an_author_that_stops_reading_is_acknowledged)
{
    setup();
    create(&anna);
    script_tell(&anna, "{'a':'s'," AT ",'v':1}");
    while (client_hears(&anna) != NULL)
        continue;
    world.store_stuck = true;
    script_say(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':['X']}");
    world_run(&world);
    script_say(&anna, "{'a':'u'," AT "}");
    world_run(&world);
    expect(&anna, "{'a':'u'," AT "}");
    world.store_stuck = false;
    world_run(&world);
    expect(&anna, "{'a':'op'," AT ",'v':1,'src':'@','seq':2,'op':['X']}");
    client_expect_silence(&anna);
    teardown();
}
END_TEST

/* What it has sent goes on, what it has asked for is forgotten. */
START_TEST(a_client_that_goes_away_is_told_nothing)
{
    setup();
    create(&anna);
    world.store_stuck = true;
    script_say(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':['X']}");
    script_say(&anna, "{'a':'bs','c':'pets','b':['fido','rex']}");
    world_run(&world);
    client_disconnect(&anna);
    world.store_stuck = false;
    world_run(&world);
    script_tell(&ben, "{'a':'f'," AT "}");
    expect(&ben, "{'data':{'v':2,'data':'Xac','type':'" TEXT "'},'a':'f'," AT "}");
    teardown();
}
END_TEST

START_TEST(shares_a_document_with_a_native_client)
{
    setup();
    create(&anna);
    client_join(&native, &world, 'n', "pets/fido", "text");
    script_tell(&anna, "{'a':'s'," AT ",'v':1}");
    client_hears(&anna);
    expect(&anna, "{'a':'s'," AT "}");
    script_tell(&native, "[1,1,1,[1,'N']]");
    expect(&anna, "{'a':'op'," AT ",'v':1,'src':'$");
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':[1,'A']}");
    expect(&anna, "{'a':'op'," AT ",'v':2,'src':'@','seq':2,'op':[1,'A']}");
    client_hears(&native);
    char own[SCRIPT_MAX];
    snprintf(own, sizeof(own), "[1,3,'%.8s',[1,'A']]", anna_id);
    expect(&native, own);
    teardown();
}
END_TEST

START_TEST(a_malformed_message_closes_its_connection_alone)
{
    setup();
    script_tell(&ben, "nonsense");
    ck_assert_uint_eq(ben.close_code, WEBSOCKET_CLOSE_INTERNAL);
    join(&ben);
    script_tell(&ben, "5");
    ck_assert_uint_eq(ben.close_code, WEBSOCKET_CLOSE_NORMAL);
    script_tell(&anna, "{'a':'pp'}");
    expect(&anna, "{'a':'pp'}");
    script_tell(&anna, "{'a':'zz','q':1}");
    expect(&anna, "{'a':'zz','q':1,'error':{'code':'ERR_MESSAGE_BADLY_FORMED',"
                  "'message':'Invalid or unknown message'}}");
    teardown();
}
END_TEST

/* It had a version, until another node was found to have deleted the document at that. */
START_TEST(an_operation_of_a_lost_batch_is_told_what_became_of_it)
{
    struct entry deletion = edit_of(2, 0, "");
    struct batch_document document = {
        .name = SPAN("pets/fido"), .head = 1, .entries = &deletion, .count = 1};

    setup();
    create(&anna);
    client_hears(&anna);
    world.store_stuck = true;
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':['X']}");
    document.epoch = claimed(world.backend, "pets/fido");
    deletion.epoch = document.epoch;
    deletion.kind = ENTRY_DELETE;
    ck_assert_int_eq(commit_alone(world.backend, document), STATUS_OK);
    world.store_stuck = false;
    world_pass(&world, 1000);
    expect(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':['X'],'error':{'code':"
                  "'ERR_DOC_WAS_DELETED','message':'Document was deleted'}}");
    client_expect_silence(&anna);
    teardown();
}
END_TEST

#define LARGE "{'a':'op'," AT ",'v':1,'src':'@','seq':2,'x':{}"
#define TOO_LARGE                                                                                  \
    ",'error':{'code':'ERR_OT_OP_NOT_APPLIED','message':'a message of 2000000 bytes is above the " \
    "limit of 1048576'}}"

static void say_oversized(struct client *client, const char *beginning)
{
    char text[SCRIPT_MAX];

    script_quote(text, beginning, anna_id);
    client_say_oversized(client, text, 2000000);
    world_run(&world);
}

/* Its client takes it back and goes on; every copy of it gets the same. */
START_TEST(an_oversized_operation_is_refused_for_good)
{
    setup();
    create(&anna);
    client_hears(&anna);
    say_oversized(&anna, LARGE ",'op':[1,'xxx");
    expect(&anna, LARGE TOO_LARGE);
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':3,'x':{},'op':[1,'X']}");
    expect(&anna, "{'a':'op'," AT ",'v':1,'src':'@','seq':3,'op':[1,'X']}");

    client_disconnect(&anna);
    join(&anna);
    char hs[SCRIPT_MAX];
    snprintf(hs, sizeof(hs), "{'a':'hs','id':'%s','protocol':1,'protocolMinor':2}", anna_id);
    script_tell(&anna, hs);
    expect(&anna, "{'a':'hs',$");
    say_oversized(&anna, LARGE ",'op':[1,'xxx");
    expect(&anna, LARGE TOO_LARGE);
    script_tell(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':[1,'small by now']}");
    expect(&anna, "{'a':'op'," AT ",'v':1,'seq':2,'x':{},'op':[1,'small by now'],'error':{'code':"
                  "'ERR_OT_OP_NOT_APPLIED','message':'larger than the limit'}}");
    script_tell(&ben, "{'a':'f'," AT "}");
    expect(&ben, "{'data':{'v':2,'data':'aXc','type':'" TEXT "'},'a':'f'," AT "}");
    teardown();
}
END_TEST

START_TEST(an_oversized_message_is_answered_as_far_as_it_can_be_made_out)
{
    setup();
    say_oversized(&anna, "{'a':'op'," AT ",'v':null,'seq':1,'x':{},'create':{'type':'json0'");
    expect(&anna, "{'a':'op'," AT ",'v':null,'seq':1,'x':{}" TOO_LARGE);
    say_oversized(&anna, "{'a':'op'," AT ",'v':1,'src':'ZZ','seq':2,'op':[");
    expect(&anna,
           "{'a':'op'," AT ",'v':1,'src':'ZZ','seq':2,'error':{'code':"
           "'ERR_CLIENT_ID_BADLY_FORMED','message':'src is not the id of this connection'}}");
    say_oversized(&anna, "{'a':'op'," AT ",'v':1,'seq':0,'op':[");
    expect(&anna, "{'a':'op'," AT ",'v':1,'seq':0,'error':{'code':'ERR_MESSAGE_BADLY_FORMED',"
                  "'message':'Invalid seq'}}");
    say_oversized(&anna, "{'a':'bs','c':'pets','b':['fido',");
    ck_assert_uint_eq(anna.close_code, WEBSOCKET_CLOSE_TOO_LARGE);
    say_oversized(&ben, "{'a':'op','op':[");
    ck_assert_uint_eq(ben.close_code, WEBSOCKET_CLOSE_TOO_LARGE);
    teardown();
}
END_TEST

/* It takes nothing: its connection is closed, and what it missed comes when it is back. */
START_TEST(a_reader_that_stays_full_is_closed)
{
    setup();
    static char insert[300000];
    static char message[310000];

    create(&anna);
    script_tell(&ben, "{'a':'s'," AT ",'v':null}");
    client_hears(&ben);
    ben.takes = 0;
    memset(insert, 'x', sizeof(insert) - 1);
    for (unsigned i = 0; i < 8; i++) {
        snprintf(message, sizeof(message),
                 "{\"a\":\"op\",\"c\":\"pets\",\"d\":\"fido\",\"v\":%u,\"seq\":%u,\"x\":{},\"op\":"
                 "[\"%s\"]}",
                 i + 1, i + 2, insert);
        client_say(&anna, message);
        world_run(&world);
    }
    ben.takes = SIZE_MAX;
    client_write(&ben);
    world_run(&world);
    ck_assert_uint_eq(ben.close_code, WEBSOCKET_CLOSE_TRY_LATER);
    teardown();
}
END_TEST

/* Its clients say nothing by themselves: a silent one is asked, and given up when it does not
 * answer. */
START_TEST(a_silent_client_is_asked)
{
    setup();
    world_pass(&world, LIMIT_HEARTBEAT_MS + 1000);
    link_heard(anna.link, world.now_ms);
    world_pass(&world, LIMIT_HEARTBEAT_MS);
    world_pass(&world, 2000);
    ck_assert_ptr_nonnull(anna.link);
    ck_assert_ptr_null(ben.link);
    ck_assert_uint_eq(ben.close_code, WEBSOCKET_CLOSE_GOING_AWAY);
    teardown();
}
END_TEST

TEST_MAIN("dialect_sharedb", takes_the_session_of_an_id_that_it_issued,
          acknowledges_by_the_operation_itself,
          brings_what_an_author_misses_before_its_acknowledgement, a_tie_goes_to_the_later_one,
          a_repeat_is_acknowledged_where_it_was_applied, a_deleted_document_can_be_made_again,
          answers_for_several_documents_with_one_message,
          an_author_that_stops_reading_is_acknowledged, a_client_that_goes_away_is_told_nothing,
          shares_a_document_with_a_native_client, a_malformed_message_closes_its_connection_alone,
          an_operation_of_a_lost_batch_is_told_what_became_of_it,
          an_oversized_operation_is_refused_for_good,
          an_oversized_message_is_answered_as_far_as_it_can_be_made_out,
          a_reader_that_stays_full_is_closed, a_silent_client_is_asked)
