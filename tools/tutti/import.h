/* import - a dump of another server, document by document, into the store of a stopped one. */
#ifndef TOOLS_TUTTI_IMPORT_H
#define TOOLS_TUTTI_IMPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fault.h"

struct backend;

struct import {
    struct backend *backend;
    FILE *dump;     /* can be read twice */
    FILE *problems; /* each is a line: where, which document, what */
    bool snapshots_only;
    /* Out: */
    uint64_t documents;  /* that were imported … */
    uint64_t operations; /* … with so many operations */
    uint64_t known;      /* that the store had already, the same */
    uint64_t refused;    /* of which nothing was imported */
};

/* Read a dump of a ShareDB database (dump_line.h). The lines of a document stand together, in the
 * order of their versions. First all lines are read: when one is none, or a document comes twice,
 * nothing is imported. Then each document is imported whole or refused with its first problem. */
MUST_CHECK enum status import_run(struct import *import, struct fault *fault);

#endif
