#include "server/collab/dialect.h"

#include "tests/collab/frame_script.h"
#include "tests/runner.h"

START_TEST(tells_a_new_epoch_before_its_first_operation)
{
    begin();
    add(5, EPOCH, ENTRY_EDIT, "[\"a\"]");
    add(6, EPOCH + 1, ENTRY_EDIT, "[\"b\"]");
    add(7, EPOCH + 1, ENTRY_EDIT, "[\"c\"]");
    expect("[7,5,\"AAAAAAAA\",[\"a\"]]\n"
           "[\"epoch\",7,4]\n"
           "[7,6,\"AAAAAAAA\",[\"b\"],\"AAAAAAAA\",[\"c\"]]\n");
}
END_TEST

START_TEST(gives_creations_and_deletions_their_own_messages)
{
    begin();
    add(1, EPOCH, ENTRY_CREATE, "{\"data\":\"x\",\"type\":\"text\"}");
    add(2, EPOCH, ENTRY_EDIT, "[\"a\"]");
    add(3, EPOCH, ENTRY_DELETE, NULL);
    expect("[\"made\",7,1,\"AAAAAAAA\",\"text\",\"x\"]\n"
           "[7,2,\"AAAAAAAA\",[\"a\"]]\n"
           "[\"closed\",7,213,\"the document was deleted\"]\n");
}
END_TEST

TEST_MAIN("dialect_native", tells_a_new_epoch_before_its_first_operation,
          gives_creations_and_deletions_their_own_messages)
