/* sim_limits - the limits of base/limits.h, small enough to be reached by what a few people type in
 * a few seconds. The build puts this file before each source of the simulator and of the hub in it;
 * what the limits are for stands there. */
#ifndef TESTS_SIM_SIM_LIMITS_H
#define TESTS_SIM_SIM_LIMITS_H

#include "base/limits.h"

#define LIMIT_PRIVATE_BYTES 2048
#define LIMIT_STREAM_BYTES 1024
#define LIMIT_FRAME_BYTES 256
#define LIMIT_WRITE_SPANS 4
#define LIMIT_HISTORY_ENTRIES 12
#define LIMIT_HISTORY_BYTES 2048
#define LIMIT_BASE_AGE 24
#define LIMIT_BATCH_ENTRIES 6
#define LIMIT_SNAPSHOT_ENTRIES 10
#define LIMIT_SINCE_ENTRIES 5
#define LIMIT_SINGLE_OPERATIONS 3
#define LIMIT_COMPOSED_PER_TURN 8
#define LIMIT_CATCH_UP_ENTRIES 40
#define LIMIT_FOLD_ENTRIES 4
#define LIMIT_PRESENCE_MS 6000
#define LIMIT_CHECK_EVERY 4

#endif
