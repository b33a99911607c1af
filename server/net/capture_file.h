/* capture_file - a capture on disk, whole up to the last record however the process ends.
 *
 * The file is mapped and written by memory: what has been recorded survives the process, kill -9
 * and abort() among its ends, without a system call for it. It grows in steps whose blocks are
 * allocated beforehand; the rest of the last step is zeros, which a reader takes for the end. A
 * power cut may take the last seconds.
 *
 *   FILE  FILE.2  FILE.3 …      a new part begins behind a record when one has reached its size
 *
 * A capture begins with its process, so all parts are needed to run it again. */
#ifndef SERVER_NET_CAPTURE_FILE_H
#define SERVER_NET_CAPTURE_FILE_H

#include <stdint.h>

#include "server/collab/capture.h"

struct capture_file;

/* Make FILE, which must not be there yet; only its owner may read it. A part is at least one record
 * and then ends behind `part_bytes`. FAILED with the reason. */
MUST_CHECK enum status capture_file_create(const char *path, uint64_t part_bytes,
                                           struct capture_file **file, struct fault *fault);

/* Cut the last part to what it holds. NULL allowed. */
void capture_file_destroy(struct capture_file *file);

/* To be given to the hub; the file outlives it. When the disk is full that is logged, the server
 * goes on without it, and what was recorded up to there is whole. */
struct capture *capture_file_capture(struct capture_file *file);

#endif
